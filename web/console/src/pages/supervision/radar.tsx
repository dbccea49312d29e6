import { Page } from '~/ui/page'

export default function Radar() {
  return <Page title="督导总览" />
}
