import { Page } from '~/ui/page'

export default function HostScreen() {
  return <Page title="主持人屏幕" />
}
