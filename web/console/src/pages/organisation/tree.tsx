import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function OrganisationTree() {
  return <Page title="组织与角色"><Soon /></Page>
}
