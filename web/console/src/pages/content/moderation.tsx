import { Page } from '~/ui/page'

export default function Moderation() {
  return <Page title="评论与图片审核" />
}
