import { Page } from '~/ui/page'

export default function ArticleRevisions() {
  return <Page title="历次修改" />
}
