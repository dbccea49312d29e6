import { CalendarOutlined, DesktopOutlined, EditOutlined, FileTextOutlined, StopOutlined } from '@ant-design/icons'
import { Alert, Button, Card, Checkbox, Col, Descriptions, Flex, Row, Typography } from 'antd'
import { useRef, useState } from 'react'
import { Link, useParams } from 'react-router'
import { api, IDEMPOTENCY } from '~/api/client'
import { useAction, useLoad } from '~/api/query'
import { CopyButton, ExportButton, PrintButton, useConfirm, useTell } from '~/ui/buttons'
import { useLinkTo } from '~/ui/link'
import { Load, Page } from '~/ui/page'
import { fromNow, span, when } from '~/ui/time'
import { meetingWords, rsvpWords, word } from '~/ui/words'
import { Attendance } from './attendance'
import { Ballots } from './ballots'
import { MeetingState, modeWords, roomWords, soon, useMeeting, type Meeting } from './meeting-parts'
import { Postpone } from './postpone'
import './meetings.css'

export default function MeetingPage() {
  const { id = '' } = useParams()
  const loaded = useMeeting(id)
  return <Load of={loaded}>{(meeting) => <Inside meeting={meeting} etag={loaded.etag} reload={loaded.reload} />}</Load>
}

function Inside({ meeting: m, etag, reload }: { meeting: Meeting; etag: string | undefined; reload: () => void }) {
  const to = useLinkTo()
  const [moving, setMoving] = useState(false)
  const open = m.can_manage && m.state === 'planned'
  return (
    <Page
      title={m.topic} trail={[['会议', '/meetings']]}
      extra={<>
        {m.can_manage && m.state !== 'cancelled' && <Link to={to(`/meetings/${m.id}/minutes`)}><Button type={m.state === 'over' ? 'primary' : 'default'} icon={<FileTextOutlined />}>会议记录</Button></Link>}
        {open && <Link to={to(`/meetings/${m.id}/host`)}><Button type={soon(m) ? 'primary' : 'default'} icon={<DesktopOutlined />}>主持人屏幕</Button></Link>}
        {open && <Button icon={<CalendarOutlined />} onClick={() => setMoving(true)}>改期</Button>}
        {open && <Link to={to(`/meetings/${m.id}/edit`)}><Button icon={<EditOutlined />}>编辑</Button></Link>}
        {open && <Cancel meeting={m} />}
        <PrintButton />
      </>}
    >
      <Flex vertical gap={16}>
        <Notes meeting={m} />
        <Row gutter={[16, 16]}>
          <Col xs={24} lg={14}><Facts meeting={m} /></Col>
          <Col xs={24} lg={10}>
            <Flex vertical gap={16}>
              <Agenda meeting={m} />
              {m.my_rsvp && m.state === 'planned' && <MyAnswer meeting={m} />}
            </Flex>
          </Col>
        </Row>
        {m.can_manage ? <Attendance meeting={m} /> : <Counts meeting={m} />}
        <Ballots meeting={m} />
        <Invitation id={m.id} />
      </Flex>
      {moving && <Postpone meeting={m} etag={etag} reload={reload} close={() => setMoving(false)} />}
    </Page>
  )
}

/** What one should know before anything else. */
function Notes({ meeting: m }: { meeting: Meeting }) {
  const to = useLinkTo()
  return (
    <>
      {m.state === 'cancelled' && <Alert type="error" showIcon title={`会议已取消：${m.cancel_reason ?? ''}`} />}
      {m.online?.room === 'failed' && m.state === 'planned' && <Alert type="error" showIcon title={roomWords.failed} action={m.can_manage && <Link to={to(`/meetings/${m.id}/edit`)}><Button size="small">去填写</Button></Link>} />}
      {m.provisional && m.state === 'planned' && <Alert type="warning" showIcon title="当年的放假安排还没有公布，公布后请再核对一次时间。" />}
      {m.elsewhere > 0 && m.state === 'planned' && <Alert type="warning" showIcon title={`受邀的人里有 ${m.elsewhere} 位同一时间另有会议。`} />}
      {m.clashes.length > 0 && m.state === 'planned' && <Alert type="warning" showIcon title={<>您同一时间还有：{m.clashes.map((one) => <Link key={one.id} to={to(`/meetings/${one.id}`)} className="beside in-text">{one.topic}</Link>)}</>} />}
      {m.notice_at && m.state === 'planned' && <Alert type="info" showIcon title={`${when(m.notice_at)}确定参会名单并发出通知，届时以花名册为准。`} />}
    </>
  )
}

