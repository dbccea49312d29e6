import { Page, Skeleton } from '@/ui'

export default function Suggestion() {
  return (
    <Page title="意见建议">
      <Skeleton lines={4} />
    </Page>
  )
}
