import { Page } from '~/ui/page'

export default function PrivacySettings() {
  return <Page title="个人信息" />
}
