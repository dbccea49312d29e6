import { Page } from '~/ui/page'

export default function RosterImport() {
  return <Page title="导入花名册" />
}
