import { Alert, Button, Card, Flex, Form, Input, Modal, Segmented, Select, Statistic, Tag, Typography } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { api } from '~/api/client'
import { useAction } from '~/api/query'
import { PrintButton, useTell } from '~/ui/buttons'
import { useFilters } from '~/ui/filters'
import { useLinkTo } from '~/ui/link'
import { OrgPicker, useOrg } from '~/ui/org'
import { Load, Nothing, Page } from '~/ui/page'
import { day, now } from '~/ui/time'
import { SlotOf, useObligations, type Obligation } from './openings'
import { YearPicker } from './year'

const colours: Record<Obligation['state'], string | undefined> = { done: 'green', planned: 'blue', excused: undefined, open: 'orange', later: undefined, missed: 'red' }
const states: { value: string; label: string }[] = [{ value: '', label: '全部' }, { value: 'open', label: '还可安排' }, { value: 'planned', label: '待开' }, { value: 'done', label: '已开' }, { value: 'missed', label: '已过期' }, { value: 'excused', label: '已说明' }, { value: 'later', label: '未到期' }]

export default function Obligations() {
  const to = useLinkTo()
  const { id, org, choose } = useOrg()
  const branch = org?.kind === 'branch' || org?.kind === 'group'
  const [filters, filter] = useFilters({ year: String(now().year()), state: '' })
  const [excusing, setExcusing] = useState<Obligation | null>(null)
  const loaded = useObligations(branch ? id : '', filters.year)
  return (
    <Page title="应开展的组织生活" lead={org?.name} extra={<><YearPicker value={filters.year} onChange={(year) => filter({ year })} /><PrintButton /></>}>
      <div className="filters no-print"><OrgPicker aria-label="支部" only={(one) => one.kind === 'branch'} value={branch ? id : ''} onChange={choose} placeholder="选择支部" style={{ width: 'min(320px, 100%)' }} /></div>
      {!branch ? <Nothing title="请先选择一个支部" /> : (
        <Load of={loaded}>
          {(sheet) => (
            <Flex vertical gap={16}>
              {sheet.helper && <Alert type="info" showIcon title={`由${sheet.helper.name}帮扶${sheet.help_note ? `：${sheet.help_note}` : ''}`} />}
              <Card><div className="figures">
                <Statistic title="全年应开" value={sheet.owed} /><Statistic title="已开" value={sheet.done} /><Statistic title="待开" value={sheet.planned} /><Statistic title="已说明" value={sheet.excused} /><Statistic title="还可安排" value={sheet.open} /><Statistic title="已过期" value={sheet.missed} />
              </div></Card>
              <div className="scroll-x no-print"><Segmented aria-label="按状态筛选" value={filters.state} onChange={(state) => filter({ state })} options={states} /></div>
              <Card>
                {sheet.items.filter((item) => !filters.state || item.state === filters.state).length === 0 ? <Nothing title="没有这样的事项" /> : (
                  <ul className="lines wide">
                    {sheet.items.filter((item) => !filters.state || item.state === filters.state).map((item) => (
                      <li key={item.org.id + item.key}>
                        <div>
                          <div><strong>{item.type_label}</strong> {item.period}{item.org.id !== sheet.org.id && ` · ${item.org.name}`} <Tag color={colours[item.state]} className="beside">{item.state_label}</Tag></div>
                          <Typography.Text type="secondary" className="small">应开 {item.owed} 次，已开 {item.done}{item.planned > 0 && `，待开 ${item.planned}`}，{day(item.until)}前{item.reason && `；${item.reason}${item.note ? `：${item.note}` : ''}`}</Typography.Text>
                          {item.meetings.length > 0 && <div className="small">{item.meetings.map((meeting) => <Link key={meeting.id} className="nowrap" to={to(`/meetings/${meeting.id}`)}>{day(meeting.starts_at)} </Link>)}</div>}
                          <SlotOf item={item} />
                        </div>
                        {(item.state === 'open' || item.state === 'missed' || item.state === 'excused') && <Button size="small" className="no-print" onClick={() => setExcusing(item)}>{item.state === 'excused' ? '改说明' : '说明情况'}</Button>}
                      </li>
                    ))}
                  </ul>
                )}
              </Card>
              {excusing && <Excuse item={excusing} excuses={sheet.excuses} close={() => setExcusing(null)} />}
            </Flex>
          )}
        </Load>
      )}
    </Page>
  )
}

function Excuse({ item, excuses, close }: { item: Obligation; excuses: string[]; close: () => void }) {
  const tell = useTell()
  const [form] = Form.useForm()
  const save = useAction((body: { reason?: string; note?: string }) => api.PUT('/api/v1/orgs/{id}/obligations/{key}', { params: { path: { id: item.org.id, key: item.key } }, body }), { changes: [['obligations'], ['supervision']], done: () => { tell.done('已保存'); close() }, failed: tell.failed })
  return (
    <Modal open title={`说明：${item.period} ${item.type_label}`} okText="保存" cancelText="取消" confirmLoading={save.running} onOk={() => form.submit()} onCancel={close}>
      <Form form={form} layout="vertical" initialValues={{ reason: item.reason ?? undefined, note: item.note }} onFinish={(values: { reason?: string; note?: string }) => void save.run({ reason: values.reason ?? '', note: values.note ?? '' })}>
        <Form.Item name="reason" label="原因" extra="清空即撤回说明。"><Select allowClear placeholder="选择原因" options={excuses.map((value) => ({ value, label: value }))} /></Form.Item>
        <Form.Item name="note" label="补充（可不填）"><Input.TextArea rows={2} maxLength={200} showCount /></Form.Item>
      </Form>
    </Modal>
  )
}
