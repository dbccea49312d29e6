import { Page, Skeleton } from '@/ui'

export default function CheckIn() {
  return (
    <Page title="会议签到">
      <Skeleton lines={4} />
    </Page>
  )
}
