import { Page } from '~/ui/page'

export default function SuggestionList() {
  return <Page title="意见建议" />
}
