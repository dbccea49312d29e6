import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function Actions() {
  return <Page title="督办事项"><Soon /></Page>
}
