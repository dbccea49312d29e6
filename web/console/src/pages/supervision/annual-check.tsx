import { Alert, Button, Card, Flex, Statistic, Table, Tag, Typography } from 'antd'
import { Link } from 'react-router'
import { api, IDEMPOTENCY } from '~/api/client'
import { useAction, useLoad } from '~/api/query'
import type { components } from '~/api/schema'
import { useMe } from '~/app/me'
import { CopyButton, ExportButton, PrintButton, useConfirm, useTell } from '~/ui/buttons'
import { useFilters } from '~/ui/filters'
import { useLinkTo } from '~/ui/link'
import { OrgPicker, useOrg } from '~/ui/org'
import { Load, Nothing, Page } from '~/ui/page'
import { now, when } from '~/ui/time'
import { pageOf } from './evidence'
import { YearPicker } from './year'

type Check = components['schemas']['AnnualView']

export default function AnnualCheck() {
  const { office } = useMe()
  const { id, org, choose } = useOrg()
  const branch = org?.kind === 'branch'
  const [filters, filter] = useFilters({ year: String(now().year()) })
  return (
    <Page title="年检" lead="只列缺少的事项；补齐或写明原因后存档。" extra={<><YearPicker value={filters.year} onChange={(year) => filter({ year })} />{office && <ExportButton path={`/api/v1/supervision/annual-check.xlsx?year=${filters.year}`} name="年检.xlsx">全部支部</ExportButton>}<PrintButton /></>}>
      <div className="filters no-print"><OrgPicker aria-label="支部" allowClear={office} only={(one) => one.kind === 'branch'} value={branch ? id : ''} onChange={(next) => next && choose(next)} placeholder="选择支部" style={{ width: 'min(320px, 100%)' }} /></div>
      <Flex vertical gap={16}>
        {branch ? <One key={id} org={id} year={Number(filters.year)} /> : !office && <Nothing title="请先选择一个支部" />}
        {office && <All year={Number(filters.year)} />}
      </Flex>
    </Page>
  )
}

function One({ org, year }: { org: string; year: number }) {
  const to = useLinkTo()
  const tell = useTell()
  const confirm = useConfirm()
  const loaded = useLoad(['annual', org, year], (signal) => api.GET('/api/v1/orgs/{id}/annual-check', { params: { path: { id: org }, query: { year } }, signal }), { keep: false })
  const changes = [['annual']]
  const explain = useAction(({ key, reason }: { key: string; reason: string }) => api.PUT('/api/v1/orgs/{id}/annual-check/items/{key}', { params: { path: { id: org, key }, query: { year } }, body: { reason } }), { changes, done: () => tell.done('已保存'), failed: tell.failed })
  const freeze = useAction((_: string, key) => api.POST('/api/v1/orgs/{id}/annual-check/freeze', { params: { path: { id: org }, query: { year } }, headers: { [IDEMPOTENCY]: key } }), { changes, done: () => tell.done('已存档'), failed: tell.failed })
  return (
    <Load of={loaded}>
      {(check) => (
        <>
          <Card title={<h2>{check.org.name} {check.year} 年</h2>}>
            <div className="figures"><Statistic title="应开" value={check.duties.owed} /><Statistic title="已开" value={check.duties.done} /><Statistic title="待开" value={check.duties.planned} /><Statistic title="已说明" value={check.duties.excused} /><Statistic title="待补" value={check.missing} /></div>
            <div className="gap-top"><Button className="no-print" loading={freeze.running} onClick={() => confirm({ title: '现在存档？', content: '按现状留一份带指纹的底稿；以后还可以再存。', ok: '存档', act: () => freeze.run('') })}>存档</Button></div>
          </Card>
          {check.frozen && <Frozen frozen={check.frozen} />}
          <Card title={<h2>缺少的事项</h2>}>
            {check.items.length === 0 ? <Nothing title="没有缺少的事项" /> : (
              <ul className="lines wide">
                {check.items.map((item) => {
                  const page = item.mend && pageOf(item.mend.path)
                  return (
                    <li key={item.key}>
                      <div><Tag>{item.kind_text}</Tag> <strong>{item.title}</strong><div className="line-note">{item.text}{item.reason && `；原因：${item.reason}`}</div></div>
                      <Flex gap={8} wrap className="no-print">
                        {item.mend && page && <Link to={to(page)}><Button size="small" type="primary">{item.mend.text}</Button></Link>}
                        <Button size="small" onClick={() => confirm({ title: '写明原因', content: item.title, ok: '保存', reason: { label: '原因（空着即撤回）', maxLength: 200 }, act: (reason) => explain.run({ key: item.key, reason }) })}>{item.reason ? '改原因' : '写原因'}</Button>
                      </Flex>
                    </li>
                  )
                })}
              </ul>
            )}
          </Card>
        </>
      )}
    </Load>
  )
}

function Frozen({ frozen }: { frozen: NonNullable<Check['frozen']> }) {
  return (
    <Alert
      showIcon type={!frozen.intact ? 'error' : frozen.matches ? 'success' : 'warning'}
      title={!frozen.intact ? '存档内容已被改动，请联系管理员。' : `第 ${frozen.seq} 次存档于 ${when(frozen.at)}，${frozen.matches ? '与现状一致。' : `此后有 ${frozen.changed.length} 处变化。`}`}
      description={<><div className="hash">指纹 {frozen.sha256}</div><CopyButton size="small" className="no-print" text={frozen.body}>复制底稿</CopyButton></>}
    />
  )
}

function All({ year }: { year: number }) {
  const to = useLinkTo()
  const loaded = useLoad(['annual', 'all', year], (signal) => api.GET('/api/v1/supervision/annual-check', { params: { query: { year } }, signal }))
  return (
    <Card title={<h2>各支部</h2>}>
      <Load of={loaded}>
        {({ items }) => (
          <Table<Check> rowKey={(row) => row.org.id} dataSource={items} pagination={false} size="small" scroll={{ x: 'max-content' }} columns={[
            { title: '支部', key: 'org', render: (_, row) => <Link to={to('/supervision/annual-check', { org: row.org.id })}>{row.org.name}</Link> },
            { title: '待补', dataIndex: 'missing', align: 'right' }, { title: '已附原因', key: 'said', align: 'right', render: (_, row) => row.items.length - row.missing },
            { title: '存档', key: 'frozen', render: (_, row) => row.frozen ? <Typography.Text>{when(row.frozen.at)}{row.frozen.matches ? '' : '，此后有变化'}</Typography.Text> : '未存档' },
          ]} />
        )}
      </Load>
    </Card>
  )
}
