import { Page, Skeleton } from '@/ui'

export default function Mine() {
  return (
    <Page title="我的" tab>
      <Skeleton lines={4} />
    </Page>
  )
}
