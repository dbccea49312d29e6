import { Page, Skeleton } from '@/ui'

export default function Consent() {
  return (
    <Page title="个人信息告知书">
      <Skeleton lines={4} />
    </Page>
  )
}
