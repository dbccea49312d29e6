import { Page } from '~/ui/page'

export default function PushList() {
  return <Page title="推送记录" />
}
