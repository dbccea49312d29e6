import { Page, Skeleton } from '@/ui'

export default function Article() {
  return (
    <Page title="学习">
      <Skeleton lines={4} />
    </Page>
  )
}
