import { Page } from '~/ui/page'

export default function Handovers() {
  return <Page title="工作交接" />
}
