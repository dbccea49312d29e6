import { Page, Skeleton } from '@/ui'

export default function Suggest() {
  return (
    <Page title="提一条建议">
      <Skeleton lines={4} />
    </Page>
  )
}
