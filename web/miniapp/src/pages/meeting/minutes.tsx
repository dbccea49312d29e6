import { span } from '@/text/time'
import { Card, Facts, FileButton, Hint, Load, Page, Rows, Row, useGet, useParams } from '@/ui'

/** The minutes as members read them. */
export default function MeetingMinutes() {
  const { id = '' } = useParams()
  const minutes = useGet('/meetings/{id}/minutes', { path: { id } })
  return (
    <Page title="会议记录" who="member" above="meetings">
      <Load of={minutes}>
        {(m) => (
          <>
            <Card title={m.facts.title}>
              <Facts items={[
                ['时间', span(m.facts.starts_at, m.facts.ends_at)], ['地点', m.facts.where], ['应到、实到', `${m.facts.entitled} 人、${m.facts.present} 人`],
                ['主持、记录', [m.host.member?.name, m.recorder.member?.name].filter(Boolean).join('、')], ['要点', m.summary], ['表决', m.facts.polls.map((p) => `${p.question}：${p.result.text}`).join('；')],
              ]} />
            </Card>
            {m.resolutions.length > 0 ? (
              <Card title="决议">
                <Rows label="决议">{m.resolutions.map((r, i) => <Row key={i} title={r.text} text={r.owner ? `${r.owner.name}，${r.due_on} 前` : undefined} />)}</Rows>
              </Card>
            ) : null}
            {m.addenda.map((a, i) => <Hint key={i}>补充说明：{a.text}（{a.author.name}）</Hint>)}
            {m.state === 'draft' ? <Hint>记录还是草稿，主持人和记录人签名后定稿。</Hint> : <FileButton path={`/meetings/${id}/minutes.pdf`} name={`${m.facts.title}.pdf`}>下载 PDF</FileButton>}
          </>
        )}
      </Load>
    </Page>
  )
}
