import { Page } from '~/ui/page'

export default function Templates() {
  return <Page title="消息模板" />
}
