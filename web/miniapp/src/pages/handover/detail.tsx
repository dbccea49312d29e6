import { Page, Skeleton } from '@/ui'

export default function Handover() {
  return (
    <Page title="工作交接">
      <Skeleton lines={4} />
    </Page>
  )
}
