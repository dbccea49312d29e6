import { Page } from '~/ui/page'

export default function Reminders() {
  return <Page title="定时提醒" />
}
