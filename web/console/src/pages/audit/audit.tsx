import { SafetyCertificateOutlined } from '@ant-design/icons'
import { Alert, Button, DatePicker, Flex, Input, Typography } from 'antd'
import dayjs from 'dayjs'
import { useState } from 'react'
import { api } from '~/api/client'
import { useAction, usePages } from '~/api/query'
import type { components } from '~/api/schema'
import { ExportButton, PrintButton, useTell } from '~/ui/buttons'
import { useFilters } from '~/ui/filters'
import { OrgPicker } from '~/ui/org'
import { Nothing, Page } from '~/ui/page'
import { PagedTable } from '~/ui/table'
import { when } from '~/ui/time'
import { word } from '~/ui/words'

type Entry = components['schemas']['AuditView']
type Verified = components['schemas']['VerifyView']

const detailWords: Record<string, string> = {
  from: '原为', to: '改为', member: '成员', state: '状态', second_factor: '第二重验证', entitled: '应到', starts_at: '开始时间', type: '类型', anonymous: '无记名', failures: '次数', reason: '原因',
  at: '时间', rule: '规则', title: '标题', note: '说明', topic: '议题', year: '年度', version: '版本', name: '名称', kind: '类别', due: '期限', place: '地点', article: '文章', period: '周期', cause: '起因',
  removed: '清理条数', fields: '栏目', username: '用户名', roles: '角色', org: '组织', count: '件数', scope: '范围',
}
const proofWords: Record<string, string> = { code: '动态验证码', recovery_code: '恢复码', enrolment: '首次设置' }

export default function Audit() {
  const tell = useTell()
  const [filters, filter, clear] = useFilters({ actor: '', action: '', object: '', org_id: '', from: '', to: '' })
  const query = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== ''))
  const pages = usePages<Entry>(['audit', query], (cursor, signal) => api.GET('/api/v1/audit', { params: { query: { ...query, cursor } }, signal }))
  const [verified, setVerified] = useState<Verified | null>(null)
  const verify = useAction((_: string) => api.GET('/api/v1/audit/verify'), { done: setVerified, failed: tell.failed })
  const detail = (entry: Entry) => Object.entries(entry.detail).map(([name, value]) => `${word(detailWords, name)}：${name === 'second_factor' ? word(proofWords, value) : value}`).join('；')
  return (
    <Page
      title="审计" lead="谁在什么时候做了什么。每一条都与前一条相扣，改动或缺失能被查出。"
      extra={
        <>
          <Button icon={<SafetyCertificateOutlined />} loading={verify.running} onClick={() => void verify.run('')}>核验</Button>
          <PrintButton />
          <ExportButton path={`/api/v1/audit/export?${new URLSearchParams(query)}`} name="审计记录.csv" />
        </>
      }
    >
      <div aria-live="polite">
        {verified && (
          <Alert
            className="problem" showIcon closable={{ onClose: () => setVerified(null) }} type={verified.faults.length === 0 ? 'success' : 'error'}
            title={verified.faults.length === 0 ? `已核验 ${verified.entries} 条记录、${verified.blocks} 个封存块，没有发现改动。` : `发现 ${verified.faults.length} 处异常，请立即保存现场并联系管理员。`}
            description={verified.faults.length > 0 ? <ul className="faults">{verified.faults.map((fault, i) => <li key={i}>{Object.values(fault).filter((part) => typeof part === 'string').join(' ')}</li>)}</ul> : undefined}
          />
        )}
      </div>
      <Flex wrap gap={8} className="filters no-print">
        <Input.Search key={`action-${filters.action}`} allowClear aria-label="做了什么" placeholder="操作，如 member.import" defaultValue={filters.action} onSearch={(action) => filter({ action: action.trim() })} style={{ width: 210 }} />
        <Input.Search key={`object-${filters.object}`} allowClear aria-label="对象" placeholder="对象，如 article:编号" defaultValue={filters.object} onSearch={(object) => filter({ object: object.trim() })} style={{ width: 210 }} />
        <OrgPicker allowClear aria-label="组织" placeholder="全部组织" value={filters.org_id} onChange={(org_id) => filter({ org_id })} style={{ width: 210 }} />
        <DatePicker.RangePicker
          aria-label="日期" allowEmpty={[true, true]} style={{ width: 'min(260px, 100%)' }}
          value={[filters.from ? dayjs(filters.from) : null, filters.to ? dayjs(filters.to) : null]}
          onChange={(range) => filter({ from: range?.[0]?.format('YYYY-MM-DD') ?? '', to: range?.[1]?.format('YYYY-MM-DD') ?? '' })}
        />
        {Object.keys(query).length > 0 && <Button onClick={clear}>清除筛选</Button>}
      </Flex>
      <PagedTable
        label="审计记录" pages={pages}
        empty={<Nothing title="没有符合条件的记录" />}
        columns={[
          { title: '时间', key: 'at', render: (_, entry) => <span className="nowrap">{when(entry.at)}</span> },
          { title: '谁', key: 'actor', render: (_, entry) => (entry.actor.name ? <Button type="link" size="small" className="flush" onClick={() => filter({ actor: entry.actor.id })}>{entry.actor.name}</Button> : '系统') },
          { title: '做了什么', key: 'action', render: (_, entry) => <Button type="link" size="small" className="flush" title={`只看“${entry.action_name}”（${entry.action}）`} onClick={() => filter({ action: entry.action })}>{entry.action_name}</Button> },
          { title: '组织', key: 'org', render: (_, entry) => entry.org_name || '—' },
          { title: '详情', key: 'detail', render: (_, entry) => <div className="cell-wide small">{detail(entry) || '—'}<div><Typography.Text type="secondary" className="small">{entry.object}</Typography.Text></div></div> },
        ]}
        card={(entry) => (
          <Flex vertical gap={2}>
            <strong>{entry.action_name}</strong>
            <Typography.Text type="secondary">{[entry.actor.name || '系统', entry.org_name, when(entry.at)].filter(Boolean).join(' · ')}</Typography.Text>
            <span className="small pre">{detail(entry)}</span>
          </Flex>
        )}
      />
    </Page>
  )
}
