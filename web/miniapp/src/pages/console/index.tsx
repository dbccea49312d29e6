import { Page, Skeleton } from '@/ui'

export default function Console() {
  return (
    <Page title="登录管理后台">
      <Skeleton lines={4} />
    </Page>
  )
}
