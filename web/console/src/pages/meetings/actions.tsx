import { Page } from '~/ui/page'

export default function Actions() {
  return <Page title="督办事项" />
}
