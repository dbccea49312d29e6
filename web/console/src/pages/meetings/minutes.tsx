import { Alert, Button, Card, Flex, Steps, Tag } from 'antd'
import { Link, useParams } from 'react-router'
import { api } from '~/api/client'
import { useLoad } from '~/api/query'
import { ExportButton, PrintButton } from '~/ui/buttons'
import { useLinkTo } from '~/ui/link'
import { Load, Page } from '~/ui/page'
import { when } from '~/ui/time'
import { soon, useMeeting, type Meeting } from './meeting-parts'
import { Addenda } from './minutes-addenda'
import { Editor } from './minutes-editor'
import { Known, Paper } from './minutes-paper'
import type { Minutes } from './minutes-text'
import './meetings.css'

/** The minutes of a meeting: what is known stands there already, two write the rest, both sign, and then it is only added to. */
export default function MinutesPage() {
  const { id = '' } = useParams()
  const meeting = useMeeting(id)
  const loaded = useLoad(['minutes', id], (signal) => api.GET('/api/v1/meetings/{id}/minutes', { params: { path: { id } }, signal }), { keep: false, every: 30_000 })
  return <Load of={loaded}>{(minutes) => <Inside id={id} minutes={minutes} etag={loaded.etag} meeting={meeting.data} />}</Load>
}

function Inside({ id, minutes: m, etag, meeting }: { id: string; minutes: Minutes; etag: string | undefined; meeting: Meeting | undefined }) {
  const to = useLinkTo()
  const locked = m.state === 'locked'
  const cancelled = meeting?.state === 'cancelled'
  const early = meeting?.state === 'planned' && !soon(meeting)
  return (
    <Page
      title={m.facts.title} trail={[['会议', '/meetings'], [m.facts.topic, `/meetings/${id}`]]} lead={<>{m.facts.topic}{m.late && <Tag color="gold" className="beside">补录</Tag>}</>}
      extra={<>
        <ExportButton path={`/api/v1/meetings/${id}/minutes.docx`} name={`${m.facts.title}.docx`}>Word</ExportButton>
        <ExportButton path={`/api/v1/meetings/${id}/minutes.pdf`} name={`${m.facts.title}.pdf`}>PDF</ExportButton>
        <PrintButton />
        <Link to={to(`/meetings/${id}`)}><Button>回到会议</Button></Link>
      </>}
    >
      <Flex vertical gap={16}>
        {cancelled && <Alert type="error" showIcon title="会议已取消，没有会议记录。" />}
        {early && <Alert type="info" showIcon title="会议还没有开始。记录在会上或会后写；系统知道的会先填在下面。" />}
        <Card className="no-print"><Progress minutes={m} /></Card>
        {locked && <Alert type="success" showIcon title={`会议记录已于${when(m.locked_at)}签署定稿，不能再改；需要补充的，写在补记里。`} />}
        <Known minutes={m} />
        {early ? null : !locked && m.can_write && !cancelled ? <Editor id={id} minutes={m} etag={etag} /> : <Paper minutes={m} />}
        {locked && <Addenda id={id} minutes={m} />}
      </Flex>
    </Page>
  )
}

function Progress({ minutes: m }: { minutes: Minutes }) {
  const locked = m.state === 'locked'
  const signed = (who: Minutes['host']) => (who.signed_at ? `${when(who.signed_at)}签名` : locked ? '' : '待签名')
  return (
    <Steps
      aria-label="进度" current={locked ? 3 : m.state === 'signed' ? 1 : 0} size="small"
      items={[
        { title: '写记录', content: m.version === 0 ? '还没有保存过' : m.late ? '会后补录，文件上会注明' : undefined },
        { title: '两人签名', content: <>主持人{m.host.member?.name ?? '未填'}：{signed(m.host)}<br />记录人{m.recorder.member?.name ?? '未填'}：{signed(m.recorder)}</> },
        { title: '定稿', content: locked ? when(m.locked_at) : '两人签名后自动定稿' },
      ]}
    />
  )
}
