import { Page } from '~/ui/page'

export default function HolidaysAndEvents() {
  return <Page title="放假安排与活动" />
}
