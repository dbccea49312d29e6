import { RedoOutlined, StopOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { Alert, Button, Card, Col, Descriptions, Flex, Progress, Row, Segmented, Statistic, Tag, Typography } from 'antd'
import { useEffect, useState } from 'react'
import { useParams } from 'react-router'
import { api, IDEMPOTENCY } from '~/api/client'
import { listen } from '~/api/events'
import { useAction, useLoad, usePages } from '~/api/query'
import type { components } from '~/api/schema'
import { CopyButton, ExportButton, PrintButton, useConfirm, useTell } from '~/ui/buttons'
import { useFilters } from '~/ui/filters'
import { useOrgs } from '~/ui/org'
import { Load, Nothing, Page } from '~/ui/page'
import { PagedTable } from '~/ui/table'
import { when } from '~/ui/time'
import { channelWords, deliveryWords, pushKindWords, word } from '~/ui/words'
import { PushState, tally, type Push } from './parts'

type Delivery = components['schemas']['DeliveryView']
type State = Delivery['state']

export default function PushPage() {
  const { id = '' } = useParams()
  const loaded = useLoad(['push', id], (signal) => api.GET('/api/v1/pushes/{id}', { params: { path: { id } }, signal }), { keep: false })
  const live = useLive(id, loaded.data?.state)
  return (
    <Load of={loaded}>{(push) => <Inside push={push} live={live} />}</Load>
  )
}

/** useLive follows a push that is not at its end, and tells whether it does so now. */
function useLive(id: string, state: Push['state'] | undefined): boolean {
  const queries = useQueryClient()
  const [on, setOn] = useState(false)
  const open = state === 'scheduled' || state === 'sending'
  useEffect(() => {
    if (!open) return undefined
    const stop = new AbortController()
    const follow = async () => {
      try {
        await listen(`/api/v1/pushes/${id}/events`, stop.signal, ({ data }) => {
          setOn(true)
          const push = JSON.parse(data) as Push
          queries.setQueryData(['push', id], (old: { etag?: string } | undefined) => ({ etag: old?.etag, data: push }))
          void queries.invalidateQueries({ queryKey: ['deliveries', id] })
          return push.state === 'scheduled' || push.state === 'sending'
        })
      } catch {
        // What is shown stays; it is asked for again when the window comes back.
      } finally {
        setOn(false)
      }
    }
    void follow()
    return () => stop.abort()
  }, [id, open, queries])
  return on
}

const figures: { state: State; name: string }[] = [
  { state: 'sent', name: '已送达微信' },
  { state: 'inbox_only', name: '仅站内信' },
  { state: 'queued', name: '排队中' },
  { state: 'deferred', name: '等待时段' },
  { state: 'in_doubt', name: '存疑' },
  { state: 'failed', name: '失败' },
  { state: 'cancelled', name: '已取消' },
]

function Inside({ push, live }: { push: Push; live: boolean }) {
  const tell = useTell()
  const confirm = useConfirm()
  const { items: orgs } = useOrgs()
  const cancel = useAction((_: string, key) => api.POST('/api/v1/pushes/{id}/cancel', { params: { path: { id: push.id } }, headers: { [IDEMPOTENCY]: key } }), {
    changes: [['push', push.id], ['pushes'], ['deliveries', push.id]], done: () => tell.done('没发出的部分已取消'), failed: tell.failed,
  })
  const retry = useAction((_: string, key) => api.POST('/api/v1/pushes/{id}/retry', { params: { path: { id: push.id } }, headers: { [IDEMPOTENCY]: key } }), {
    changes: [['push', push.id], ['pushes'], ['deliveries', push.id]], done: () => tell.done('已重新排队'), failed: tell.failed,
  })
  const { done, share } = tally(push.counts)
  const open = push.state === 'scheduled' || push.state === 'sending'
  const again = push.counts.failed + push.counts.in_doubt
  return (
    <Page
      title={push.title}
      trail={[['推送记录', '/pushes']]}
      extra={
        <>
          {open && (
            <Button danger icon={<StopOutlined />} loading={cancel.running} onClick={() => confirm({ title: '取消还没发出的部分？', content: '已经响过的提醒收不回来；站内信里的通知也会留着。', ok: '取消推送', danger: true, act: () => cancel.run('') })}>
              取消没发出的
            </Button>
          )}
          {again > 0 && (
            <Button icon={<RedoOutlined />} loading={retry.running} onClick={() => confirm({ title: `重发给 ${again} 位失败或存疑的成员？`, content: push.counts.in_doubt > 0 ? '“存疑”是微信没有回话，个别成员可能因此收到两次。' : undefined, ok: '重发', act: () => retry.run('') })}>
              重发失败与存疑
            </Button>
          )}
          <ExportButton path={`/api/v1/pushes/${push.id}/phone-list.xlsx`} name="电话通知名单.xlsx">电话名单</ExportButton>
          <CopyButton text={() => `${push.title}\n${push.body}\n${push.summary}`}>复制</CopyButton>
          <PrintButton />
        </>
      }
    >
      <Flex vertical gap={16}>
        {push.urgent_reason && <Alert type="warning" showIcon title={`紧急通知：${push.urgent_reason}`} />}
        {push.stop_reason && <Alert type="info" showIcon title={push.stop_reason} />}
        <Row gutter={[16, 16]}>
          <Col xs={24} xl={14}>
            <Card title={<h2>送达情况</h2>} extra={<Flex gap={8} align="center" aria-live="polite">{live && <Tag color="processing">实时</Tag>}<PushState push={push} /></Flex>}>
              <Progress percent={share} status={open ? 'active' : 'normal'} aria-label={`已办结 ${done} / ${push.counts.recipients}`} />
              <Typography.Paragraph className="push-summary">{push.summary}</Typography.Paragraph>
              <div className="figures">
                <Statistic title="收件人" value={push.counts.recipients} />
                {figures.map(({ state, name }) => {
                  const value = push.counts[state as keyof typeof push.counts]
                  return value ? <Statistic key={state} title={name} value={value} /> : null
                })}
              </div>
            </Card>
          </Col>
          <Col xs={24} xl={10}>
            <Card title={<h2>内容</h2>}>
              <Descriptions column={1} size="small" items={[
                { key: 'kind', label: '类型', children: word(pushKindWords, push.kind) },
                { key: 'org', label: '以谁的名义', children: orgs.find((org) => org.id === push.org_id)?.name ?? '—' },
                { key: 'at', label: '发送时间', children: when(push.send_at) },
                ...(push.expires_at ? [{ key: 'until', label: '过期不再推送', children: when(push.expires_at) }] : []),
                { key: 'body', label: '站内信正文', children: <span className="pre">{push.body || '—'}</span> },
              ]} />
            </Card>
          </Col>
        </Row>
        <Ledger id={push.id} open={open} />
      </Flex>
    </Page>
  )
}

const states: State[] = ['sent', 'inbox_only', 'failed', 'in_doubt', 'queued', 'deferred', 'sending', 'cancelled']

function Ledger({ id, open }: { id: string; open: boolean }) {
  const [filters, filter] = useFilters({ state: '' })
  const pages = usePages<Delivery>(['deliveries', id, filters.state], (cursor, signal) =>
    api.GET('/api/v1/pushes/{id}/deliveries', { params: { path: { id }, query: { cursor, state: (filters.state || undefined) as State | undefined } }, signal }))
  return (
    <Card title={<h2>逐人台账</h2>}>
      <div className="filters no-print scroll-x">
        <Segmented aria-label="按状态筛选" value={filters.state} onChange={(state) => filter({ state })} options={[{ value: '', label: '全部' }, ...states.map((state) => ({ value: state, label: word(deliveryWords, state) }))]} />
      </div>
      <PagedTable
        label="逐人台账"
        pages={pages}
        rowKey={(row) => `${row.member.id}-${row.member.name}-${row.not_before}-${row.state}`}
        empty={<Nothing title={filters.state ? '没有这种状态的人' : open ? '还没有展开名单' : '没有收件人'} hint={open && !filters.state ? '到发送时间后逐人列出。' : undefined} />}
        columns={[
          { title: '成员', key: 'member', render: (_, row) => row.member.name || <Typography.Text type="secondary">不列姓名</Typography.Text> },
          { title: '方式', key: 'channel', render: (_, row) => word(channelWords, row.channel) },
          { title: '状态', key: 'state', render: (_, row) => <StateTag state={row.state} /> },
          { title: '经过', key: 'reason', render: (_, row) => <div className="cell-wide">{row.reason || row.deferred_reason || '—'}{row.errcode !== 0 && <Typography.Text type="secondary" className="small">（微信错误码 {row.errcode}）</Typography.Text>}</div> },
          { title: '下一步', key: 'advice', render: (_, row) => <div className="cell-wide">{row.advice || '—'}</div> },
          { title: '时间', key: 'at', render: (_, row) => <span className="nowrap">{row.sent_at ? when(row.sent_at) : row.state === 'deferred' ? `最早 ${when(row.not_before)}` : '—'}</span> },
        ]}
        card={(row) => (
          <Flex vertical gap={2}>
            <Flex justify="space-between"><strong>{row.member.name || '不列姓名'}</strong><StateTag state={row.state} /></Flex>
            <span>{row.reason || row.deferred_reason}</span>
            {row.advice && <Typography.Text type="secondary">下一步：{row.advice}</Typography.Text>}
          </Flex>
        )}
      />
    </Card>
  )
}

function StateTag({ state }: { state: State }) {
  const colour: Partial<Record<State, string>> = { sent: 'green', failed: 'red', in_doubt: 'orange', deferred: 'blue', sending: 'processing' }
  return <Tag color={colour[state]}>{word(deliveryWords, state)}</Tag>
}
