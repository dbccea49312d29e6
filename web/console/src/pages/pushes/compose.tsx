import { Alert, Button, Card, Checkbox, Col, DatePicker, Flex, Form, Input, Radio, Row, Select, Tag, Tooltip, Typography } from 'antd'
import type { Dayjs } from 'dayjs'
import { useEffect, useMemo, useState } from 'react'
import { useNavigate } from 'react-router'
import { api, IDEMPOTENCY } from '~/api/client'
import { asProblem, showFaults, type Fault, type Problem } from '~/api/problem'
import { useAction, useLoad } from '~/api/query'
import type { components } from '~/api/schema'
import { useConfirm, useTell } from '~/ui/buttons'
import { useDraft } from '~/ui/draft'
import { useLater } from '~/ui/later'
import { useLinkTo } from '~/ui/link'
import { OrgPicker, useOrg } from '~/ui/org'
import { Page, ProblemAlert } from '~/ui/page'
import { china, instant, meant, now, when } from '~/ui/time'
import { SAVED, Unsaved } from '~/ui/unsaved'
import { meetingWords, options, partyWords, pushKindWords, roleWords, rsvpWords, word } from '~/ui/words'
import { kindFields } from './parts'

type Body = components['schemas']['PushInputBody']

interface Values {
  org_id: string
  kind: Body['kind']
  title: string
  body?: string
  fields?: Record<string, string>
  page?: string
  audience?: { org_id?: string; roles?: string[]; party_status?: string[]; meeting_id?: string; rsvp?: string[] }
  time: 'now' | 'later'
  send_at?: Dayjs
  urgent?: boolean
  urgent_reason?: string
}

/** What the form says, as the API wants it; empty parts are left out. */
export function bodyOf(values: Values): Body {
  const own = new Set((kindFields[values.kind] ?? []).map((field) => field.name))
  const fields = Object.fromEntries(Object.entries(values.fields ?? {}).filter(([name, text]) => own.has(name) && text?.trim()).map(([name, text]) => [name, text.trim()]))
  const audience = Object.fromEntries(Object.entries(values.audience ?? {}).filter(([, value]) => (Array.isArray(value) ? value.length > 0 : !!value)))
  if (!('meeting_id' in audience)) delete audience.rsvp
  return {
    org_id: values.org_id, kind: values.kind, title: values.title?.trim() ?? '',
    ...(values.body?.trim() ? { body: values.body.trim() } : {}),
    ...(Object.keys(fields).length > 0 ? { fields } : {}),
    ...(values.page?.trim() ? { page: values.page.trim() } : {}),
    audience: audience as Body['audience'],
    ...(values.time === 'later' && values.send_at ? { send_at: instant(meant(values.send_at)) } : {}),
    ...(values.urgent && values.urgent_reason?.trim() ? { urgent_reason: values.urgent_reason.trim() } : {}),
  }
}

export default function ComposePush() {
  const { id: org } = useOrg()
  // The form begins when it is known for whom.
  return org ? <Compose key={org} org={org} /> : <Page title="发推送" trail={[['推送记录', '/pushes']]} />
}

