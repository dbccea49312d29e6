import { Page, Skeleton } from '@/ui'

export default function Action() {
  return (
    <Page title="督办事项">
      <Skeleton lines={4} />
    </Page>
  )
}
