import { Page, Skeleton } from '@/ui'

export default function Minutes() {
  return (
    <Page title="会议记录">
      <Skeleton lines={4} />
    </Page>
  )
}
