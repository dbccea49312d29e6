import { Page } from '~/ui/page'

export default function ArticleEditor() {
  return <Page title="写文章" />
}
