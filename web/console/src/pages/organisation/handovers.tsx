import { SwapOutlined } from '@ant-design/icons'
import { Button, Flex, Form, Input, Modal, Select, Tag, Typography } from 'antd'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { api, IDEMPOTENCY } from '~/api/client'
import { showFaults, type Fault, type Problem } from '~/api/problem'
import { useAction, useLoad, usePages } from '~/api/query'
import type { components } from '~/api/schema'
import { useLinkTo } from '~/ui/link'
import { OrgPicker, useOrg } from '~/ui/org'
import { Load, Nothing, Page, ProblemAlert } from '~/ui/page'
import { PagedTable } from '~/ui/table'
import { when } from '~/ui/time'

export type Handover = components['schemas']['HandoverView']

export function HandoverState({ row }: { row: Handover }) {
  const colour: Record<string, string | undefined> = { open: 'blue', done: 'green', expired: 'orange' }
  return <Tag color={colour[row.state]}>{row.state_text}</Tag>
}

export default function Handovers() {
  const to = useLinkTo()
  const { id, org, choose } = useOrg()
  const [starting, setStarting] = useState(false)
  const pages = usePages<Handover>(['handovers', id], (cursor, signal) => api.GET('/api/v1/orgs/{id}/handovers', { params: { path: { id }, query: { cursor } }, signal }), { enabled: !!id && org?.kind === 'branch' })
  const line = (row: Handover) => `${row.from?.name ?? '（原书记已离任）'} → ${row.to.name}`
  return (
    <Page title="工作交接" lead="书记换人时，把没办完的事列成清单，双方确认后一并移交。" extra={org?.kind === 'branch' && <Button type="primary" icon={<SwapOutlined />} onClick={() => setStarting(true)}>发起交接</Button>}>
      <div className="filters no-print"><OrgPicker aria-label="支部" only={(one) => one.kind === 'branch'} value={org?.kind === 'branch' ? id : ''} onChange={choose} placeholder="选择支部" style={{ width: 'min(320px, 100%)' }} /></div>
      {org?.kind !== 'branch' ? <Nothing title="请先选择一个支部" /> : (
        <PagedTable
          label="历次交接" pages={pages} empty={<Nothing title="还没有交接" hint="书记换届、调动、请长假时，从这里发起。" />}
          columns={[
            { title: '交接', key: 'who', render: (_, row) => <Link to={to(`/organisation/handovers/${row.id}`)}>{line(row)}</Link> },
            { title: '状态', key: 'state', render: (_, row) => <HandoverState row={row} /> },
            { title: '发起', key: 'at', render: (_, row) => when(row.created_at) },
            { title: '办结', key: 'end', render: (_, row) => when(row.ended_at) },
            { title: '说明', key: 'note', render: (_, row) => <div className="cell-wide">{row.end_reason || row.note || '—'}</div> },
          ]}
          card={(row) => <Flex vertical gap={2}><Flex justify="space-between" gap={8}><Link to={to(`/organisation/handovers/${row.id}`)}>{line(row)}</Link><HandoverState row={row} /></Flex><Typography.Text type="secondary">发起 {when(row.created_at)}</Typography.Text></Flex>}
        />
      )}
      {starting && <Start org={id} close={() => setStarting(false)} />}
    </Page>
  )
}

type Body = components['schemas']['StartHandoverInputBody']

function Start({ org, close }: { org: string; close: () => void }) {
  const to = useLinkTo()
  const go = useNavigate()
  const [form] = Form.useForm()
  const [failure, setFailure] = useState<{ problem: Problem; rest: Fault[] } | null>(null)
  const people = useLoad(['roster', org, 'all'], (signal) => api.GET('/api/v1/orgs/{id}/members', { params: { path: { id: org }, query: { limit: 100 } }, signal }))
  const start = useAction((body: Body, key) => api.POST('/api/v1/orgs/{id}/handovers', { params: { path: { id: org } }, body, headers: { [IDEMPOTENCY]: key } }), {
    changes: [['handovers', org]], done: (made) => void go(to(`/organisation/handovers/${made.id}`)), failed: (problem) => setFailure({ problem, rest: showFaults(form, problem) }),
  })
  return (
    <Modal open title="发起工作交接" okText="发起" cancelText="取消" confirmLoading={start.running} onOk={() => form.submit()} onCancel={close}>
      {failure && <ProblemAlert problem={failure.problem} faults={failure.rest} />}
      <Load of={people} rows={2}>
        {({ items }) => {
          const all = items ?? []
          const secretaries = all.filter((one) => one.grants.some((grant) => grant.role === 'secretary' && grant.org_id === org))
          const choices = (list: typeof all) => list.map((one) => ({ value: one.id, label: `${one.name}${one.employer ? ` · ${one.employer}` : ''}` }))
          return (
            <Form form={form} layout="vertical" onFinish={(values) => { setFailure(null); void start.run(values) }}>
              <Form.Item name="to_member_id" label="接任" rules={[{ required: true, message: '请选择接任的人。' }]}><Select showSearch={{ optionFilterProp: 'label' }} placeholder="选择成员" options={choices(all)} /></Form.Item>
              {secretaries.length > 1 && <Form.Item name="from_member_id" label="交出" rules={[{ required: true, message: '请选择交出的人。' }]}><Select options={choices(secretaries)} /></Form.Item>}
              <Form.Item name="note" label="说明（可不填）"><Input.TextArea rows={2} maxLength={300} showCount /></Form.Item>
            </Form>
          )
        }}
      </Load>
    </Modal>
  )
}
