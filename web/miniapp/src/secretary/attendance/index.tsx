import { useState } from 'react'

import { api, type Answer } from '@/api'
import { span } from '@/text/time'
import { meetingWords, word } from '@/text/words'
import { Button, Buttons, Card, CopyButton, Facts, Hint, Load, Page, Row, Rows, Segments, Sheet, Tag, TextArea, toast, useAction, useGet, useParams } from '@/ui'

type List = Answer<'get', '/meetings/{id}/attendance'>
type Line = List['items'][number]
type Status = 'present' | 'leave' | 'absent'

const statusWords: Record<string, string> = { none: '未记录', present: '出席', observer: '列席', leave: '请假', absent: '缺席' }
const answers: Record<string, string> = { none: '未答复', accept: '参加', leave: '请假' }
const tones: Record<string, 'good' | 'warn' | 'plain'> = { present: 'good', leave: 'warn' }

/** Who comes and who came: the answers, the check-ins, and corrections by hand with a reason. */
export default function Attendance() {
  const { id = '' } = useParams()
  const meeting = useGet('/meetings/{id}', { path: { id } })
  const list = useGet('/meetings/{id}/attendance', { path: { id } })
  const invitation = useGet('/meetings/{id}/invitation', { path: { id } })
  const code = useGet('/meetings/{id}/checkin-code', { path: { id } }, { when: Boolean(meeting.data?.checkin_code && meeting.data.state === 'planned') })
  const [show, setShow] = useState<'all' | 'none'>('all')
  const [open, setOpen] = useState<Line>()
  return (
    <Page title="参会情况" who="leader" above="desk">
      <Load of={meeting}>
        {(m) => (
          <Card title={m.topic} extra={m.state === 'cancelled' ? <Tag tone="bad">已取消</Tag> : undefined}>
            <Facts items={[['会议', word(meetingWords, m.type)], ['时间', span(m.starts_at, m.ends_at)], ['地点', m.place]]} />
            {code.data ? <Facts items={[['签到码', code.data.code]]} /> : null}
            <Buttons>
              {invitation.data ? <CopyButton text={invitation.data.text} what="邀请文字">复制邀请文字</CopyButton> : null}
            </Buttons>
          </Card>
        )}
      </Load>
      <Load of={list}>
        {(a) => (
          <>
            <Card title="人数">
              <Facts items={[['应到', `${a.entitled} 人，其中有表决权 ${a.voting_entitled} 人`], ['已到', `${a.present} 人`], ['请假', `${a.leave} 人`], a.absent > 0 && ['缺席', `${a.absent} 人`]]} />
            </Card>
            <Segments label="显示" value={show} onChange={setShow} options={[{ value: 'all', text: '全部' }, { value: 'none', text: '未答复', count: unanswered(a).length }]} />
            <Rows label="名单">
              {(show === 'all' ? a.items : unanswered(a)).map((l) => (
                <Row key={l.member.id} title={l.member.name} text={`${answers[l.rsvp] ?? l.rsvp}${l.reason ? ` · ${l.reason}` : ''}${l.changed_by ? ' · 手工更正' : ''}`} end={l.status === 'none' ? undefined : <Tag tone={tones[l.status] ?? 'plain'}>{statusWords[l.status]}</Tag>} onTap={() => setOpen(l)} />
              ))}
            </Rows>
            {show === 'none' && unanswered(a).length === 0 ? <Hint>大家都答复了。</Hint> : null}
          </>
        )}
      </Load>
      {open ? <Correct meeting={id} line={open} close={() => setOpen(undefined)} changed={list.set} /> : null}
    </Page>
  )
}

const unanswered = (a: List) => a.items.filter((l) => l.rsvp === 'none' && l.status === 'none')

/** One person's attendance by hand. The reason stands in the record. */
function Correct({ meeting, line, close, changed }: { meeting: string; line: Line; close: () => void; changed: (l: List) => void }) {
  const [reason, setReason] = useState('')
  const put = useAction(
    (key, status: Status) => api.put('/meetings/{id}/attendance/{member_id}', { path: { id: meeting, member_id: line.member.id }, body: { status, ...(reason.trim() ? { reason: reason.trim() } : {}) }, key }),
    { done: (list) => {
      toast('已更正')
      changed(list)
      close()
    } },
  )
  return (
    <Sheet title={`${line.member.name}的出席`} onClose={close}>
      <TextArea title="原因" id="reason" value={reason} onInput={setReason} most={100} fault={put.fault?.of('reason') ?? put.fault?.of('status')} hint="例如：现场到会，手机没电未能签到。" />
      <Buttons>
        <Button busy={put.busy} onTap={() => void put.act('present')}>出席</Button>
        <Button kind="plain" disabled={put.busy} onTap={() => void put.act('leave')}>请假</Button>
        <Button kind="plain" disabled={put.busy} onTap={() => void put.act('absent')}>缺席</Button>
      </Buttons>
    </Sheet>
  )
}
