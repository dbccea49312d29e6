import { useEffect, useState } from 'react'

import { api, type Schema } from '@/api'
import { go, open } from '@/nav'
import { useSubscribe } from '@/platform/subscribe'
import { refreshMe } from '@/session'
import { day, picked, span } from '@/text/time'
import { ArticleRow, Banner, Box, Button, Buttons, Card, Facts, Hint, Row, Rows, Tag, toast, useAction, useGet } from '@/ui'

import { LeaveSheet } from './leave'

type Meeting = Schema<'MeetingView'>

/** What is for this member now: the next meeting, required reading, replies to suggestions. Nothing is shown where there is nothing. */
export function Now() {
  const [from] = useState(() => picked(Date.now()).day)
  const meetings = useGet('/meetings', { query: { mine: true, from, limit: 10 } })
  const reading = useGet('/feed/for-you')
  const notices = useGet('/notices', { query: { unread: true, limit: 20 } })
  useEffect(() => void refreshMe(), [])
  const next = nextMeeting(meetings.data?.items ?? [], Date.now())
  const required = (reading.data?.items ?? []).filter((x) => x.why === 'required').slice(0, 3)
  const replies = (notices.data?.items ?? []).filter((n) => n.kind === 'suggestion').slice(0, 3)
  const failed = [meetings, reading, notices].find((x) => x.error && x.data === undefined && !x.loading)
  return (
    <>
      {failed ? <Banner tone="warn" action="重试" onAction={() => void Promise.all([meetings.reload(), reading.reload(), notices.reload()])}>{failed.error?.message}</Banner> : null}
      {next ? <NextMeeting meeting={next} onAnswer={() => void meetings.reload()} /> : null}
      {required.length > 0 ? (
        <Card title="待读">
          <Rows label="待读">
            {required.map((x) => (
              <ArticleRow key={x.id} item={x} percent={x.read_percent} note={x.due_at ? `请在 ${day(x.due_at)} 前阅读` : undefined} />
            ))}
          </Rows>
        </Card>
      ) : null}
      {replies.length > 0 ? (
        <Card title="我的建议有了进展">
          <Rows label="我的建议有了进展">
            {replies.map((n) => (
              <Row
                key={n.id} unread title={n.title}
                onTap={() => {
                  void api.later('post', '/notices/{id}/read', { path: { id: n.id }, label: '已读标记', place: `notice:${n.id}` }).catch(() => undefined)
                  open(n.page)
                }}
              />
            ))}
          </Rows>
        </Card>
      ) : null}
    </>
  )
}

/** The first meeting that is still to come or going on and has not been called off. */
export function nextMeeting(all: Meeting[], now: number): Meeting | undefined {
  return all.filter((m) => m.state === 'planned' && Date.parse(m.ends_at) > now).sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at))[0]
}

function NextMeeting({ meeting: m, onAnswer }: { meeting: Meeting; onAnswer: () => void }) {
  const [leaving, setLeaving] = useState(false)
  const [mine, setMine] = useState(m.my_rsvp)
  useEffect(() => setMine(m.my_rsvp), [m.my_rsvp, m.id])
  const ask = useSubscribe('meeting')
  const answer = useAction(
    (_key, status: 'accept' | 'leave', reason?: string) => api.later('put', '/meetings/{id}/rsvp', { path: { id: m.id }, body: { status, reason }, label: '参会答复', place: `rsvp:${m.id}` }),
    {
      done: (sent, [status]) => {
        setMine(status)
        setLeaving(false)
        toast(sent.waiting ? '已记下，网络恢复后自动发出' : status === 'accept' ? '已答复参加' : '已请假')
        onAnswer()
        void refreshMe()
      },
    },
  )
  const accept = async () => {
    await ask()
    await answer.act('accept')
  }
  return (
    <Card title="下一次会议" tone="accent" extra={mine === 'accept' ? <Tag tone="good">已答复参加</Tag> : mine === 'leave' ? <Tag>已请假</Tag> : mine === 'none' ? <Tag tone="warn">待答复</Tag> : undefined}>
      <Box className="strong">{m.topic}</Box>
      <Facts items={[['时间', span(m.starts_at, m.ends_at)], ['地点', m.mode === 'online' ? '线上' : m.mode === 'hybrid' ? `${m.place}，也可线上参加` : m.place], ['召集', m.org.name]]} />
      {m.provisional ? <Hint>当年放假安排尚未公布，时间可能调整。</Hint> : null}
      <Buttons>
        {mine === 'none' || mine === 'leave' ? <Button kind={mine === 'none' ? 'primary' : 'plain'} busy={answer.busy} onTap={() => void accept()}>参加</Button> : null}
        {mine === 'none' || mine === 'accept' ? <Button kind="plain" disabled={answer.busy} onTap={() => setLeaving(true)}>请假</Button> : null}
        <Button kind="plain" onTap={() => go('meeting', { id: m.id })}>{mine === 'accept' && m.online?.join_url ? '入会与详情' : '详情'}</Button>
      </Buttons>
      {leaving ? <LeaveSheet topic={m.topic} busy={answer.busy} fault={answer.fault?.of('reason')} onClose={() => setLeaving(false)} onLeave={(reason) => void answer.act('leave', reason)} /> : null}
    </Card>
  )
}
