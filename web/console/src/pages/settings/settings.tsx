import { Page } from '~/ui/page'

export default function Settings() {
  return <Page title="微信与运行" />
}
