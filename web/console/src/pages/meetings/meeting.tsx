import { Page } from '~/ui/page'

export default function Meeting() {
  return <Page title="会议" />
}
