import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function Templates() {
  return <Page title="消息模板"><Soon /></Page>
}
