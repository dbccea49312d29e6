import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function CallMeeting() {
  return <Page title="召集会议"><Soon /></Page>
}
