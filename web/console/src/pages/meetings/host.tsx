import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function HostScreen() {
  return <Page title="主持人屏幕"><Soon /></Page>
}
