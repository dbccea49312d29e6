import { Page } from '~/ui/page'

export default function WorkRecord() {
  return <Page title="工作纪实" />
}
