import { Page, Skeleton } from '@/ui'

export default function PostNews() {
  return (
    <Page title="发动态">
      <Skeleton lines={4} />
    </Page>
  )
}
