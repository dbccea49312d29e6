import { Page } from '~/ui/page'
import { Soon } from '~/ui/soon'

export default function ProgressReport() {
  return <Page title="进程反馈表"><Soon /></Page>
}
