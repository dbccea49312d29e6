import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Checkbox, Col, Flex, Form, Input, InputNumber, Radio, Row, Select, Spin, Typography } from 'antd'
import { useState } from 'react'
import { api } from '~/api/client'
import { useLoad } from '~/api/query'
import { useLater } from '~/ui/later'
import { OrgPicker, useOrgs } from '~/ui/org'
import { day as dayWords } from '~/ui/time'
import { options, partyWords, roleWords } from '~/ui/words'
import { agendaMinutes, type Template, type Values } from './call-body'
import { rhythms, type Turn } from './calendar-days'

/** Where: at a place, online, or both; the online room by link or booked by the program. */
export function Where({ values, booked }: { values: Values; booked: boolean }) {
  return (
    <>
      <Form.Item name="mode" label="形式"><Radio.Group options={[{ value: 'online', label: '线上' }, { value: 'onsite', label: '现场' }, { value: 'hybrid', label: '现场和线上' }]} /></Form.Item>
      {values.mode !== 'online' && <Form.Item name="place" label="地点" rules={[{ required: true, whitespace: true, message: '请写地点' }]}><Input maxLength={100} placeholder="如 康复楼三层会议室" /></Form.Item>}
      {values.mode !== 'onsite' && (
        <>
          <Form.Item name={['online', 'provider']} label="线上会议室"><Radio.Group options={[{ value: 'manual', label: '我来填链接或会议号' }, { value: 'tencent', label: '由系统预订腾讯会议' }]} /></Form.Item>
          {values.online?.provider !== 'tencent' || booked ? (
            <Row gutter={16}>
              <Col xs={24} md={16}><Form.Item name={['online', 'join_url']} label="入会链接" rules={[{ type: 'url', message: '链接应以 https:// 开头' }]}><Input maxLength={500} placeholder="https://" inputMode="url" /></Form.Item></Col>
              <Col xs={24} md={8}><Form.Item name={['online', 'code']} label="会议号"><Input maxLength={50} inputMode="numeric" /></Form.Item></Col>
            </Row>
          ) : <Typography.Text type="secondary">召集后自动订好会议室，链接和会议号写进通知。</Typography.Text>}
        </>
      )}
    </>
  )
}

/** Who: all whom the type concerns, or a part of them. */
export function Who({ values, org }: { values: Values; org: string }) {
  const { items } = useOrgs()
  const below = new Set<string>()
  for (const one of items) if (one.parent_id && (one.parent_id === org || below.has(one.parent_id))) below.add(one.id)
  if (values.type === 'committee') return <p className="tight">支委会请书记和全体支委，名单按当前的角色确定。</p>
  return (
    <>
      <Form.Item name="who" label="参会范围"><Radio.Group options={[{ value: 'all', label: '本组织和下级的全体成员' }, { value: 'some', label: '只请一部分' }]} /></Form.Item>
      {values.who === 'some' && (
        <>
          <Row gutter={16}>
            {below.size > 0 && <Col xs={24} md={8}><Form.Item name={['invitees', 'org_id']} label="下级组织"><OrgPicker allowClear placeholder="不限" only={(one) => below.has(one.id)} /></Form.Item></Col>}
            <Col xs={24} md={8}><Form.Item name={['invitees', 'party_status']} label="政治面貌"><Select mode="multiple" allowClear placeholder="不限" options={options(partyWords)} /></Form.Item></Col>
            <Col xs={24} md={8}><Form.Item name={['invitees', 'roles']} label="角色"><Select mode="multiple" allowClear placeholder="不限" options={options(roleWords, ['member', 'group_leader', 'committee_member', 'secretary'])} /></Form.Item></Col>
          </Row>
          <Form.Item name={['invitees', 'member_ids']} label="点名邀请" extra="只请这些人；与上面的条件同时满足。"><People org={org} /></Form.Item>
        </>
      )}
    </>
  )
}

interface Picked {
  value: string
  label: string
}

/** People are looked for by name in the roster. Those chosen keep their names while others are looked for. */
function People({ org, value, onChange, id }: { org: string; value?: string[]; onChange?: (ids: string[]) => void; id?: string }) {
  const [q, setQ] = useState('')
  const [known, setKnown] = useState<Picked[]>([])
  const asked = useLater(q.trim(), 300)
  const found = useLoad(['members', org, 'pick', asked], (signal) => api.GET('/api/v1/orgs/{id}/members', { params: { path: { id: org }, query: { q: asked || undefined, limit: 20 } }, signal }))
  const shown = (found.data?.items ?? []).map((one) => ({ value: one.id, label: one.employer ? `${one.name}（${one.employer}）` : one.name }))
  const all = [...shown, ...known.filter((one) => !shown.some((other) => other.value === one.value))]
  return (
    <Select
      id={id} mode="multiple" allowClear value={value} placeholder="输入姓名查找" options={all} showSearch={{ filterOption: false, onSearch: setQ }} notFoundContent={found.loading ? <Spin size="small" /> : '没有找到'}
      onChange={(ids: string[]) => {
        setKnown(all.filter((one) => ids.includes(one.value)))
        onChange?.(ids)
      }}
    />
  )
}

