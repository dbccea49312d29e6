import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function Switches() {
  return <Page title="开关"><Soon /></Page>
}
