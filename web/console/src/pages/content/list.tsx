import { Page } from '~/ui/page'

export default function ArticleList() {
  return <Page title="文章" />
}
