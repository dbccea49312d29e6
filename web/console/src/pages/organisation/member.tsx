import { Page } from '~/ui/page'

export default function MemberPage() {
  return <Page title="成员" />
}
