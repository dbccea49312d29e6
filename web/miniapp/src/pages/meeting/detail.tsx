import { Page, Skeleton } from '@/ui'

export default function Meeting() {
  return (
    <Page title="会议详情">
      <Skeleton lines={4} />
    </Page>
  )
}
