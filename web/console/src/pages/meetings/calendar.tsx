import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function MeetingCalendar() {
  return <Page title="会议日历"><Soon /></Page>
}
