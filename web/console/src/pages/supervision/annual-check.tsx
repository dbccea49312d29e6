import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function AnnualCheck() {
  return <Page title="年检"><Soon /></Page>
}
