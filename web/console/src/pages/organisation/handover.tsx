import { Alert, Button, Card, Col, Descriptions, Flex, Row, Steps, Tag, Typography } from 'antd'
import { useParams } from 'react-router'
import { api, IDEMPOTENCY } from '~/api/client'
import { useAction, useLoad } from '~/api/query'
import { ExportButton, PrintButton, useConfirm, useTell } from '~/ui/buttons'
import { Load, Nothing, Page } from '~/ui/page'
import { when } from '~/ui/time'
import { HandoverState, type Handover } from './handovers'

export default function HandoverPage() {
  const { id = '' } = useParams()
  const loaded = useLoad(['handover', id], (signal) => api.GET('/api/v1/handovers/{id}', { params: { path: { id } }, signal }), { keep: false })
  return <Load of={loaded}>{(row) => <Inside row={row} />}</Load>
}

function Inside({ row }: { row: Handover }) {
  const tell = useTell()
  const confirm = useConfirm()
  const changes = [['handover', row.id], ['handovers'], ['roster']]
  const params = { path: { id: row.id } }
  const agree = useAction((reason: string, key) => api.POST('/api/v1/handovers/{id}/confirm', { params, body: reason ? { reason } : {}, headers: { [IDEMPOTENCY]: key } }), { changes, done: () => tell.done('已确认'), failed: tell.failed })
  const cancel = useAction((reason: string, key) => api.POST('/api/v1/handovers/{id}/cancel', { params, body: { reason }, headers: { [IDEMPOTENCY]: key } }), { changes, done: () => tell.done('已取消'), failed: tell.failed })
  const from = row.from?.name ?? '（原书记已离任）'
  const mark = (confirmation: Handover['from_confirmation']) => (confirmation ? `${confirmation.by.name}，${when(confirmation.at)}${confirmation.in_place ? `（党办代为确认：${confirmation.reason ?? ''}）` : ''}` : '尚未确认')
  const step = row.state === 'done' ? 3 : (row.from_confirmation ? 1 : 0) + (row.to_confirmation ? 1 : 0)
  return (
    <Page
      title={`${row.org.name}：${from} → ${row.to.name}`} trail={[['工作交接', '/organisation/handovers']]} lead={row.note || undefined}
      extra={<>
        {row.can_confirm && <Button type="primary" loading={agree.running} onClick={() => confirm(row.needs_reason
          ? { title: '代交出方确认？', content: '原书记不能亲自确认时，由党办代为确认；原因会留在清单上。', ok: '代为确认', reason: { label: '原因', required: true, maxLength: 300 }, act: (reason) => agree.run(reason) }
          : { title: '确认交接？', content: '双方都确认后，书记角色和未办结的事立即移交。', ok: '确认', act: () => agree.run('') })}>{row.needs_reason ? '代为确认' : '确认交接'}</Button>}
        {row.can_cancel && <Button danger loading={cancel.running} onClick={() => confirm({ title: '取消这次交接？', ok: '取消交接', danger: true, reason: { label: '原因', required: true, maxLength: 300 }, act: (reason) => cancel.run(reason) })}>取消交接</Button>}
        <ExportButton path={`/api/v1/handovers/${row.id}/package.xlsx`} name="交接清单.xlsx">交接清单</ExportButton>
        <PrintButton />
      </>}
    >
      <Row gutter={[16, 16]}>
        <Col xs={24} lg={9}>
          <Card title={<h2>进度</h2>} extra={<HandoverState row={row} />}>
            <Steps orientation="vertical" size="small" current={step} status={row.state === 'cancelled' || row.state === 'expired' ? 'error' : undefined} items={[
              { title: `${from}（交出）`, content: mark(row.from_confirmation) }, { title: `${row.to.name}（接任）`, content: mark(row.to_confirmation) }, { title: '移交', content: row.state === 'done' ? when(row.ended_at) : '双方确认后自动办理' },
            ]} />
            <Descriptions column={1} size="small" items={[{ key: 'at', label: '发起', children: when(row.created_at) }, ...(row.state === 'open' ? [{ key: 'until', label: '请在此前确认', children: when(row.expires_at) }] : [])]} />
            {row.end_reason && <Alert type="info" showIcon title={row.end_reason} />}
          </Card>
        </Col>
        <Col xs={24} lg={15}>
          <Card title={<h2>清单（{row.items.length} 项）</h2>}>
            {row.items.length === 0 ? <Nothing title="没有未办结的事" /> : (
              <ul className="lines wide">
                {row.items.map((item) => (
                  <li key={item.kind + item.id}><div><Tag>{item.label}</Tag> {item.title}<div className="line-note">{[item.at ? when(item.at) : '', item.note].filter(Boolean).join(' · ')}</div></div>{item.handed_on ? <Tag color="blue">移交经办</Tag> : <Tag>随支部</Tag>}</li>
                ))}
              </ul>
            )}
            {row.state === 'open' && <Flex className="gap-top"><Typography.Text type="secondary">清单随事情的办理变化，移交时定格。</Typography.Text></Flex>}
          </Card>
        </Col>
      </Row>
    </Page>
  )
}
