import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function ArticleRevisions() {
  return <Page title="历次修改"><Soon /></Page>
}
