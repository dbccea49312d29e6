import { Page } from '~/ui/page'

export default function ReminderPage() {
  return <Page title="定时提醒" />
}
