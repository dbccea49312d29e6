import { Page, Skeleton } from '@/ui'

export default function PushPlan() {
  return (
    <Page title="触达预演">
      <Skeleton lines={4} />
    </Page>
  )
}
