import { Page } from '~/ui/page'

export default function Switches() {
  return <Page title="开关" />
}
