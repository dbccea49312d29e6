import { Page } from '~/ui/page'

export default function CallMeeting() {
  return <Page title="召集会议" />
}
