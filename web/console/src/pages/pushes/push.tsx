import { Page } from '~/ui/page'

export default function PushPage() {
  return <Page title="推送" />
}
