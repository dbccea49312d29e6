import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function HolidaysAndEvents() {
  return <Page title="放假安排与活动"><Soon /></Page>
}
