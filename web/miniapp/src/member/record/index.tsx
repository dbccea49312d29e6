import { Page, Skeleton } from '@/ui'

export default function StudyRecord() {
  return (
    <Page title="学习记录">
      <Skeleton lines={4} />
    </Page>
  )
}
