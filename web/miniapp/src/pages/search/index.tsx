import { Page, Skeleton } from '@/ui'

export default function Search() {
  return (
    <Page title="搜索">
      <Skeleton lines={4} />
    </Page>
  )
}
