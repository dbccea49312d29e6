import { useState } from 'react'

import { api } from '@/api'
import { useMe } from '@/me'
import { replace } from '@/nav'
import { device } from '@/platform/storage'
import { useSubscribe } from '@/platform/subscribe'
import { Banner, Button, Field, Hint, Page, Select, TextArea, Tick, toast, useAction, useParams } from '@/ui'

const KEPT = 'suggestion:draft'
interface Draft { title: string; content: string }

/** Writes a suggestion. What was begun is kept on the phone until it is sent; `title` may come from the page that led here. */
export default function WriteSuggestion() {
  const { me } = useMe()
  const { title = '' } = useParams()
  const places = (me?.memberships ?? []).flatMap((m) => [m.org, ...m.ancestors]).filter((o, i, all) => o.kind !== 'group' && all.findIndex((p) => p.id === o.id) === i)
  const [to, setTo] = useState('')
  const [draft, setDraft] = useState<Draft>(() => device.get<Draft>(KEPT) ?? { title: title.slice(0, 60), content: '' })
  const [anonymous, setAnonymous] = useState(false)
  const ask = useSubscribe('suggestion')
  const change = (part: Partial<Draft>) => {
    const next = { ...draft, ...part }
    device.set(KEPT, next)
    setDraft(next)
  }
  const target = to || places[0]?.id || ''
  const send = useAction((key) => api.post('/suggestions', { body: { to_org_id: target, title: draft.title.trim(), content: draft.content.trim(), anonymous }, key }), { done: (s) => {
    device.remove(KEPT)
    toast('已提交')
    replace('suggestion', { id: s.id })
  } })
  const submit = async () => {
    await ask()
    await send.act()
  }
  return (
    <Page title="写意见建议" who="member" above="suggestions" foot={<Button wide busy={send.busy} disabled={!target || draft.title.trim() === '' || draft.content.trim() === ''} onTap={() => void submit()}>提交</Button>}>
      <Select title="提给" id="to_org_id" value={target} options={places.map((o) => ({ value: o.id, text: o.name }))} onChange={setTo} fault={send.fault?.of('to_org_id')} />
      <Field title="标题" id="title" value={draft.title} onInput={(title) => change({ title })} most={60} fault={send.fault?.of('title')} />
      <TextArea title="内容" id="content" value={draft.content} onInput={(content) => change({ content })} most={2000} fault={send.fault?.of('content')} hint="说清是什么事、希望怎么办。请不要写患者的姓名和病历。" />
      <Tick on={anonymous} onChange={setAnonymous}>匿名提交</Tick>
      {anonymous ? <Hint>处理人看不到您是谁，答复仍会送到您的“消息”。内容里请不要写能认出您的话。</Hint> : null}
      {send.fault && send.fault.fields.length === 0 ? <Banner tone="warn">{send.fault.message}</Banner> : null}
    </Page>
  )
}
