import { Page, Skeleton } from '@/ui'

export default function Privacy() {
  return (
    <Page title="个人信息与隐私">
      <Skeleton lines={4} />
    </Page>
  )
}
