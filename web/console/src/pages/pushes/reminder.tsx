import { DeleteOutlined, PauseCircleOutlined, PlayCircleOutlined } from '@ant-design/icons'
import { Alert, Button, Card, Checkbox, Col, DatePicker, Flex, Form, Input, InputNumber, Row, Select, TimePicker, Typography } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useEffect, useMemo, useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { api, IDEMPOTENCY } from '~/api/client'
import { asProblem, showFaults, type Fault, type Problem } from '~/api/problem'
import { useAction, useLoad, usePages } from '~/api/query'
import type { components } from '~/api/schema'
import { useConfirm, useTell } from '~/ui/buttons'
import { useLater } from '~/ui/later'
import { useLinkTo } from '~/ui/link'
import { MonthGrid, type Mark } from '~/ui/month'
import { OrgPicker, useOrg } from '~/ui/org'
import { Load, Nothing, Page, ProblemAlert } from '~/ui/page'
import { PagedTable } from '~/ui/table'
import { SAVED, Unsaved } from '~/ui/unsaved'
import { options, partyWords, roleWords } from '~/ui/words'
import { ReminderState } from './reminders'
import { parse, ruleOf, weekdays, type Rhythm } from './rule'

type Reminder = components['schemas']['ReminderView']
type Body = components['schemas']['CreateReminderInputBody']
type Times = components['schemas']['ReminderTimesView']

interface Values extends Rhythm {
  org_id: string
  name: string
  at: Dayjs
  starts_on?: Dayjs
  only_after_hours: boolean
  skip_holidays: boolean
  template: 'study' | 'announcement'
  title?: string
  note?: string
  audience?: { org_id?: string; roles?: string[]; party_status?: string[] }
}

function bodyOf(values: Values): Body {
  const audience = Object.fromEntries(Object.entries(values.audience ?? {}).filter(([, value]) => (Array.isArray(value) ? value.length > 0 : !!value)))
  return {
    org_id: values.org_id, name: values.name?.trim() ?? '', rule: ruleOf(values), at: values.at?.format('HH:mm') ?? '',
    ...(values.starts_on ? { starts_on: values.starts_on.format('YYYY-MM-DD') } : {}),
    only_after_hours: values.only_after_hours, skip_holidays: values.skip_holidays, template: values.template,
    ...(values.title?.trim() ? { title: values.title.trim() } : {}),
    ...(values.note?.trim() ? { note: values.note.trim() } : {}),
    audience: audience as Body['audience'],
  }
}

export default function ReminderPage() {
  const { id } = useParams()
  const { id: org } = useOrg()
  if (id) return <Existing id={id} />
  return org ? <Editor key={org} start={{ org_id: org, name: '', freq: 'WEEKLY', byday: ['TU'], interval: 1, rule: '', at: dayjs('2026-01-01T20:00'), only_after_hours: true, skip_holidays: true, template: 'study' }} /> : <Page title="新建定时提醒" />
}

function Existing({ id }: { id: string }) {
  const loaded = useLoad(['reminder', id], (signal) => api.GET('/api/v1/reminders/{id}', { params: { path: { id } }, signal }), { keep: false })
  return <Load of={loaded}>{(row) => <Editor key={row.version} row={row} etag={loaded.etag} start={startOf(row)} />}</Load>
}

function startOf(row: Reminder): Values {
  return {
    ...parse(row.rule), org_id: row.org_id, name: row.name, at: dayjs(`2026-01-01T${row.at}`), starts_on: dayjs(row.starts_on), only_after_hours: row.only_after_hours, skip_holidays: row.skip_holidays,
    template: row.template, title: row.title ?? undefined, note: row.note ?? undefined, audience: { org_id: row.audience.org_id, roles: row.audience.roles ?? [], party_status: row.audience.party_status ?? [] },
  }
}

