import { Page } from '~/ui/page'

export default function HandoverPage() {
  return <Page title="工作交接" />
}
