import { Page, Skeleton } from '@/ui'

export default function Home() {
  return (
    <Page title="首页" tab>
      <Skeleton lines={4} />
    </Page>
  )
}