function Compose({ org }: { org: string }) {
  const [form] = Form.useForm<Values>()
  const draft = useDraft<Omit<Values, 'send_at'>>(`push.${org}`)
  const tell = useTell()
  const confirm = useConfirm()
  const go = useNavigate()
  const to = useLinkTo()
  const [values, setValues] = useState<Values>({ org_id: org, kind: 'announcement', title: '', time: 'now' })
  const [dirty, setDirty] = useState(false)
  const [rest, setRest] = useState<Fault[]>([])
  const [problem, setProblem] = useState<Problem | null>(null)
  const body = useMemo(() => bodyOf(values), [values])
  const settled = useLater(body, 500)

  const send = useAction((input: Body, key) => api.POST('/api/v1/pushes', { body: input, headers: { [IDEMPOTENCY]: key } }), {
    changes: [['pushes']],
    done: (made) => {
      draft.forget()
      setDirty(false)
      tell.done(made.state === 'scheduled' ? '已排定' : '已发出，正在送达')
      void go(to(`/pushes/${made.id}`), SAVED)
    },
    failed: (failure) => {
      setProblem(failure)
      setRest(showFaults(form as never, failure))
    },
  })
  const cards = useLoad(['push-card', settled.org_id, settled.kind, settled.title, settled.body, settled.fields, settled.send_at], (signal) =>
    api.POST('/api/v1/pushes/card', { body: { org_id: settled.org_id, kind: settled.kind, title: settled.title, body: settled.body, fields: settled.fields, send_at: settled.send_at }, signal }))
  const plan = usePlan(settled)

  const changed = (_: unknown, all: Values) => {
    setValues({ ...all })
    setDirty(true)
    setProblem(null)
    const { send_at: _at, ...kept } = all
    draft.save(kept)
  }
  const submit = async (all: Values) => {
    const input = bodyOf(all)
    const people = plan.data ? `${plan.data.recipients} 人` : '所选成员'
    confirm({
      title: `发给${people}？`,
      content: input.urgent_reason ? '紧急通知会立即响铃，不分时段。' : input.send_at ? `将在 ${when(input.send_at)} 发出，之前可以取消。` : '现在发出；不在推送时段的，等到时段再响。',
      ok: input.send_at ? '排定' : '发出',
      danger: !!input.urgent_reason,
      act: () => send.run(input),
    })
  }
  const fields = kindFields[values.kind] ?? []
  return (
    <Page title="发推送" trail={[['推送记录', '/pushes']]} lead="发之前先看触达预演：谁能收到、何时响铃、谁要打电话。">
      <Unsaved when={dirty} draft />
      {draft.found && !dirty && (
        <Alert
          className="problem" type="info" showIcon title={`上次没发完的草稿（${china(draft.found.at).fromNow()}）：${draft.found.value.title || '未写标题'}`}
          action={<Flex gap={8}><Button size="small" type="primary" onClick={() => { const kept = { ...draft.found!.value, org_id: org, time: 'now' as const }; form.setFieldsValue(kept as never); setValues(kept); setDirty(true); draft.take() }}>接着写</Button><Button size="small" onClick={draft.forget}>丢弃</Button></Flex>}
        />
      )}
      <ProblemAlert problem={problem} faults={rest} />
      <Row gutter={[16, 16]}>
        <Col xs={24} lg={14}>
          <Form id="compose" form={form} layout="vertical" initialValues={values} onValuesChange={changed} onFinish={submit} scrollToFirstError={{ block: 'center' }}>
            <Card title={<h2>内容</h2>} className="stack">
              <Row gutter={16}>
                <Col xs={24} md={12}><Form.Item name="org_id" label="以谁的名义" rules={[{ required: true, message: '请选择组织' }]}><OrgPicker /></Form.Item></Col>
                <Col xs={24} md={12}><Form.Item name="kind" label="类型"><Select options={options(pushKindWords, ['announcement', 'study', 'meeting', 'suggestion'])} /></Form.Item></Col>
              </Row>
              <Form.Item name="title" label="标题" rules={[{ required: true, whitespace: true, message: '请写标题' }]}><Input maxLength={100} showCount placeholder="一句话说清是什么事" /></Form.Item>
              <Row gutter={16}>
                {fields.map((field) => (
                  <Col xs={24} md={12} key={field.name}><Form.Item name={['fields', field.name]} label={field.label}><Input maxLength={200} placeholder={field.hint} /></Form.Item></Col>
                ))}
              </Row>
              <Form.Item name="body" label="站内信正文"><Input.TextArea rows={4} maxLength={2000} showCount placeholder="点开提醒后看到的内容；不写则由上面几项组成。" /></Form.Item>
              <Form.Item name="page" label="点开到哪一页（可不填）" extra="小程序页面，如 pages/meeting/detail?id=…；不填则打开站内信。"><Input maxLength={300} /></Form.Item>
            </Card>
            <Card title={<h2>发给谁</h2>} className="stack">
              <Audience values={values} />
            </Card>
            <Card title={<h2>何时</h2>} className="stack">
              <Form.Item name="time" noStyle><Radio.Group options={[{ value: 'now', label: '现在' }, { value: 'later', label: '定时' }]} /></Form.Item>
              {values.time === 'later' && (
                <Form.Item name="send_at" label="发送时间（北京时间）" rules={[{ required: true, message: '请选择时间' }]} className="gap-top">
                  <DatePicker showTime={{ format: 'HH:mm', minuteStep: 5 }} format="YYYY-MM-DD HH:mm" minDate={now()} style={{ width: 'min(260px, 100%)' }} />
                </Form.Item>
              )}
              <div className="gap-top">
                <Form.Item name="urgent" valuePropName="checked" noStyle><Checkbox>紧急：不分时段立即响铃，不计入每周额度</Checkbox></Form.Item>
              </div>
              {values.urgent && <Form.Item name="urgent_reason" label="紧急的原因（会写给收到的人）" rules={[{ required: true, whitespace: true, message: '紧急通知要说明原因' }]} className="gap-top"><Input maxLength={100} showCount placeholder="如 今晚会议改到 20:30" /></Form.Item>}
            </Card>
          </Form>
        </Col>
        <Col xs={24} lg={10}>
          <Flex vertical gap={16} className="sticky">
            <Card title={<h2>微信里看到的</h2>}>
              {(cards.data?.items ?? []).map((card) => <WechatCard key={card.channel} card={card} title={word(pushKindWords, values.kind)} />)}
              {cards.data && cards.data.items.length === 0 && <Alert type="warning" showIcon title="这类消息没有可用的微信模板，只进站内信。" />}
              {cards.problem && <ProblemAlert problem={cards.problem} />}
            </Card>
            <Card title={<h2>触达预演</h2>} loading={plan.waiting} aria-live="polite"><Reach plan={plan} /></Card>
          </Flex>
        </Col>
      </Row>
      <Flex gap={8} wrap align="center" className="gap-top">
        <Button type="primary" size="large" htmlType="submit" form="compose" loading={send.running}>{values.time === 'later' ? '排定…' : '发出…'}</Button>
        <Typography.Text type="secondary" aria-live="polite">{draft.savedAt ? `草稿已保存 ${china(draft.savedAt).format('HH:mm')}` : ''}</Typography.Text>
      </Flex>
    </Page>
  )
}