function Facts({ meeting: m }: { meeting: Meeting }) {
  const to = useLinkTo()
  const others = m.together.filter((one) => one.id !== m.id)
  return (
    <Card title={<h2>概况</h2>} extra={<MeetingState meeting={m} />}>
      <Descriptions column={1} size="small" items={[
        { key: 'at', label: '时间', children: <>{span(m.starts_at, m.ends_at)}{m.state === 'planned' && <Typography.Text type="secondary" className="beside">{fromNow(m.starts_at)}</Typography.Text>}</> },
        { key: 'mode', label: '方式', children: word(modeWords, m.mode) },
        ...(m.mode !== 'online' ? [{ key: 'place', label: '地点', children: m.place || '—' }] : []),
        ...(m.online ? [{ key: 'room', label: '线上会议', children: (
          <Flex vertical gap={4}>
            {m.online.code && <span>会议号 <strong className="figure">{m.online.code}</strong> <CopyButton size="small" text={m.online.code} what="会议号已复制">复制</CopyButton></span>}
            {m.online.join_url && <span className="pre">{m.online.join_url} <CopyButton size="small" text={m.online.join_url} what="链接已复制">复制</CopyButton></span>}
            {roomWords[m.online.room] && <Typography.Text type="secondary">{roomWords[m.online.room]}</Typography.Text>}
          </Flex>
        ) }] : []),
        { key: 'org', label: '召开组织', children: `${m.org.name} · ${m.type_label}` },
        { key: 'by', label: '召集人', children: m.created_by.name },
        { key: 'code', label: '签到', children: m.checkin_code ? '需输入主持人屏幕上的签到码' : '在小程序里点“签到”' },
        ...(m.reminders.length > 0 ? [{ key: 'bells', label: '会前提醒', children: m.reminders.map(ahead).join('、') }] : []),
        ...(m.override_reason ? [{ key: 'why', label: '占用上班时间的理由', children: m.override_reason }] : []),
        ...(m.note ? [{ key: 'note', label: '附言', children: <span className="pre">{m.note}</span> }] : []),
        ...(others.length > 0 ? [{ key: 'with', label: '合并召开', children: <Flex vertical>{others.map((one) => <Link key={one.id} to={to(`/meetings/${one.id}`)}>{word(meetingWords, one.type)}：{one.topic}</Link>)}</Flex> }] : []),
        ...(m.series_id ? [{ key: 'series', label: '系列会议', children: <Series id={m.id} /> }] : []),
      ]} />
    </Card>
  )
}

function ahead(minutes: number): string {
  if (minutes % 1440 === 0) return `提前 ${minutes / 1440} 天`
  return minutes % 60 === 0 ? `提前 ${minutes / 60} 小时` : `提前 ${minutes} 分钟`
}

function Series({ id }: { id: string }) {
  const to = useLinkTo()
  const series = useLoad(['series', id], (signal) => api.GET('/api/v1/meetings/{id}/series', { params: { path: { id } }, signal }))
  return (
    <Load of={series} rows={1}>
      {(all) => <Flex vertical>{all.items.map((one) => (one.id === id ? <strong key={one.id}>{when(one.starts_at)}（本次）</strong> : <Link key={one.id} to={to(`/meetings/${one.id}`)}>{when(one.starts_at)}{one.state === 'cancelled' && '（已取消）'}</Link>))}{all.left_out.map((day) => <Typography.Text key={day.date} type="secondary">{day.date}：{day.reason}</Typography.Text>)}</Flex>}
    </Load>
  )
}

