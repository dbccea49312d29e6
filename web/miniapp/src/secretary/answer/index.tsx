import { useState } from 'react'

import { api, type Answer } from '@/api'
import { fromNow, when } from '@/text/time'
import { Banner, Box, Button, Buttons, Card, Facts, FileButton, Hint, Load, Page, PagedList, Row, Segments, Tag, TextArea, toast, useAction, useGet, usePages, useParams, confirm } from '@/ui'

import './index.css'

type Suggestion = Answer<'get', '/suggestions/{id}'>
type Step = 'accept' | 'reply' | 'decline' | 'escalate' | 'extend'

const states: Record<string, string> = { submitted: '待受理', accepted: '办理中', replied: '已答复', closed: '已办结', declined: '未采纳', escalated: '已转上级' }
const done: Record<Step, string> = { accept: '已受理，已告知提出人', reply: '答复已发出', decline: '已说明原因并告知提出人', escalate: '已转上级', extend: '已延期并告知提出人' }

/** The branch's suggestions: the list, or one of them with what may be done now. */
export default function Answering() {
  const { id } = useParams()
  return id ? <One id={id} /> : <All />
}

function All() {
  const [state, setState] = useState<'submitted' | 'accepted' | 'replied'>('submitted')
  const list = usePages('/suggestions', { query: { box: 'inbox', state } })
  return (
    <Page title="答复建议" who="leader" above="desk">
      <Segments label="状态" value={state} onChange={setState} options={[{ value: 'submitted', text: '待受理' }, { value: 'accepted', text: '办理中' }, { value: 'replied', text: '已答复' }]} />
      <PagedList of={list} label="收到的建议" empty={{ title: '这里没有建议', text: '成员提出的意见建议会出现在这里，并写明该在哪天前受理和答复。' }} row={(s) => (
        <Row title={s.title} text={`${s.anonymous ? '匿名' : '实名'} · ${fromNow(s.created_at)} · ${term(s)}`} end={s.overdue ? <Tag tone="bad">已超期</Tag> : undefined} to="answer" params={{ id: s.id }} />
      )} />
    </Page>
  )
}

const term = (s: { state: string; accept_by: string; due_at: string | null }) => (s.state === 'submitted' ? `${when(s.accept_by)}前受理` : s.due_at ? `${when(s.due_at)}前答复` : (states[s.state] ?? s.state))

function One({ id }: { id: string }) {
  const one = useGet('/suggestions/{id}', { path: { id } })
  return (
    <Page title="答复建议" who="leader" above="answer">
      <Load of={one}>
        {(s) => (
          <>
            <Card title={s.title} extra={<Tag tone={s.overdue ? 'bad' : 'accent'}>{s.overdue ? '已超期' : (states[s.state] ?? s.state)}</Tag>}>
              <Box className="answer-text">{s.content}</Box>
              <Facts items={[['提出人', s.author?.name ?? '匿名'], ['提出时间', when(s.created_at)], ['期限', term(s)], ['延期原因', s.extension_reason]]} />
              {s.attachments.map((f) => <FileButton key={f.id} path={f.url} name={f.name}>{f.name}</FileButton>)}
              {s.anonymous ? <Hint>匿名建议：程序也不告诉您是谁提出的，答复会送到本人。</Hint> : null}
            </Card>
            {s.reply ? <Card title="答复"><Box className="answer-text">{s.reply}</Box></Card> : null}
            <Deeds s={s} changed={one.set} />
          </>
        )}
      </Load>
    </Page>
  )
}

/** What may be done now, with one main button: take it on, then answer it. */
function Deeds({ s, changed }: { s: Suggestion; changed: (s: Suggestion) => void }) {
  const [text, setText] = useState('')
  const step = useAction(
    (key, action: Step, words: string) => api.post('/suggestions/{id}/transitions', { path: { id: s.id }, body: { action, ...(words ? { text: words } : {}) }, key }),
    { done: (now, [action]) => {
      setText('')
      toast(done[action])
      changed(now)
    } },
  )
  const may = (a: Step) => s.actions.includes(a)
  const words = text.trim()
  const ask = (a: Step, title: string, more: string, ok: string) => void confirm({ title, text: more, ok }).then((yes) => (yes ? step.act(a, words) : undefined))
  const writes = may('reply') || may('decline') || may('escalate') || may('extend')
  if (!writes && !may('accept')) return <Hint>现在没有需要您做的事。</Hint>
  return (
    <Card title={may('reply') ? '答复' : '受理'}>
      {may('accept') ? <Button wide kind={may('reply') ? 'plain' : 'primary'} busy={step.busy} onTap={() => void step.act('accept', '')}>受理</Button> : null}
      {writes ? <TextArea title={may('reply') ? '答复，或不采纳、延期、转上级的原因' : '不采纳、转上级的原因'} id="text" value={text} onInput={setText} most={2000} fault={step.fault?.of('text')} hint="先说结论，再说原因和下一步。" /> : null}
      {may('reply') ? <Button wide busy={step.busy} disabled={words === ''} onTap={() => void step.act('reply', words)}>发出答复</Button> : null}
      {step.fault && step.fault.fields.length === 0 ? <Banner tone="warn">{step.fault.message}</Banner> : null}
      {writes ? (
        <Buttons>
          {may('extend') ? <Button kind="plain" small disabled={words === '' || step.busy} onTap={() => ask('extend', '延期一次？', '原因会告诉提出人；只能延期一次。', '延期')}>延期</Button> : null}
          {may('escalate') ? <Button kind="plain" small disabled={step.busy} onTap={() => ask('escalate', '转上级党组织？', '转出后由上级受理和答复。', '转上级')}>转上级</Button> : null}
          {may('decline') ? <Button kind="plain" small disabled={words === '' || step.busy} onTap={() => ask('decline', '不采纳这条建议？', '您写的原因会告诉提出人。', '不采纳')}>不采纳</Button> : null}
        </Buttons>
      ) : null}
    </Card>
  )
}
