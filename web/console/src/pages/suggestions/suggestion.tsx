import { Page } from '~/ui/page'

export default function SuggestionPage() {
  return <Page title="意见建议" />
}
