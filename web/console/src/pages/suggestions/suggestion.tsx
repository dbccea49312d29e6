import { Button, Card, Col, Descriptions, Flex, Rate, Row, Timeline, Typography } from 'antd'
import { useParams } from 'react-router'
import { api, IDEMPOTENCY } from '~/api/client'
import { useAction, useLoad } from '~/api/query'
import type { components } from '~/api/schema'
import { PrintButton, useConfirm, useTell, type Confirm } from '~/ui/buttons'
import { Load, Page } from '~/ui/page'
import { when } from '~/ui/time'
import { word } from '~/ui/words'
import { clock, StateTag } from './list'

type Suggestion = components['schemas']['SuggestionView']
type Step = components['schemas']['SuggestionStepInputBody']

/** What each step asks of whoever takes it; `assign` needs a person and is done on the phone. */
const steps: Partial<Record<Step['action'], { name: string; ask: Omit<Confirm, 'act'>; danger?: boolean }>> = {
  accept: { name: '受理', ask: { title: '受理这条意见建议？', content: '受理后开始计算答复时限，提出人会收到通知。', ok: '受理' } },
  reply: { name: '答复', ask: { title: '答复', content: '提出人会收到答复，并说是否解决。', ok: '发出答复', reason: { label: '答复内容', required: true, maxLength: 2000, placeholder: '怎么办的、什么时候见效；办不了的说明原因。' } } },
  extend: { name: '延期', ask: { title: '延期一次？', content: '只能延一次，理由会公开。', ok: '延期', reason: { label: '公开的理由', required: true } } },
  escalate: { name: '上报', ask: { title: '上报上级组织？', content: '由上级组织接着办，提出人会收到通知。', ok: '上报', reason: { label: '说明（可不填）' } } },
  decline: { name: '不予受理', ask: { title: '不予受理？', ok: '不予受理', reason: { label: '理由（提出人会看到）', required: true } }, danger: true },
  close: { name: '办结', ask: { title: '办结？', ok: '办结' } },
  reopen: { name: '重新办理', ask: { title: '重新办理？', ok: '重新办理', reason: { label: '说明（可不填）' } } },
}

const entryWords: Record<string, string> = {
  submit: '提出', accept: '受理', reply: '答复', decline: '不予受理', escalate: '上报', extend: '延期', assign: '交办', close: '办结', reopen: '重新办理', rate: '评价', overdue: '超期', merge: '合并办理', replan: '时限重算', publication: '公开答复',
}

export default function SuggestionPage() {
  const { id = '' } = useParams()
  const loaded = useLoad(['suggestion', id], (signal) => api.GET('/api/v1/suggestions/{id}', { params: { path: { id } }, signal }), { keep: false })
  return <Load of={loaded}>{(row) => <Inside row={row} />}</Load>
}

function Inside({ row }: { row: Suggestion }) {
  const tell = useTell()
  const confirm = useConfirm()
  const step = useAction((body: Step, key) => api.POST('/api/v1/suggestions/{id}/transitions', { params: { path: { id: row.id } }, body, headers: { [IDEMPOTENCY]: key } }), {
    changes: [['suggestion', row.id], ['suggestions']], done: () => tell.done('已办'), failed: tell.failed,
  })
  const offered = row.actions.filter((action): action is Step['action'] => action in steps)
  return (
    <Page
      title={row.title}
      trail={[['意见建议', '/suggestions']]}
      extra={
        <>
          {offered.map((action, i) => {
            const { name, ask, danger } = steps[action]!
            return <Button key={action} type={i === 0 ? 'primary' : 'default'} danger={danger} disabled={step.running} onClick={() => confirm({ ...ask, danger, act: (text) => step.run({ action, ...(text ? { text } : {}) }) })}>{name}</Button>
          })}
          <PrintButton />
        </>
      }
    >
      <Row gutter={[16, 16]}>
        <Col xs={24} lg={14}>
          <Flex vertical gap={16}>
            <Card title={<h2>内容</h2>} extra={<StateTag row={row} />}>
              <Typography.Paragraph className="pre">{row.content}</Typography.Paragraph>
              {row.attachments.length > 0 && <ul className="plain">{row.attachments.map((file) => <li key={file.id}><a href={file.url}>{file.name}</a></li>)}</ul>}
            </Card>
            {row.reply && <Card title={<h2>答复</h2>}><Typography.Paragraph className="pre tight">{row.reply}</Typography.Paragraph>{row.rating && <div><Rate disabled value={row.rating.stars} aria-label={`评价 ${row.rating.stars} 星`} /> {row.rating.text}</div>}</Card>}
            <Card title={<h2>概况</h2>}>
              <Descriptions column={{ xs: 1, md: 2 }} size="small" items={[
                { key: 'from', label: '提出人', children: row.anonymous ? '匿名（任何人都看不到）' : (row.author?.name ?? '—') },
                { key: 'org', label: '承办组织', children: row.org.name },
                { key: 'clock', label: '时限', children: `${clock(row)}${row.provisional ? '（放假安排未公布，可能变动）' : ''}` },
                { key: 'assignee', label: '经办人', children: row.assignee?.name ?? '—' },
                { key: 'at', label: '提出时间', children: when(row.created_at) },
                ...(row.extension_reason ? [{ key: 'ext', label: '延期理由', children: row.extension_reason }] : []),
              ]} />
            </Card>
          </Flex>
        </Col>
        <Col xs={24} lg={10}>
          <Card title={<h2>办理过程</h2>}>
            <Timeline items={row.timeline.map((entry, i) => ({ key: i, content: <><strong>{word(entryWords, entry.action)}</strong> <span className="line-note">{when(entry.at)}{entry.by ? ` · ${entry.by.name}` : ''}</span>{entry.text && <div className="pre">{entry.text}</div>}</> }))} />
          </Card>
        </Col>
      </Row>
    </Page>
  )
}