function Audience({ values }: { values: Values }) {
  const from = now().subtract(7, 'day').startOf('day')
  const meetings = useLoad(['meetings', 'for-push', values.org_id, from.format('YYYY-MM-DD')], (signal) =>
    api.GET('/api/v1/meetings', { params: { query: { org_id: values.org_id, from: from.format('YYYY-MM-DD'), to: from.add(60, 'day').format('YYYY-MM-DD'), limit: 50 } as never }, signal }), { enabled: !!values.org_id })
  return (
    <>
      <Form.Item name={['audience', 'org_id']} label="组织范围（含下级）" extra="不选则为发送组织及其下级的全部成员。"><OrgPicker allowClear placeholder="全部" /></Form.Item>
      <Row gutter={16}>
        <Col xs={24} md={12}><Form.Item name={['audience', 'roles']} label="角色"><Select mode="multiple" allowClear placeholder="不限" options={options(roleWords)} /></Form.Item></Col>
        <Col xs={24} md={12}><Form.Item name={['audience', 'party_status']} label="政治面貌"><Select mode="multiple" allowClear placeholder="不限" options={options(partyWords)} /></Form.Item></Col>
      </Row>
      <Form.Item name={['audience', 'meeting_id']} label="某次会议的应到人员">
        <Select allowClear showSearch={{ optionFilterProp: 'label' }} placeholder="不限" options={(meetings.data?.items ?? []).map((meeting) => ({ value: meeting.id, label: `${when(meeting.starts_at)} ${meeting.topic || word(meetingWords, meeting.type)}` }))} />
      </Form.Item>
      {values.audience?.meeting_id && <Form.Item name={['audience', 'rsvp']} label="其中答复为"><Select mode="multiple" allowClear placeholder="不限" options={options(rsvpWords)} /></Form.Item>}
    </>
  )
}

