import { Page } from '~/ui/page'

export default function OrganisationTree() {
  return <Page title="组织与角色" />
}
