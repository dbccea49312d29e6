import { useWorkplace } from '@/secretary/org'
import { meetingWords, word } from '@/text/words'
import { when } from '@/text/time'
import { Card, Hint, Load, Page, Row, Rows, Tag, useGet } from '@/ui'

const DAY = 24 * 3600 * 1000

/** What waits for the secretary, then what the secretary does most. */
export default function Desk() {
  const { org, chooser } = useWorkplace()
  const queue = useGet('/moderation/comments', { query: { state: 'pending', limit: 50 } })
  const inbox = useGet('/suggestions', { query: { box: 'inbox', limit: 50 } })
  const now = Math.floor(Date.now() / DAY) * DAY
  const meetings = useGet('/meetings', { query: { org_id: org?.id ?? '', from: new Date(now - 14 * DAY).toISOString(), to: new Date(now + 60 * DAY).toISOString(), limit: 50 } }, { when: Boolean(org) })
  const open = inbox.data?.items.filter((s) => ['submitted', 'accepted', 'escalated'].includes(s.state))
  const mine = meetings.data?.items.filter((m) => m.can_manage && m.state !== 'cancelled')
  const coming = mine?.filter((m) => m.state === 'planned').slice(0, 3)
  const past = mine?.filter((m) => m.state === 'over').slice(0, 3)
  return (
    <Page title="支部工作" who="leader" above="mine">
      {chooser}
      <Rows label="常用">
        <Row title="发动态" text="标题、几句话、几张图，一分钟发出" to="post" />
        <Row title="召集会议" text="选时间、核对、发出通知" to="callMeeting" />
        <Row title="发通知" text="先看能送到多少人，再发" to="pushPlan" />
      </Rows>
      <Card title="等您处理">
        <Rows label="等您处理">
          <Row title="待审核的评论" end={count(queue.data?.items.length)} text={queue.data?.items.length === 0 ? '都已处理' : undefined} to="moderate" />
          <Row title="待答复的建议" end={count(open?.length)} text={overdue(open?.filter((s) => s.overdue).length, open?.length)} to="answer" />
        </Rows>
      </Card>
      <Load of={meetings}>
        {() => (
          <>
            <Card title="接下来的会议">
              {coming?.length ? (
                <Rows label="接下来的会议">
                  {coming.map((m) => <Row key={m.id} title={m.topic} text={`${word(meetingWords, m.type)} · ${when(m.starts_at)} · ${m.counts.accept} 人参加、${m.counts.none} 人未答复`} to="attendance" params={{ id: m.id }} />)}
                </Rows>
              ) : <Hint>近期没有会议。点“召集会议”，程序会找出大家下班后的空闲时间。</Hint>}
            </Card>
            {past?.length ? (
              <Card title="刚开过的会议">
                <Rows label="刚开过的会议">
                  {past.map((m) => <Row key={m.id} title={m.topic} text={`${word(meetingWords, m.type)} · ${when(m.starts_at)}`} end={<Tag>写记录</Tag>} to="writeMinutes" params={{ id: m.id }} />)}
                </Rows>
              </Card>
            ) : null}
          </>
        )}
      </Load>
    </Page>
  )
}

const count = (n: number | undefined) => (n ? <Tag tone="warn">{n >= 50 ? '50+' : String(n)} 项</Tag> : undefined)

function overdue(late: number | undefined, all: number | undefined): string | undefined {
  if (all === 0) return '都已处理'
  return late ? `其中 ${late} 项已超过期限` : undefined
}
