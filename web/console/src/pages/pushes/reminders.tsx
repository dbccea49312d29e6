import { PlusOutlined } from '@ant-design/icons'
import { Badge, Button, Flex, Typography } from 'antd'
import { Link } from 'react-router'
import { api } from '~/api/client'
import { usePages } from '~/api/query'
import type { components } from '~/api/schema'
import { useLinkTo } from '~/ui/link'
import { useOrg } from '~/ui/org'
import { Nothing, Page } from '~/ui/page'
import { PagedTable } from '~/ui/table'
import { when } from '~/ui/time'

type Reminder = components['schemas']['ReminderView']

export default function Reminders() {
  const { id: org } = useOrg()
  const to = useLinkTo()
  const pages = usePages<Reminder>(['reminders', org], (cursor, signal) => api.GET('/api/v1/reminders', { params: { query: { cursor, org_id: org || undefined } }, signal }))
  return (
    <Page
      title="定时提醒"
      lead="按规则自动发的学习提醒；已学的人不会再被提醒，下班后才响。"
      extra={<Link to={to('/reminders/new')}><Button type="primary" icon={<PlusOutlined />}>新建提醒</Button></Link>}
    >
      <PagedTable
        label="定时提醒"
        pages={pages}
        empty={<Nothing title="还没有定时提醒" hint="每周一次就够，多了没人看。"><Link to={to('/reminders/new')}><Button>新建一个</Button></Link></Nothing>}
        columns={[
          { title: '名称', key: 'name', render: (_, row) => <div className="cell-wide"><Link to={to(`/reminders/${row.id}`)}>{row.name}</Link><div><Typography.Text type="secondary">{row.org.name}</Typography.Text></div></div> },
          { title: '规则', key: 'rule', render: (_, row) => row.rule_text },
          { title: '下一次', key: 'next', render: (_, row) => <>{row.next_at ? when(row.next_at) : '—'}{row.next_note && <div><Typography.Text type="secondary" className="small">{row.next_note}</Typography.Text></div>}</> },
          { title: '上一次', key: 'last', render: (_, row) => (row.last ? `${row.last.local} ${row.last.text}` : '—') },
          { title: '状态', key: 'state', render: (_, row) => <ReminderState state={row.state} /> },
        ]}
        card={(row) => (
          <Flex vertical gap={2}>
            <Flex justify="space-between"><Link to={to(`/reminders/${row.id}`)}>{row.name}</Link><ReminderState state={row.state} /></Flex>
            <span>{row.rule_text}</span>
            <Typography.Text type="secondary">{row.org.name} · 下一次 {row.next_at ? when(row.next_at) : '—'}</Typography.Text>
          </Flex>
        )}
      />
    </Page>
  )
}

export function ReminderState({ state }: { state: Reminder['state'] }) {
  const look = { active: ['processing', '进行中'], paused: ['warning', '已暂停'], ended: ['default', '已结束'] } as const
  return <Badge status={look[state][0]} text={look[state][1]} className="nowrap" />
}
