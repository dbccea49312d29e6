import { Page, Skeleton } from '@/ui'

export default function Suggestions() {
  return (
    <Page title="意见建议" tab>
      <Skeleton lines={4} />
    </Page>
  )
}
