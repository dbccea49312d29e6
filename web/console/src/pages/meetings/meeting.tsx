import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function Meeting() {
  return <Page title="会议"><Soon /></Page>
}
