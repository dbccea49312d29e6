import { Page } from '~/ui/page'

export default function AnnualCheck() {
  return <Page title="年检" />
}
