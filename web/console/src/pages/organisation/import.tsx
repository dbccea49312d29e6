import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function RosterImport() {
  return <Page title="导入花名册"><Soon /></Page>
}
