import { Page, Skeleton } from '@/ui'

export default function Desk() {
  return (
    <Page title="支部工作台">
      <Skeleton lines={4} />
    </Page>
  )
}
