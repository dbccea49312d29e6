import { Page } from '~/ui/page'

export default function MeetingCalendar() {
  return <Page title="会议日历" />
}
