import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function Audit() {
  return <Page title="审计"><Soon /></Page>
}