function Editor({ row, etag, start }: { row?: Reminder; etag?: string; start: Values }) {
  const [form] = Form.useForm<Values>()
  const [values, setValues] = useState(start)
  const [dirty, setDirty] = useState(false)
  const [rest, setRest] = useState<Fault[]>([])
  const [problem, setProblem] = useState<Problem | null>(null)
  const tell = useTell()
  const confirm = useConfirm()
  const go = useNavigate()
  const to = useLinkTo()
  const body = useMemo(() => bodyOf(values), [values])
  const times = useTimes(useLater(body, 500))

  const failed = (failure: Problem) => {
    setProblem(failure)
    setRest(showFaults(form as never, failure, { rule: 'freq' }))
  }
  const path = { path: { id: row?.id ?? '' } }
  const save = useAction(
    async (input: Body, key): Promise<{ data?: Reminder; response: Response }> => {
      if (!row) return api.POST('/api/v1/reminders', { body: input, headers: { [IDEMPOTENCY]: key } })
      const { org_id: _org, ...change } = input
      return api.PATCH('/api/v1/reminders/{id}', { params: { ...path, header: { 'If-Match': etag } }, body: { ...change, title: input.title ?? '', note: input.note ?? '' } })
    },
    {
      changes: [['reminders'], ['reminder', row?.id ?? '']], failed,
      done: (saved) => {
        setDirty(false)
        tell.done('已保存')
        if (!row) void go(to(`/reminders/${saved.id}`), SAVED)
      },
    },
  )
  const pause = useAction((paused: boolean) => api.PATCH('/api/v1/reminders/{id}', { params: { ...path, header: { 'If-Match': etag } }, body: { paused } }), {
    changes: [['reminders'], ['reminder', row?.id ?? '']], done: (now) => tell.done(now.paused ? '已暂停' : '已恢复'), failed: tell.failed,
  })
  const remove = useAction((_: string) => api.DELETE('/api/v1/reminders/{id}', { params: path }), {
    changes: [['reminders']],
    done: () => {
      setDirty(false)
      tell.done('已删除')
      void go(to('/reminders'), SAVED)
    },
    failed: tell.failed,
  })

  return (
    <Page
      title={row ? row.name : '新建定时提醒'}
      trail={[['定时提醒', '/reminders']]}
      extra={row && (
        <>
          <ReminderState state={row.state} />
          {row.state !== 'ended' && <Button icon={row.paused ? <PlayCircleOutlined /> : <PauseCircleOutlined />} loading={pause.running} onClick={() => void pause.run(!row.paused)}>{row.paused ? '恢复' : '暂停'}</Button>}
          <Button danger icon={<DeleteOutlined />} loading={remove.running} onClick={() => confirm({ title: `删除“${row.name}”？`, content: '以后不再提醒；已经发出的推送和台账都还在。', ok: '删除', danger: true, act: () => remove.run('') })}>删除</Button>
        </>
      )}
    >
      <Unsaved when={dirty} />
      <ProblemAlert problem={problem} faults={rest} />
      <Row gutter={[16, 16]}>
        <Col xs={24} lg={13}>
          <Form form={form} layout="vertical" initialValues={start} onFinish={(all: Values) => save.run(bodyOf({ ...values, ...all }))}
            onValuesChange={(_, all: Values) => { setValues({ ...start, ...all }); setDirty(true); setProblem(null) }}>
            <Card title={<h2>什么时候</h2>} className="stack">
              <Rhythms values={values} />
              <Row gutter={16}>
                <Col xs={12}><Form.Item name="at" label="时刻" rules={[{ required: true, message: '请选择时刻' }]}><TimePicker format="HH:mm" minuteStep={5} needConfirm={false} style={{ width: '100%' }} /></Form.Item></Col>
                <Col xs={12}><Form.Item name="starts_on" label="从哪天起"><DatePicker placeholder="今天" style={{ width: '100%' }} /></Form.Item></Col>
              </Row>
              <Form.Item name="only_after_hours" valuePropName="checked" className="tight"><Checkbox>只在下班后：落在工作时间的顺延到下一个推送时段</Checkbox></Form.Item>
              <Form.Item name="skip_holidays" valuePropName="checked" className="tight"><Checkbox>法定节假日不提醒</Checkbox></Form.Item>
            </Card>
            <Card title={<h2>提醒什么、提醒谁</h2>} className="stack">
              <Row gutter={16}>
                <Col xs={24} md={12}><Form.Item name="org_id" label="组织" rules={[{ required: true, message: '请选择组织' }]}><OrgPicker disabled={!!row} /></Form.Item></Col>
                <Col xs={24} md={12}><Form.Item name="template" label="用哪种消息"><Select options={[{ value: 'study', label: '学习任务' }, { value: 'announcement', label: '通知公告' }]} /></Form.Item></Col>
              </Row>
              <Form.Item name="name" label="名称" rules={[{ required: true, whitespace: true, message: '请写名称' }]}><Input maxLength={50} showCount placeholder="如 每周学习提醒" /></Form.Item>
              <Form.Item name="title" label="消息标题"><Input maxLength={100} placeholder="不写则用名称" /></Form.Item>
              <Form.Item name="note" label="消息备注"><Input maxLength={200} /></Form.Item>
              <Row gutter={16}>
                <Col xs={24} md={12}><Form.Item name={['audience', 'roles']} label="角色"><Select mode="multiple" allowClear placeholder="不限" options={options(roleWords)} /></Form.Item></Col>
                <Col xs={24} md={12}><Form.Item name={['audience', 'party_status']} label="政治面貌"><Select mode="multiple" allowClear placeholder="不限" options={options(partyWords)} /></Form.Item></Col>
              </Row>
            </Card>
            <Button type="primary" size="large" htmlType="submit" loading={save.running} disabled={!!row && !dirty}>{row ? '保存修改' : '建立提醒'}</Button>
          </Form>
        </Col>
        <Col xs={24} lg={11}>
          <Flex vertical gap={16}>
            <Card title={<h2>接下来十次</h2>}><Preview times={times} /></Card>
            {row && <Card title={<h2>历次提醒</h2>}><History id={row.id} /></Card>}
          </Flex>
        </Col>
      </Row>
    </Page>
  )
}

