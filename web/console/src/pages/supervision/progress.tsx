import { Page } from '~/ui/page'

export default function ProgressReport() {
  return <Page title="进程反馈表" />
}
