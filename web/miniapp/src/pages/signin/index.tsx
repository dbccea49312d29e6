import { Page, Skeleton } from '@/ui'

export default function SignIn() {
  return (
    <Page title="登录">
      <Skeleton lines={4} />
    </Page>
  )
}
