import { Page, Skeleton } from '@/ui'

export default function CallMeeting() {
  return (
    <Page title="召集会议">
      <Skeleton lines={4} />
    </Page>
  )
}
