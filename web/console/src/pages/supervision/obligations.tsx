import { Page } from '~/ui/page'

export default function Obligations() {
  return <Page title="应开展的组织生活" />
}
