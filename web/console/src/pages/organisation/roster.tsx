import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function Roster() {
  return <Page title="花名册"><Soon /></Page>
}
