import { Page, Skeleton } from '@/ui'

export default function Favourites() {
  return (
    <Page title="我的收藏">
      <Skeleton lines={4} />
    </Page>
  )
}
