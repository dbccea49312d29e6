import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function MeetingSlots() {
  return <Page title="找合适的时间"><Soon /></Page>
}