function Agenda({ meeting: m }: { meeting: Meeting }) {
  const total = m.agenda.reduce((sum, item) => sum + item.minutes, 0)
  return (
    <Card title={<h2>议程</h2>} extra={<Flex gap={8} wrap className="no-print"><ExportButton size="small" path={`/api/v1/meetings/${m.id}/agenda.docx`} name={`${m.topic}-议程.docx`}>Word</ExportButton><ExportButton size="small" path={`/api/v1/meetings/${m.id}/agenda.pdf`} name={`${m.topic}-议程.pdf`}>PDF</ExportButton></Flex>}>
      {m.agenda.length === 0 ? <Typography.Text type="secondary">没有写议程。导出的议程单上留有空行。</Typography.Text> : (
        <>
          <ol className="agenda">{m.agenda.map((item, i) => <li key={i}>{item.title}{item.minutes > 0 && <span className="line-note">（{item.minutes} 分钟）</span>}</li>)}</ol>
          {total > 0 && <Typography.Text type="secondary">合计 {total} 分钟</Typography.Text>}
        </>
      )}
    </Card>
  )
}

function MyAnswer({ meeting: m }: { meeting: Meeting }) {
  const tell = useTell()
  const confirm = useConfirm()
  const answer = useAction((body: { status: 'accept' | 'leave'; reason?: string }) => api.PUT('/api/v1/meetings/{id}/rsvp', { params: { path: { id: m.id } }, body }), { changes: [['meeting', m.id], ['attendance', m.id], ['meetings']], done: () => tell.done('已答复'), failed: tell.failed })
  return (
    <Card title={<h2>我的答复</h2>} className="no-print">
      <Flex gap={8} wrap align="center">
        <span>{word(rsvpWords, m.my_rsvp)}{m.my_leave_reason && `：${m.my_leave_reason}`}</span>
        {m.my_rsvp !== 'accept' && <Button size="small" loading={answer.running} onClick={() => void answer.run({ status: 'accept' })}>参加</Button>}
        {m.my_rsvp !== 'leave' && <Button size="small" onClick={() => confirm({ title: '请假', ok: '请假', reason: { label: '原因', required: true, placeholder: '例如：当晚值班。' }, act: (reason) => answer.run({ status: 'leave', reason }) })}>请假</Button>}
      </Flex>
    </Card>
  )
}

/** For those who may see the meeting and do not run it. */
function Counts({ meeting: m }: { meeting: Meeting }) {
  return <Card title={<h2>答复</h2>}><div className="figures"><span className="fig"><span>受邀</span><b>{m.counts.invited}</b></span><span className="fig"><span>参加</span><b>{m.counts.accept}</b></span><span className="fig"><span>请假</span><b>{m.counts.leave}</b></span><span className="fig"><span>未答复</span><b>{m.counts.none}</b></span></div></Card>
}

function Invitation({ id }: { id: string }) {
  const text = useLoad(['invitation', id], (signal) => api.GET('/api/v1/meetings/{id}/invitation', { params: { path: { id } }, signal }), { keep: false })
  return (
    <Card title={<h2>邀请文字</h2>} className="no-print" extra={text.data && <CopyButton size="small" text={text.data.text} what="邀请文字已复制">复制</CopyButton>}>
      <Load of={text} rows={3}>{({ text: words }) => <pre className="letter">{words}</pre>}</Load>
    </Card>
  )
}

function Cancel({ meeting: m }: { meeting: Meeting }) {
  const tell = useTell()
  const confirm = useConfirm()
  const following = useRef(false)
  const cancel = useAction((reason: string, key) => api.POST('/api/v1/meetings/{id}/cancel', { params: { path: { id: m.id } }, body: { reason, ...(following.current ? { scope: 'following' as const } : {}) }, headers: { [IDEMPOTENCY]: key } }), {
    changes: [['meeting'], ['meetings'], ['invitation'], ['series'], ['attendance', m.id]], done: () => tell.done('会议已取消，已通知受邀的人'), failed: tell.failed,
  })
  const ask = () => {
    following.current = false
    confirm({
      title: '取消这次会议？', danger: true, ok: '取消会议', reason: { label: '取消的原因（受邀的人会看到）', required: true },
      content: <><p>{m.counts.invited} 位受邀的人会马上收到通知，会前提醒一并撤下；取消后不能恢复。</p>{m.series_id && <Checkbox onChange={(event) => { following.current = event.target.checked }}>连同以后各次一并取消</Checkbox>}</>,
      act: (reason) => cancel.run(reason),
    })
  }
  return <Button danger icon={<StopOutlined />} loading={cancel.running} onClick={ask}>取消会议</Button>
}
