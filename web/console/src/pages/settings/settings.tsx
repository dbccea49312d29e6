import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function Settings() {
  return <Page title="微信与运行"><Soon /></Page>
}
