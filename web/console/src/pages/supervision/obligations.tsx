import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function Obligations() {
  return <Page title="应开展的组织生活"><Soon /></Page>
}
