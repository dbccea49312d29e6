import { Page, Skeleton } from '@/ui'

export default function WriteMinutes() {
  return (
    <Page title="填写会议记录">
      <Skeleton lines={4} />
    </Page>
  )
}
