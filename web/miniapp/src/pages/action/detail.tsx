import { useState } from 'react'

import { api, type Schema } from '@/api'
import { useMe } from '@/me'
import { go } from '@/nav'
import { device } from '@/platform/storage'
import { day, span } from '@/text/time'
import { Banner, Box, Button, Card, Facts, Hint, Load, Page, Row, Rows, Skeleton, Tag, TextArea, toast, useAction, useGet, useParams } from '@/ui'

import { mark, progress } from './words'

type Action = Schema<'ActionView'>

/** One thing that a resolution asks of somebody: what, by when, where it comes from, and how it ended. */
export default function ActionDetail() {
  const { id = '' } = useParams()
  const one = useGet('/actions/{id}', { path: { id } })
  return (
    <Page title="督办事项" who="member" above="actions">
      <Load of={one}>
        {(a) => (
          <>
            <About a={a} />
            {a.closing ? <Card title="办理结果" tone="accent"><Box className="html">{a.closing}</Box></Card> : null}
            {a.can_close ? <Close a={a} changed={one.set} /> : null}
            <Source meetingId={a.meeting_id} />
            {a.can_close ? <Help a={a} /> : null}
          </>
        )}
      </Load>
    </Page>
  )
}

function About({ a }: { a: Action }) {
  const { me } = useMe()
  const m = mark(a)
  return (
    <Card title="决议要求" extra={<Tag tone={m.tone}>{m.text}</Tag>}>
      <Box className="html">{a.text}</Box>
      <Banner tone={a.state === 'closed' ? 'good' : a.overdue ? 'warn' : 'plain'}>{progress(a)}</Banner>
      <Facts items={[['责任人', a.owner.id === me?.id ? '我' : a.owner.name], ['期限', `${day(a.due_on)} 前`], ['支部', a.org.name]]} />
    </Card>
  )
}

/** What was done, in a few words. What was begun is kept on the phone until it is sent. */
function Close({ a, changed }: { a: Action; changed: (a: Action) => void }) {
  const kept = `action:${a.id}`
  const [text, setText] = useState(() => device.get<string>(kept) ?? '')
  const close = useAction((key, words: string) => api.later('post', '/actions/{id}/close', { path: { id: a.id }, body: { text: words }, key, label: '办理结果', place: kept }), {
    done: (sent, [words]) => {
      device.remove(kept)
      toast(sent.waiting ? '已记下，网络恢复后自动发出' : '已办结')
      changed(sent.waiting ? { ...a, state: 'closed', closing: words, closed_at: new Date().toISOString(), can_close: false, overdue: false } : sent.answer)
    },
  })
  const write = (words: string) => {
    setText(words)
    if (words.trim()) device.set(kept, words)
    else device.remove(kept)
  }
  return (
    <Card title="办完了？">
      <TextArea id="text" title="办理结果" value={text} most={500} rows={3} onInput={write} placeholder="例如：已联系社区，义诊定在 12 月 6 日上午" hint="写一两句话就够，支部会看到。" fault={close.fault?.of('text')} />
      <Button wide busy={close.busy} disabled={!text.trim()} onTap={() => void close.act(text.trim())}>办结</Button>
    </Card>
  )
}

/** The meeting that asked for it, for whoever may see that meeting. */
function Source({ meetingId }: { meetingId: string }) {
  const meeting = useGet('/meetings/{id}', { path: { id: meetingId } })
  const m = meeting.data
  if (!m && meeting.loading) return <Skeleton lines={2} />
  if (!m) return <Card title="来自会议"><Hint>{meeting.error?.status === 404 ? '这次会议您没有参加，详细情况请问支部书记。' : '会议情况暂时没有取到。'}</Hint>{meeting.error?.status === 404 ? null : <Button kind="plain" onTap={() => void meeting.reload()}>重试</Button>}</Card>
  return (
    <Card title="来自会议">
      <Rows label="来自会议">
        <Row title={m.topic} text={span(m.starts_at, m.ends_at)} to="meeting" params={{ id: m.id }} />
        {m.state === 'over' ? <Row title="会议记录" text="决议的原文" to="minutes" params={{ id: m.id }} /> : null}
      </Rows>
    </Card>
  )
}

/** Whoever cannot do it in time says so; the day was set by the meeting, and only the branch may set another. */
function Help({ a }: { a: Action }) {
  return (
    <Card title="有困难？">
      <Hint>办不了、需要人手，或要晚几天，请早点告诉支部。期限是会议定的，由支部书记安排调整。</Hint>
      <Button kind="plain" wide onTap={() => go('suggest', { title: `督办事项需要帮助：${[...a.text].slice(0, 30).join('')}` })}>请支部帮忙</Button>
    </Card>
  )
}
