import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function PrivacySettings() {
  return <Page title="个人信息"><Soon /></Page>
}
