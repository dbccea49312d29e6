import { Page, Skeleton } from '@/ui'

export default function Reminders() {
  return (
    <Page title="提醒与订阅">
      <Skeleton lines={4} />
    </Page>
  )
}
