import { Page } from '~/ui/page'

export default function ComposePush() {
  return <Page title="发推送" />
}
