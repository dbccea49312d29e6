import { Page } from '~/ui/page'

export default function MeetingSlots() {
  return <Page title="找合适的时间" />
}
