import { CheckOutlined } from '@ant-design/icons'
import { Button, Flex, Segmented, Switch, Tag, Typography } from 'antd'
import { Link } from 'react-router'
import { api, IDEMPOTENCY } from '~/api/client'
import { useAction, usePages } from '~/api/query'
import type { components } from '~/api/schema'
import { CopyButton, PrintButton, useConfirm, useTell } from '~/ui/buttons'
import { useFilters } from '~/ui/filters'
import { useLinkTo } from '~/ui/link'
import { OrgPicker, useOrg } from '~/ui/org'
import { Nothing, Page } from '~/ui/page'
import { PagedTable } from '~/ui/table'
import { day, now, when } from '~/ui/time'
import { dueIn } from './due'
import './meetings.css'

type Action = components['schemas']['ActionView']

/** What resolutions asked of people, the earliest day first. */
export default function Actions() {
  const to = useLinkTo()
  const tell = useTell()
  const confirm = useConfirm()
  const { id: org, org: here, choose } = useOrg()
  const [filters, filter] = useFilters({ state: 'open', mine: '' })
  const pages = usePages<Action>(['actions', org, filters], (cursor, signal) => api.GET('/api/v1/actions', {
    params: { query: { cursor, limit: 50, org_id: org || undefined, state: (filters.state === 'all' ? undefined : filters.state) as Action['state'] | undefined, mine: filters.mine === 'yes' || undefined } }, signal,
  }), { enabled: !!org })
  const close = useAction(({ id, text }: { id: string; text: string }, key) => api.POST('/api/v1/actions/{id}/close', { params: { path: { id } }, body: { text }, headers: { [IDEMPOTENCY]: key } }), {
    changes: [['actions']], done: () => tell.done('已办结'), failed: tell.failed,
  })
  const overdue = pages.items.filter((row) => row.overdue).length
  const end = (row: Action) => row.can_close && (
    <Button size="small" icon={<CheckOutlined />} disabled={close.running} onClick={() => confirm({
      title: '办结这项督办事项？', content: <p>{row.text}</p>, ok: '办结', reason: { label: '办理结果', required: true, maxLength: 500, placeholder: '做了什么、结果怎样。会写入工作纪实。' }, act: (text) => close.run({ id: row.id, text }),
    })}>办结</Button>
  )
  return (
    <Page
      title="督办事项" lead={here ? `${here.name}，含下级组织。会议定下的事，按期限先后排列；到期前提醒责任人，逾期后依次提醒书记和党办。` : undefined}
      extra={<><CopyButton disabled={pages.items.length === 0} what={`已复制 ${pages.items.length} 项`} text={() => pages.items.map((row, i) => `${i + 1}. ${row.text}（${row.owner.name}，${day(row.due_on)}前${row.state === 'closed' ? '，已办结' : row.overdue ? '，已逾期' : ''}）`).join('\n')}>复制清单</CopyButton><PrintButton /></>}
    >
      <Flex wrap gap={8} align="center" className="filters no-print">
        <OrgPicker aria-label="组织" value={org} onChange={choose} style={{ width: 'min(280px, 100%)' }} />
        <Segmented aria-label="状态" value={filters.state} onChange={(state) => filter({ state })} options={[{ value: 'open', label: '未办结' }, { value: 'closed', label: '已办结' }, { value: 'all', label: '全部' }]} />
        <label><Switch size="small" aria-label="只看由我负责的" checked={filters.mine === 'yes'} onChange={(on) => filter({ mine: on ? 'yes' : '' })} /> 只看由我负责的</label>
        {overdue > 0 && <Tag color="red">{overdue} 项已逾期</Tag>}
      </Flex>
      <PagedTable
        label="督办事项" pages={pages}
        empty={<Nothing title={filters.state === 'open' ? '没有未办结的督办事项' : '没有督办事项'} hint="会议记录签署定稿后，其中写了责任人和期限的决议会自动列在这里。" />}
        columns={[
          { title: '期限', key: 'due', render: (_, row) => <Due row={row} /> },
          { title: '事项', key: 'text', render: (_, row) => <div className="cell-wide">{row.text}{row.closing && <div className="line-note">办理结果：{row.closing}</div>}</div> },
          { title: '责任人', key: 'owner', render: (_, row) => <span className="nowrap">{row.owner.name}</span> },
          { title: '提醒到', key: 'told', render: (_, row) => <Told row={row} /> },
          { title: '来自', key: 'from', render: (_, row) => <div className="cell-wide">{row.org.name}<br /><Link to={to(`/meetings/${row.meeting_id}/minutes`)}>会议记录</Link></div> },
          { title: <span className="off-screen">办理</span>, key: 'end', className: 'no-print', render: (_, row) => end(row) },
        ]}
        card={(row) => (
          <Flex vertical gap={4}>
            <Due row={row} />
            <strong>{row.text}</strong>
            <span>{row.owner.name} · {row.org.name}</span>
            <Told row={row} />
            {row.closing && <span className="line-note">办理结果：{row.closing}</span>}
            <Flex gap={8} align="center">{end(row)}<Link to={to(`/meetings/${row.meeting_id}/minutes`)}>会议记录</Link></Flex>
          </Flex>
        )}
      />
    </Page>
  )
}

function Due({ row }: { row: Action }) {
  return (
    <div className="nowrap">
      <div>{day(row.due_on)}</div>
      {row.state === 'closed' ? <Typography.Text type="secondary" className="small">{when(row.closed_at)}办结</Typography.Text> : <Tag color={row.overdue ? 'red' : undefined}>{dueIn(row.due_on, now().format('YYYY-MM-DD'))}</Tag>}
    </div>
  )
}

const ladder: [Action['told'], string][] = [['owner', '责任人'], ['secretary', '书记'], ['office', '党办']]

/** Who has been reminded of the day so far, and who comes next. */
function Told({ row }: { row: Action }) {
  const reached = ladder.findIndex(([step]) => step === row.told)
  if (row.state === 'closed') return <Tag color="green">已办结</Tag>
  return <span className="clock">{ladder.map(([step, name], i) => <Tag key={step} color={i <= reached ? 'gold' : undefined}>{name}{i <= reached ? ' 已提醒' : ''}</Tag>)}</span>
}
