import { Page, Skeleton } from '@/ui'

export default function Ballot() {
  return (
    <Page title="表决">
      <Skeleton lines={4} />
    </Page>
  )
}
