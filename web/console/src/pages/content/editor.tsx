import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function ArticleEditor() {
  return <Page title="写文章"><Soon /></Page>
}
