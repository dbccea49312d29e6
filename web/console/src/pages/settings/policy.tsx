import { Page } from '~/ui/page'

export default function Policy() {
  return <Page title="制度参数" />
}
