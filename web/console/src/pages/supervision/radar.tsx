import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function Radar() {
  return <Page title="督导总览"><Soon /></Page>
}
