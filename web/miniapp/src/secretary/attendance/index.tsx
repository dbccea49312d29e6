import { Page, Skeleton } from '@/ui'

export default function Attendance() {
  return (
    <Page title="出席情况">
      <Skeleton lines={4} />
    </Page>
  )
}
