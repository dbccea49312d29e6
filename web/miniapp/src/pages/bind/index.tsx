import { Page, Skeleton } from '@/ui'

export default function Bind() {
  return (
    <Page title="绑定身份">
      <Skeleton lines={4} />
    </Page>
  )
}
