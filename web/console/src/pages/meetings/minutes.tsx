import { Page } from '~/ui/page'

export default function MeetingMinutes() {
  return <Page title="会议记录" />
}
