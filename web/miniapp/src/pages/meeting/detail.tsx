import { useState } from 'react'

import { api, type Answer } from '@/api'
import { LeaveSheet } from '@/pages/home/leave'
import { useSubscribe } from '@/platform/subscribe'
import { refreshMe } from '@/session'
import { span, when } from '@/text/time'
import { meetingWords, word } from '@/text/words'
import { Banner, Button, Buttons, Card, CopyButton, Facts, FileButton, Hint, LinkButton, Load, Page, Row, Rows, Tag, toast, useAction, useGet, useParams, useShare } from '@/ui'

type Meeting = Answer<'get', '/meetings/{id}'>

/** One meeting: when, where, my answer in one tap, the way in, what is voted on, the minutes. */
export default function MeetingDetail() {
  const { id = '' } = useParams()
  const meeting = useGet('/meetings/{id}', { path: { id } })
  const polls = useGet('/meetings/{id}/polls', { path: { id } })
  useShare(meeting.data?.topic, 'meeting', { id })
  return (
    <Page title="会议" who="member" above="meetings">
      <Load of={meeting}>
        {(m) => (
          <>
            {m.state === 'cancelled' ? <Banner tone="warn">会议已取消{m.cancel_reason ? `：${m.cancel_reason}` : '。'}</Banner> : null}
            <Card title={m.topic} extra={<Tag tone="accent">{word(meetingWords, m.type)}</Tag>}>
              <Facts items={[['时间', span(m.starts_at, m.ends_at)], ['地点', m.mode === 'online' ? '线上' : m.mode === 'hybrid' ? `${m.place}，也可线上参加` : m.place], ['召集', m.org.name], ['说明', m.note], ['会议号', m.online?.code]]} />
              {m.provisional ? <Hint>当年放假安排尚未公布，时间可能调整。</Hint> : null}
              <Buttons>
                {m.online?.join_url && m.state === 'planned' ? <LinkButton url={m.online.join_url}>进入会议</LinkButton> : null}
                {m.online?.code ? <CopyButton text={m.online.code} what="会议号">复制会议号</CopyButton> : null}
              </Buttons>
            </Card>
            {m.state === 'planned' && m.my_rsvp !== null ? <Mine m={m} changed={meeting.set} /> : null}
            {m.agenda.length > 0 ? (
              <Card title="议程"><Facts items={m.agenda.map((a, i) => [`${i + 1}`, `${a.title}${a.minutes > 0 ? `（${a.minutes} 分钟）` : ''}`] as const)} /></Card>
            ) : null}
            {polls.data && polls.data.items.some((p) => p.state !== 'draft') ? (
              <Card title="表决">
                <Rows label="表决">
                  {polls.data.items.filter((p) => p.state !== 'draft').map((p) => <Row key={p.id} title={p.question} text={p.rule_label} end={p.state === 'closed' ? <Tag>已结束</Tag> : p.voted ? <Tag tone="good">已投票</Tag> : p.has_vote ? <Tag tone="warn">请投票</Tag> : undefined} to="ballot" params={{ id: p.id }} />)}
                </Rows>
              </Card>
            ) : null}
            <Rows label="更多">
              {m.state === 'over' ? <Row title="会议记录" to="minutes" params={{ id }} /> : null}
              {m.can_manage ? <Row title="参会情况" text={`${m.counts.accept} 人参加、${m.counts.leave} 人请假、${m.counts.none} 人未答复`} to="attendance" params={{ id }} /> : null}
              {m.can_manage ? <Row title="写会议记录" to="writeMinutes" params={{ id }} /> : null}
            </Rows>
            {m.agenda.length > 0 ? <FileButton path={`/meetings/${id}/agenda.pdf`} name={`${m.topic}.pdf`}>下载会议材料</FileButton> : null}
          </>
        )}
      </Load>
    </Page>
  )
}

/** My answer, and my check-in when the time has come. */
function Mine({ m, changed }: { m: Meeting; changed: (m: Meeting) => void }) {
  const [leaving, setLeaving] = useState(false)
  const ask = useSubscribe('meeting')
  const answer = useAction(
    (_key, status: 'accept' | 'leave', reason?: string) => api.later('put', '/meetings/{id}/rsvp', { path: { id: m.id }, body: { status, reason }, label: '参会答复', place: `rsvp:${m.id}` }),
    { done: (sent, [status, reason]) => {
      setLeaving(false)
      toast(sent.waiting ? '已记下，网络恢复后自动发出' : status === 'accept' ? '已答复参加' : '已请假')
      changed({ ...m, my_rsvp: status, my_leave_reason: reason ?? null })
      void refreshMe()
    } },
  )
  const accept = async () => {
    await ask()
    await answer.act('accept')
  }
  const mine = m.my_rsvp
  return (
    <Card title="我的答复" tone="accent" extra={mine === 'accept' ? <Tag tone="good">参加</Tag> : mine === 'leave' ? <Tag>已请假</Tag> : <Tag tone="warn">待答复</Tag>}>
      {mine === 'leave' && m.my_leave_reason ? <Hint>原因：{m.my_leave_reason}</Hint> : null}
      {m.my_attendance === 'present' ? <Banner tone="good">您已签到。</Banner> : null}
      <Buttons>
        {mine !== 'accept' ? <Button busy={answer.busy} onTap={() => void accept()}>参加</Button> : null}
        {mine !== 'leave' ? <Button kind="plain" disabled={answer.busy} onTap={() => setLeaving(true)}>请假</Button> : null}
        {mine === 'accept' && m.my_attendance !== 'present' ? <CheckIn m={m} changed={changed} /> : null}
      </Buttons>
      {leaving ? <LeaveSheet topic={m.topic} busy={answer.busy} fault={answer.fault?.of('reason')} onClose={() => setLeaving(false)} onLeave={(reason) => void answer.act('leave', reason)} /> : null}
    </Card>
  )
}

/** Checks in at once, or leads to where the code on the screen is typed. */
function CheckIn({ m, changed }: { m: Meeting; changed: (m: Meeting) => void }) {
  const check = useAction((key) => api.post('/meetings/{id}/checkin', { path: { id: m.id }, body: {}, key }), { done: (next) => {
    toast('签到成功')
    changed(next)
  }, failed: (e) => toast(e.code === 'not_open' ? `签到从${when(new Date(Date.parse(m.starts_at) - 30 * 60000).toISOString())}开始` : e.message) })
  return m.checkin_code ? <Row title="签到" text="输入主持人屏幕上的签到码" to="checkin" params={{ id: m.id }} /> : <Button kind="plain" busy={check.busy} onTap={() => void check.act()}>签到</Button>
}
