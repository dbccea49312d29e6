import { Page, Skeleton } from '@/ui'

export default function Meetings() {
  return (
    <Page title="会议" tab>
      <Skeleton lines={4} />
    </Page>
  )
}
