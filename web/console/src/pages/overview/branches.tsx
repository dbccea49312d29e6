import { Card, Flex, Grid, Progress, Table, Tag, Typography } from 'antd'
import { Link } from 'react-router'
import { api } from '~/api/client'
import { useLoad } from '~/api/query'
import type { components } from '~/api/schema'
import { ExportButton } from '~/ui/buttons'
import { useLinkTo } from '~/ui/link'
import { Load, Nothing } from '~/ui/page'
import { now } from '~/ui/time'

type Row = components['schemas']['OverviewRow']

/** Branches are all branches in the order of the tree: what is owed, done, planned and excused, and who needs help. Nobody stands before anybody else. */
export function Branches() {
  const to = useLinkTo()
  const wide = Grid.useBreakpoint().md !== false
  const year = now().year()
  const overview = useLoad(['supervision', 'overview', year], (signal) => api.GET('/api/v1/supervision/overview', { params: { query: { year } }, signal }))
  const name = (row: Row) => <Link to={to('/supervision/obligations', { org: row.org.id })}>{row.org.name}</Link>
  return (
    <Card title={<h2>各支部{year}年的组织生活</h2>} extra={<Flex gap={8} wrap className="no-print"><ExportButton size="small" path="/api/v1/supervision/progress-report.xlsx" name="进程反馈表.xlsx">进程反馈表</ExportButton><Link to={to('/supervision')}>督导总览</Link></Flex>}>
      <Load of={overview}>
        {({ items }) =>
          items.length === 0 ? (
            <Nothing title="还没有支部" hint="先在“组织”里建立支部。" />
          ) : wide ? (
            <Table<Row>
              rowKey={(row) => row.org.id} dataSource={items} pagination={false} size="middle" scroll={{ x: 760 }}
              columns={[
                { title: '支部（按组织顺序）', key: 'org', render: (_, row) => <>{name(row)}{row.needs_help && <Help row={row} />}</> },
                { title: '全年进度', key: 'progress', width: 180, render: (_, row) => <Share row={row} /> },
                { title: '应开', dataIndex: 'owed', align: 'right' },
                { title: '已开', dataIndex: 'done', align: 'right' },
                { title: '待开', dataIndex: 'planned', align: 'right' },
                { title: '已说明', dataIndex: 'excused', align: 'right' },
                { title: '还可安排', dataIndex: 'open', align: 'right' },
                { title: '意见超期', dataIndex: 'overdue_suggestions', align: 'right' },
                { title: '督办未结', dataIndex: 'open_actions', align: 'right' },
              ]}
            />
          ) : (
            <Flex vertical gap={12}>
              {items.map((row) => (
                <div key={row.org.id}>
                  <div>{name(row)}</div>{row.needs_help && <Help row={row} />}
                  <Share row={row} />
                  <Typography.Text type="secondary" className="small">应开 {row.owed} · 已开 {row.done} · 待开 {row.planned} · 已说明 {row.excused} · 还可安排 {row.open} · 意见超期 {row.overdue_suggestions} · 督办未结 {row.open_actions}</Typography.Text>
                </div>
              ))}
            </Flex>
          )
        }
      </Load>
    </Card>
  )
}

function Help({ row }: { row: Row }) {
  return <Tag className="beside" color="gold">{row.helper ? `由${row.helper.name}帮扶` : '建议帮扶'}</Tag>
}

function Share({ row }: { row: Row }) {
  const share = (n: number) => (row.owed > 0 ? Math.min(100, Math.round((n / row.owed) * 100)) : 100)
  return <Progress size="small" showInfo={false} percent={share(row.done + row.planned + row.excused)} success={{ percent: share(row.done) }} aria-label={`已开 ${row.done}，待开 ${row.planned}，应开 ${row.owed}`} />
}
