import { Page } from '~/ui/page'

export default function Account() {
  return <Page title="账号与登录设备" />
}
