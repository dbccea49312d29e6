import { App, Button, Card, Flex, Form, Grid, Input, Modal, Progress, Table, Tag, Typography } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { api } from '~/api/client'
import { useAction, useLoad } from '~/api/query'
import type { components } from '~/api/schema'
import { ExportButton, PrintButton, useTell } from '~/ui/buttons'
import { useFilters } from '~/ui/filters'
import { useLinkTo } from '~/ui/link'
import { OrgPicker } from '~/ui/org'
import { Load, Nothing, Page } from '~/ui/page'
import { now } from '~/ui/time'
import { Openings } from './openings'
import { YearPicker } from './year'

type Row = components['schemas']['OverviewRow']

export default function Radar() {
  const to = useLinkTo()
  const wide = Grid.useBreakpoint().md !== false
  const [filters, filter] = useFilters({ year: String(now().year()) })
  const [helping, setHelping] = useState<Row | null>(null)
  const overview = useLoad(['supervision', 'overview', filters.year], (signal) => api.GET('/api/v1/supervision/overview', { params: { query: { year: Number(filters.year) } }, signal }))
  const name = (row: Row) => <Link to={to('/supervision/obligations', { org: row.org.id, year: filters.year })}>{row.org.name}</Link>
  const help = (row: Row) => (
    <Flex wrap gap={4} align="center">
      {row.helper ? <Tag color="blue" title={row.help_note}>由{row.helper.name}帮扶</Tag> : row.needs_help && <Tag color="gold">建议帮扶</Tag>}
      {(row.needs_help || row.helper) && <Button size="small" className="no-print" onClick={() => setHelping(row)}>{row.helper ? '调整' : '安排'}</Button>}
    </Flex>
  )
  return (
    <Page title="督导总览" lead="按组织顺序排列，不作排名：看谁需要帮一把。" extra={<><YearPicker value={filters.year} onChange={(year) => filter({ year })} /><ExportButton path={`/api/v1/supervision/annual-check.xlsx?year=${filters.year}`} name="年检.xlsx">年检表</ExportButton><PrintButton /></>}>
      <Flex vertical gap={16}>
        <Card>
          <Load of={overview}>
            {({ items }) => items.length === 0 ? <Nothing title="还没有支部" hint="先在“组织与角色”里建立支部。" /> : wide ? (
              <Table<Row> rowKey={(row) => row.org.id} dataSource={items} pagination={false} size="middle" scroll={{ x: 820 }} expandable={{ expandedRowRender: (row) => <Openings org={row.org.id} year={filters.year} />, rowExpandable: (row) => row.open > 0, columnTitle: <span className="off-screen">还可安排的</span> }}
                columns={[
                  { title: '支部', key: 'org', render: (_, row) => <>{name(row)}{help(row)}</> },
                  { title: '进度', key: 'progress', width: 130, render: (_, row) => <Share row={row} /> },
                  { title: '应开', dataIndex: 'owed', align: 'right' }, { title: '已开', dataIndex: 'done', align: 'right' }, { title: '待开', dataIndex: 'planned', align: 'right' },
                  { title: '已说明', dataIndex: 'excused', align: 'right' }, { title: '还可安排', dataIndex: 'open', align: 'right' }, { title: '已过期', dataIndex: 'missed', align: 'right' },
                  { title: '意见超期', dataIndex: 'overdue_suggestions', align: 'right' }, { title: '督办未结', dataIndex: 'open_actions', align: 'right' },
                ]} />
            ) : (
              <ul className="lines">
                {items.map((row) => (
                  <li key={row.org.id}>
                    {name(row)}{help(row)}<Share row={row} />
                    <Typography.Text type="secondary" className="small">应开 {row.owed} · 已开 {row.done} · 待开 {row.planned} · 已说明 {row.excused} · 还可安排 {row.open} · 已过期 {row.missed} · 意见超期 {row.overdue_suggestions} · 督办未结 {row.open_actions}</Typography.Text>
                  </li>
                ))}
              </ul>
            )}
          </Load>
        </Card>
      </Flex>
      {helping && <Help row={helping} close={() => setHelping(null)} />}
    </Page>
  )
}

function Share({ row }: { row: Row }) {
  const share = (n: number) => (row.owed > 0 ? Math.min(100, Math.round((n / row.owed) * 100)) : 100)
  return <Progress size="small" showInfo={false} percent={share(row.done + row.planned + row.excused)} success={{ percent: share(row.done) }} aria-label={`应开 ${row.owed}，已开 ${row.done}，待开 ${row.planned}，已说明 ${row.excused}`} />
}

function Help({ row, close }: { row: Row; close: () => void }) {
  const tell = useTell()
  const { modal } = App.useApp()
  const save = useAction((body: { helper_id?: string; note?: string }) => api.PUT('/api/v1/orgs/{id}/helper', { params: { path: { id: row.org.id } }, body }), { changes: [['supervision']], done: () => { tell.done('已安排'); close() }, failed: (problem) => void modal.error({ title: '没有办成', content: problem.message }) })
  const [form] = Form.useForm()
  return (
    <Modal open title={`一对一帮扶：${row.org.name}`} okText="保存" cancelText="取消" confirmLoading={save.running} onOk={() => form.submit()} onCancel={close}>
      <Form form={form} layout="vertical" initialValues={{ helper_id: row.helper?.id ?? '', note: row.help_note }} onFinish={(values: { helper_id?: string; note?: string }) => void save.run(values)}>
        <Form.Item name="helper_id" label="由哪个支部帮扶" extra="清空即结束帮扶。"><OrgPicker allowClear only={(org) => org.kind === 'branch' && org.id !== row.org.id} placeholder="选择支部" /></Form.Item>
        <Form.Item name="note" label="怎么帮（可不填）"><Input maxLength={200} showCount placeholder="如 联合开展主题党日" /></Form.Item>
      </Form>
    </Modal>
  )
}
