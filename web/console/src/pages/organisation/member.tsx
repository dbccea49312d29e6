import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function MemberPage() {
  return <Page title="成员"><Soon /></Page>
}