type CardView = components['schemas']['PushCardView']

/** The card as WeChat draws it; what the field's limits changed is marked, with what was written beside it. */
function WechatCard({ card, title }: { card: CardView; title: string }) {
  return (
    <section className="wx-card" aria-label={card.channel === 'subscribe' ? '小程序订阅消息' : '公众号消息'}>
      <header>{card.channel === 'subscribe' ? '小程序 · 手机党支部' : '公众号 · 手机党支部'}</header>
      <strong>{title}</strong>
      <dl>
        {card.lines.map((line) => (
          <div key={line.field}>
            <dt>{line.label}</dt>
            <dd>
              {line.shown || <Typography.Text type="danger">放不进这一栏，微信会拒收</Typography.Text>}
              {!line.whole && line.shown && line.given && <Tooltip title={`您写的是：${line.given}`}><Tag color="orange" className="beside" tabIndex={0}>{line.shown.endsWith('…') ? '已截短' : '已改写'}</Tag></Tooltip>}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

interface Planned {
  data: components['schemas']['PushPlanView'] | null
  problem: Problem | null
  waiting: boolean
}

/** usePlan asks who would be reached, as soon as there is a title. */
function usePlan(body: Body): Planned {
  const key = JSON.stringify(body)
  const [planned, setPlanned] = useState<Planned>({ data: null, problem: null, waiting: false })
  useEffect(() => {
    const input = JSON.parse(key) as Body
    const stop = new AbortController()
    api.POST('/api/v1/pushes/plan', { body: { ...input, title: input.title || '（未写标题）' }, signal: stop.signal }).then(
      ({ data }) => setPlanned({ data: data ?? null, problem: null, waiting: false }),
      (error: unknown) => {
        if (!stop.signal.aborted) setPlanned((before) => ({ data: before.data, problem: asProblem(error), waiting: false }))
      },
    )
    return () => stop.abort()
  }, [key])
  return planned
}

function Reach({ plan }: { plan: Planned }) {
  const data = plan.data
  if (plan.problem) return <ProblemAlert problem={plan.problem} faults={plan.problem.fields} />
  if (!data) return <Typography.Text type="secondary">正在计算…</Typography.Text>
  return (
    <Flex vertical gap={12}>
      <div className="figures">
        <Figure name="收件人" value={data.recipients} />
        <Figure name="微信提醒" value={data.by_wechat} />
        <Figure name="仅站内信" value={data.inbox_only} />
        {data.unreachable_count > 0 && <Figure name="要打电话" value={data.unreachable_count} strong />}
        {data.over_budget > 0 && <Figure name="并入晚间汇总" value={data.over_budget} />}
      </div>
      {data.recipients === 0 && <Alert type="warning" showIcon title="没有人符合这些条件。" />}
      {data.deferred.length > 0 && (
        <div>
          <strong>稍后响铃</strong>
          <ul className="plain">{data.deferred.map((part, i) => <li key={i}>{part.count} 人等到 {when(part.until)}：{part.reason}</li>)}</ul>
        </div>
      )}
      {data.inbox_only_reasons.length > 0 && (
        <div>
          <strong>为什么只进站内信</strong>
          <ul className="plain">{data.inbox_only_reasons.map((part, i) => <li key={i}>{part.count} 人：{part.reason}</li>)}</ul>
        </div>
      )}
      {data.unreachable.length > 0 && (
        <div>
          <strong>看不到微信也看不到站内信，请打电话</strong>
          <p className="names">{data.unreachable.map((person) => person.name).join('、')}{data.unreachable_count > data.unreachable.length ? ` 等 ${data.unreachable_count} 人` : ''}</p>
        </div>
      )}
    </Flex>
  )
}

function Figure({ name, value, strong }: { name: string; value: number; strong?: boolean }) {
  return <div className={strong ? 'fig strong' : 'fig'}><span>{name}</span><b className="figure">{value}</b></div>
}
