import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function WorkRecord() {
  return <Page title="工作纪实"><Soon /></Page>
}
