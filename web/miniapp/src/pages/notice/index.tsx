import { Page, Skeleton } from '@/ui'

export default function Inbox() {
  return (
    <Page title="消息" tab>
      <Skeleton lines={4} />
    </Page>
  )
}
