import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function Handovers() {
  return <Page title="工作交接"><Soon /></Page>
}
