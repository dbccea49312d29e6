import { useState } from 'react'

import { api, type Answer } from '@/api'
import { stateWords, stepWords } from '@/pages/suggestion/words'
import { when } from '@/text/time'
import { Box, Button, Card, Facts, Hint, Load, Page, Row, Rows, Segments, Tag, TextArea, toast, useAction, useGet, useParams } from '@/ui'

type Suggestion = Answer<'get', '/suggestions/{id}'>

/** One suggestion as its author follows it: the answer, what happened when, and what the author may do. */
export default function SuggestionDetail() {
  const { id = '' } = useParams()
  const one = useGet('/suggestions/{id}', { path: { id } })
  return (
    <Page title="意见建议" who="member" above="suggestions">
      <Load of={one}>
        {(s) => (
          <>
            <Card title={s.title} extra={<Tag tone={s.state === 'replied' ? 'good' : 'accent'}>{stateWords[s.state] ?? s.state}</Tag>}>
              <Box className="html">{s.content}</Box>
              <Facts items={[['提给', s.to_org.name], ['方式', s.anonymous ? '匿名' : '实名'], s.state === 'submitted' && ['受理期限', when(s.accept_by)], s.state === 'accepted' && s.due_at ? ['答复期限', when(s.due_at)] : null, ['延期原因', s.extension_reason]]} />
            </Card>
            {s.reply ? <Card title="答复" tone="accent"><Box className="html">{s.reply}</Box>{s.replied_at ? <Hint>{when(s.replied_at)}</Hint> : null}</Card> : null}
            {s.can_rate ? <Rate s={s} changed={one.set} /> : null}
            {s.actions.includes('reopen') ? <Reopen s={s} changed={one.set} /> : null}
            <Card title="经过">
              <Rows label="经过">{s.timeline.map((t, i) => <Row key={i} title={stepWords[t.action] ?? t.action} text={[when(t.at), t.text].filter(Boolean).join(' · ')} />)}</Rows>
            </Card>
          </>
        )}
      </Load>
    </Page>
  )
}

const stars = ['1', '2', '3', '4', '5'] as const

function Rate({ s, changed }: { s: Suggestion; changed: (s: Suggestion) => void }) {
  const [value, setValue] = useState('')
  const rate = useAction((key) => api.post('/suggestions/{id}/rating', { path: { id: s.id }, body: { stars: Number(value) }, key }), { done: (next) => {
    toast('谢谢您的评价')
    changed(next)
  } })
  return (
    <Card title="答复有帮助吗">
      <Segments label="满意程度，5 为最满意" value={value} onChange={setValue} options={stars.map((v) => ({ value: v as string, text: `${v} 分` }))} />
      <Button wide busy={rate.busy} disabled={value === ''} onTap={() => void rate.act()}>提交评价</Button>
    </Card>
  )
}

function Reopen({ s, changed }: { s: Suggestion; changed: (s: Suggestion) => void }) {
  const [text, setText] = useState('')
  const again = useAction((key) => api.post('/suggestions/{id}/transitions', { path: { id: s.id }, body: { action: 'reopen', ...(text.trim() ? { text: text.trim() } : {}) }, key }), { done: (next) => {
    toast('已要求再办，期限重新计算')
    changed(next)
  } })
  return (
    <Card title="还没有解决？">
      <TextArea title="还差什么（可不写）" id="text" value={text} onInput={setText} most={500} fault={again.fault?.of('text')} rows={2} />
      <Button wide kind="plain" busy={again.busy} onTap={() => void again.act()}>要求再办</Button>
    </Card>
  )
}
