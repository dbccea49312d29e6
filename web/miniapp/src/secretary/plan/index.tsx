import { useState } from 'react'

import { api, type Answer } from '@/api'
import { replace } from '@/nav'
import { useWorkplace } from '@/secretary/org'
import { when } from '@/text/time'
import { Banner, Button, Card, Facts, Field, Hint, Page, TextArea, toast, useAction } from '@/ui'

type Plan = Answer<'post', '/pushes/plan'>

/** A notice to the branch: written, then shown how many it reaches and how, then sent. */
export default function Announce() {
  const { org, chooser } = useWorkplace()
  const [title, setTitle] = useState('')
  const [text, setText] = useState('')
  const [plan, setPlan] = useState<Plan>()
  const body = () => ({ org_id: org?.id ?? '', kind: 'announcement' as const, title: title.trim(), body: text.trim(), audience: { org_id: org?.id ?? '' } })
  const look = useAction((_key: string) => api.post('/pushes/plan', { body: body() }), { done: (p) => setPlan(p), failed: () => setPlan(undefined) })
  const send = useAction((key) => api.post('/pushes', { body: body(), key }), { done: (p) => {
    toast(`已发出，共 ${p.recipients} 人`)
    replace('desk')
  } })
  const f = send.fault ?? look.fault
  const edit = (set: (v: string) => void) => (v: string) => {
    set(v)
    setPlan(undefined)
  }
  return (
    <Page title="发通知" who="leader" above="desk" foot={plan ? (
      <Button wide busy={send.busy} onTap={() => void send.act()}>发出</Button>
    ) : (
      <Button wide busy={look.busy} disabled={title.trim() === '' || !org} onTap={() => void look.act()}>看看能送到多少人</Button>
    )}>
      {chooser}
      <Field title="标题" id="title" value={title} onInput={edit(setTitle)} most={60} fault={f?.of('title')} />
      <TextArea title="内容" id="body" value={text} onInput={edit(setText)} most={500} fault={f?.of('body')} hint="一两句话说清什么事、什么时候、要做什么。" />
      {f && f.fields.length === 0 ? <Banner tone="warn">{f.message}</Banner> : null}
      {plan ? <Reach plan={plan} /> : null}
    </Page>
  )
}

/** What the plan says, in words: the same program that plans will send. */
function Reach({ plan }: { plan: Plan }) {
  return (
    <Card title={`共 ${plan.recipients} 人`}>
      <Facts items={[
        ['微信送达', `${plan.by_wechat} 人`],
        plan.inbox_only > 0 && ['只在消息里', `${plan.inbox_only} 人${plan.inbox_only_reasons.length > 0 ? `（${plan.inbox_only_reasons.map((r) => `${r.reason} ${r.count} 人`).join('；')}）` : ''}`],
        plan.over_budget > 0 && ['并入晚间摘要', `${plan.over_budget} 人，本周普通提醒已满两次`],
        ...plan.deferred.map((d) => ['推迟', `${d.count} 人到${when(d.until)}，${d.reason}`] as const),
        plan.unreachable_count > 0 && ['请打电话', `${plan.unreachable_count} 人还没有登录过：${plan.unreachable.map((p) => p.name).join('、')}${plan.unreachable.length < plan.unreachable_count ? '等' : ''}`],
      ]} />
      <Hint>消息里每个人都会收到。没有登录过的人请打电话告知。</Hint>
    </Card>
  )
}
