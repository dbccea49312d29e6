import { api } from '@/api'
import { open } from '@/nav'
import { refreshMe } from '@/session'
import { fromNow } from '@/text/time'
import { Button, Page, PagedList, Row, toast, useAction, usePages } from '@/ui'

/** The inbox: everything that was told me, also what WeChat could not bring. */
export default function Inbox() {
  const list = usePages('/notices')
  const mark = (id: string) => {
    list.set((list.items ?? []).map((n) => (n.id === id ? { ...n, read_at: new Date().toISOString() } : n)))
    void api.later('post', '/notices/{id}/read', { path: { id }, label: '已读', place: `read:${id}` } as never).then(() => refreshMe(), () => undefined)
  }
  const all = useAction((key) => api.post('/notices/read-all', { key }), { done: () => {
    toast('都已标为已读')
    void list.reload()
    void refreshMe()
  } })
  const unread = list.items?.some((n) => !n.read_at)
  return (
    <Page title="消息" tab who="member" end={unread ? <Button kind="link" small busy={all.busy} onTap={() => void all.act()}>全部已读</Button> : undefined}>
      <PagedList of={list} label="消息" empty={{ title: '还没有消息', text: '会议通知、学习提醒和建议的答复会出现在这里。' }} row={(n) => (
        <Row unread={!n.read_at} title={n.title} text={`${n.body ? `${n.body} · ` : ''}${fromNow(n.created_at)}`} onTap={() => {
          if (!n.read_at) mark(n.id)
          if (n.page) open(n.page)
        }} />
      )} />
    </Page>
  )
}
