import { useState } from 'react'

import { span } from '@/text/time'
import { meetingWords, word } from '@/text/words'
import { Page, PagedList, Row, Segments, Tag, usePages } from '@/ui'

const DAY = 24 * 3600 * 1000

/** The meetings that I am invited to: those to come, and those of the last year. */
export default function Meetings() {
  const [time, setTime] = useState<'coming' | 'past'>('coming')
  const now = Math.floor(Date.now() / 60000) * 60000
  const list = usePages('/meetings', { query: time === 'coming' ? { mine: true, from: new Date(now - (now % (10 * 60000))).toISOString() } : { mine: true, from: new Date(now - (now % DAY) - 365 * DAY).toISOString(), to: new Date(now - (now % (10 * 60000))).toISOString() } })
  return (
    <Page title="会议" tab who="member">
      <Segments label="时间" value={time} onChange={setTime} options={[{ value: 'coming', text: '将召开' }, { value: 'past', text: '已召开' }]} />
      <PagedList of={list} label="会议" empty={time === 'coming' ? { title: '近期没有会议', text: '有新会议时会通知您，也会显示在首页。' } : { title: '还没有开过的会议' }} row={(m) => (
        <Row title={m.topic} text={`${word(meetingWords, m.type)} · ${span(m.starts_at, m.ends_at)}`} end={<Answered state={m.state} mine={m.my_rsvp} came={m.my_attendance} />} to="meeting" params={{ id: m.id }} />
      )} />
    </Page>
  )
}

function Answered({ state, mine, came }: { state: string; mine: string | null; came: string | null }) {
  if (state === 'cancelled') return <Tag>已取消</Tag>
  if (came === 'present') return <Tag tone="good">已出席</Tag>
  if (mine === 'accept') return <Tag tone="good">参加</Tag>
  if (mine === 'leave') return <Tag>请假</Tag>
  return mine === 'none' && state === 'planned' ? <Tag tone="warn">待答复</Tag> : null
}