export function Agenda({ values }: { values: Values }) {
  const total = agendaMinutes(values.agenda ?? [])
  const differ = total - (values.minutes || 0)
  return (
    <Form.List name="agenda">
      {(rows, { add, remove, move }, { errors }) => (
        <>
          {rows.map(({ key, name }) => (
            <div key={key} className="agenda-row">
              <div className="grow"><Form.Item name={[name, 'title']} rules={[{ required: true, whitespace: true, message: '写上这一项的标题，或者删去' }]}><Input maxLength={100} aria-label={`第 ${name + 1} 项议程`} placeholder="议程标题" /></Form.Item></div>
              <Form.Item name={[name, 'minutes']}><InputNumber min={0} max={720} step={5} aria-label={`第 ${name + 1} 项用时（分钟）`} suffix="分" style={{ width: 84 }} /></Form.Item>
              <Flex>
                <Button type="text" size="small" aria-label={`第 ${name + 1} 项上移`} icon={<ArrowUpOutlined />} disabled={name === 0} onClick={() => move(name, name - 1)} />
                <Button type="text" size="small" aria-label={`第 ${name + 1} 项下移`} icon={<ArrowDownOutlined />} disabled={name === rows.length - 1} onClick={() => move(name, name + 1)} />
                <Button type="text" size="small" aria-label={`删去第 ${name + 1} 项`} icon={<DeleteOutlined />} onClick={() => remove(name)} />
              </Flex>
            </div>
          ))}
          <Form.ErrorList errors={errors} />
          <Flex wrap gap={12} align="center">
            <Button size="small" icon={<PlusOutlined />} disabled={rows.length >= 30} onClick={() => add({ title: '', minutes: 10 })}>加一项</Button>
            {rows.length > 0 && <Typography.Text type={differ > 0 ? 'danger' : 'secondary'} aria-live="polite">共 {total} 分钟{differ > 0 ? `，比会议时长多 ${differ} 分钟` : ''}</Typography.Text>}
          </Flex>
        </>
      )}
    </Form.List>
  )
}

const before: [number, string][] = [[10, '10 分钟前'], [30, '半小时前'], [60, '1 小时前'], [120, '2 小时前'], [1440, '前一天'], [2880, '前两天'], [10080, '一周前']]

export function Extras({ values }: { values: Values }) {
  const known = new Set(before.map(([minutes]) => minutes))
  const list = [...before, ...(values.reminders ?? []).filter((minutes) => !known.has(minutes)).map((minutes): [number, string] => [minutes, `${minutes} 分钟前`])]
  return (
    <>
      <Form.Item name="reminders" label="会前提醒"><Select mode="multiple" maxCount={5} placeholder="不提醒" options={list.map(([value, label]) => ({ value, label }))} /></Form.Item>
      <Form.Item name="note" label="通知附言（可不填）"><Input.TextArea rows={2} maxLength={200} showCount placeholder="如 请提前阅读学习材料" /></Form.Item>
      <Form.Item name="checkin_code" valuePropName="checked" className="tight"><Checkbox>签到时要输入主持人屏幕上的签到码</Checkbox></Form.Item>
    </>
  )
}

/** Once, or again by a rhythm, with the next dates and those that are left out. */
export function Repeat({ values, day, turns, provisional }: { values: Values; day: string; turns: Turn[]; provisional: number[] }) {
  const series = values.repeat !== 'once'
  const kept = turns.filter((turn) => !turn.leftOut)
  return (
    <>
      <Form.Item name="repeat" label="开几次" className={series ? undefined : 'tight'}>
        <Select options={[{ value: 'once', label: '只开这一次' }, ...rhythms(day)]} style={{ width: 'min(280px, 100%)' }} />
      </Form.Item>
      {series && (
        <>
          <Form.Item name="count" label="共几次（放假的日子也计算在内）" rules={[{ required: true, message: '请填写次数' }]}><InputNumber min={2} max={60} suffix="次" style={{ width: 120 }} /></Form.Item>
          <section aria-label="接下来的日期">
            <strong>接下来的 {kept.length} 次</strong>{turns.length > kept.length && <span>（另有 {turns.length - kept.length} 天不安排）</span>}
            <ul className="lines">
              {turns.slice(0, 12).map((turn) => <li key={turn.day}>{turn.leftOut ? <><span className="left-out">{dayWords(turn.day)}</span> <span className="line-note">{turn.leftOut}，不安排</span></> : dayWords(turn.day)}</li>)}
            </ul>
            {turns.length > 12 && <p className="line-note">最后一次：{dayWords(kept.at(-1)?.day)}</p>}
            {provisional.length > 0 && <p className="line-note">{provisional.join('、')} 年的放假安排公布后，会自动核对这些日期并告知您。</p>}
            <p className="line-note">每次会前一周确定名单、发出通知。{values.topic.includes('{period}') && '主题中的 {period} 换成每次所在的月份、季度或年度。'}</p>
          </section>
        </>
      )}
    </>
  )
}

/** What can be held together with it: one answer and one attendance, minutes of its own for each. */
export function Also({ values, templates }: { values: Values; templates: Template[] }) {
  if (values.type === 'committee' || values.repeat !== 'once') return null
  const others = templates.filter((one) => one.type !== values.type && one.type !== 'committee')
  if (others.length === 0) return null
  return (
    <Form.Item name="also" label="同时合并召开（可不选）" extra="一次答复、一次签到；记录各写各的，各算一次。" className="gap-top tight">
      <Checkbox.Group options={others.map((one) => ({ value: one.type, label: one.owed ? `${one.type_label}（${one.owed.period}还差 ${one.owed.missing} 次）` : one.type_label }))} />
    </Form.Item>
  )
}
