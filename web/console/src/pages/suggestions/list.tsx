import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function SuggestionList() {
  return <Page title="意见建议"><Soon /></Page>
}
