import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function Policy() {
  return <Page title="制度参数"><Soon /></Page>
}
