import { Page } from '~/ui/page'

export default function Roster() {
  return <Page title="花名册" />
}
