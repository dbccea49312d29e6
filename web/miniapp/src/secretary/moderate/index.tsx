import { Page, Skeleton } from '@/ui'

export default function Moderate() {
  return (
    <Page title="评论审核">
      <Skeleton lines={4} />
    </Page>
  )
}
