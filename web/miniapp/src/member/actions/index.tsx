import { Page, Skeleton } from '@/ui'

export default function Actions() {
  return (
    <Page title="我的督办事项">
      <Skeleton lines={4} />
    </Page>
  )
}
