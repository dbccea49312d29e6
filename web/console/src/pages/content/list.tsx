import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function ArticleList() {
  return <Page title="文章"><Soon /></Page>
}
