import { Page, Skeleton } from '@/ui'

export default function Answer() {
  return (
    <Page title="办理建议">
      <Skeleton lines={4} />
    </Page>
  )
}