function Rhythms({ values }: { values: Values }) {
  return (
    <Row gutter={16}>
      <Col xs={24} md={10}>
        <Form.Item name="freq" label="多久一次">
          <Select options={[{ value: 'WEEKLY', label: '每周' }, { value: 'MONTHLY', label: '每月' }, { value: 'DAILY', label: '每天' }, { value: 'OTHER', label: '其他规则' }]} />
        </Form.Item>
      </Col>
      {values.freq !== 'OTHER' && <Col xs={24} md={6}><Form.Item name="interval" label="间隔" tooltip="2 表示隔一次"><InputNumber min={1} max={12} style={{ width: '100%' }} /></Form.Item></Col>}
      {values.freq === 'WEEKLY' && <Col xs={24}><Form.Item name="byday" label="星期几" rules={[{ validator: (_, days?: string[]) => (days?.length ? Promise.resolve() : Promise.reject(new Error('请选择星期几'))) }]}><Checkbox.Group options={weekdays} /></Form.Item></Col>}
      {values.freq === 'MONTHLY' && <Col xs={24} md={8}><Form.Item name="monthday" label="几号" rules={[{ required: true, message: '请填几号' }]}><InputNumber min={1} max={31} style={{ width: '100%' }} /></Form.Item></Col>}
      {values.freq === 'OTHER' && <Col xs={24}><Form.Item name="rule" label="规则（RFC 5545）" rules={[{ required: true, message: '请填规则' }]}><Input maxLength={500} placeholder="FREQ=MONTHLY;BYDAY=1TU" /></Form.Item></Col>}
    </Row>
  )
}

interface Planned {
  data: Times | null
  problem: Problem | null
}

function useTimes(body: Body): Planned {
  const key = JSON.stringify(body)
  const [planned, setPlanned] = useState<Planned>({ data: null, problem: null })
  useEffect(() => {
    const input = JSON.parse(key) as Body
    const stop = new AbortController()
    api.POST('/api/v1/reminders/plan', { body: { ...input, name: input.name || '提醒' }, signal: stop.signal }).then(
      ({ data }) => setPlanned({ data: data ?? null, problem: null }),
      (error: unknown) => {
        if (!stop.signal.aborted) setPlanned({ data: null, problem: asProblem(error) })
      },
    )
    return () => stop.abort()
  }, [key])
  return planned
}

function Preview({ times }: { times: Planned }) {
  if (times.problem) return <ProblemAlert problem={times.problem} faults={times.problem.fields} />
  if (!times.data) return <Typography.Text type="secondary">正在计算…</Typography.Text>
  const { items, rule_text: text, note } = times.data
  const marks: Mark[] = items.map((item) => ({ day: item.at.slice(0, 10), text: item.skipped ? '不提醒' : item.at.slice(11, 16), faded: !!item.skipped, title: item.local }))
  return (
    <Flex vertical gap={12}>
      <strong>{text}</strong>
      {note && <Alert type="info" showIcon title={note} />}
      {items.length === 0 ? <Nothing title="按这个规则不会再提醒" /> : <MonthGrid marks={marks} />}
      <ol className="plain">
        {items.map((item) => (
          <li key={item.planned_at}>
            {item.local}
            {item.recipients !== null && !item.skipped && `，约 ${item.recipients} 人`}
            {item.skipped && <Typography.Text type="secondary">（不提醒：{item.skipped}）</Typography.Text>}
            {item.moved && <Typography.Text type="secondary">（{item.moved}）</Typography.Text>}
            {item.provisional && <Typography.Text type="secondary">（放假安排未公布，可能变动）</Typography.Text>}
          </li>
        ))}
      </ol>
    </Flex>
  )
}

function History({ id }: { id: string }) {
  const to = useLinkTo()
  const go = useNavigate()
  const pages = usePages(['reminder-occurrences', id], (cursor, signal) => api.GET('/api/v1/reminders/{id}/occurrences', { params: { path: { id }, query: { cursor } }, signal }))
  return (
    <PagedTable
      label="历次提醒" pages={pages} rowKey="planned_at" size="small" empty="还没有提醒过。"
      columns={[
        { title: '时间', key: 'at', render: (_, row) => row.local },
        { title: '结果', key: 'text', render: (_, row) => row.text },
        { title: '', key: 'push', render: (_, row) => row.push_id && <Button type="link" size="small" onClick={() => void go(to(`/pushes/${row.push_id}`))}>台账</Button> },
      ]}
      card={(row) => <Flex vertical><span>{row.local}</span><Typography.Text type="secondary">{row.text}</Typography.Text></Flex>}
    />
  )
}
