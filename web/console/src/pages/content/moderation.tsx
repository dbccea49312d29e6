import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function Moderation() {
  return <Page title="评论与图片审核"><Soon /></Page>
}
