import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function MeetingMinutes() {
  return <Page title="会议记录"><Soon /></Page>
}
