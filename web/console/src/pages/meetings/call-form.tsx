import { Alert, Button, Card, Col, DatePicker, Flex, Form, Input, InputNumber, Radio, Row, Tag, Typography } from 'antd'
import { useMemo, useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { api, IDEMPOTENCY } from '~/api/client'
import { showFaults, type Fault, type Problem } from '~/api/problem'
import { useAction } from '~/api/query'
import { useConfirm, useTell } from '~/ui/buttons'
import { useDraft } from '~/ui/draft'
import { useLinkTo } from '~/ui/link'
import { ProblemAlert } from '~/ui/page'
import { china, day as dayWords, now, span } from '~/ui/time'
import { SAVED, Unsaved } from '~/ui/unsaved'
import { meetingWords, word } from '~/ui/words'
import type { Asked } from './call'
import { callOf, changeOf, fromTemplate, moved, periodOf, places, planOf, seriesTopic, spanOf, told, type CallBody, type ChangeBody, type Template, type Values } from './call-body'
import { Agenda, Also, Extras, Repeat, Where, Who } from './call-fields'
import { occurrences, turnsOf, workingDay, type Rhythm } from './calendar-days'
import { useDays, useHours } from './calendar-loads'
import type { Meeting } from './meeting-parts'
import { Reach, usePlan } from './reach'
import { bestDays, comersOf, slotWords, useSlots, type Slot } from './slot-parts'

interface Props {
  org: string
  templates: Template[]
  initial: Values
  asked: Asked
  meeting?: Meeting
  etag?: string
  /** Asks for the newest version, after the server has said that there is one. */
  stale?: () => void
  /** Takes that version into the form. */
  latest?: () => void
}

/** Drafts are kept as text; the picked time goes along as it was shown. */
type Kept = Omit<Values, 'start'> & { start?: string }

export function CallForm({ org, templates, initial, asked, meeting, etag, stale: outdated, latest }: Props) {
  const [form] = Form.useForm<Values>()
  const draft = useDraft<Kept>(meeting ? `meeting.edit.${meeting.id}` : `meeting.${org}`)
  const tell = useTell()
  const confirm = useConfirm()
  const go = useNavigate()
  const to = useLinkTo()
  const [values, setValues] = useState<Values>(initial)
  const [dirty, setDirty] = useState(false)
  // A time that a person chose stays when another type is chosen.
  const [timed, setTimed] = useState(!!asked.start)
  const [failure, setFailure] = useState<{ problem: Problem; rest: Fault[] } | null>(null)
  const [refused, setRefused] = useState(false)
  const template = templates.find((one) => one.type === values.type)

  const times = spanOf(values)
  const first = times ? china(times.starts_at).format('YYYY-MM-DD') : (asked.day ?? now().format('YYYY-MM-DD'))
  const { days, provisional } = useDays(first, china(`${first}T00:00:00+08:00`).add(1, 'year').format('YYYY-MM-DD'))
  const hours = useHours()
  const working = times && !values.event_id ? workingDay(days, hours, times.starts_at, times.ends_at) : ''
  const series = values.repeat !== 'once'
  const turns = useMemo(() => (series && times ? turnsOf(occurrences(values.repeat as Rhythm, first, values.count || 2), days, hours, times.starts_at, values.minutes, !!values.override_reason?.trim()) : []), [series, values.repeat, values.count, values.minutes, values.override_reason, first, times, days, hours])
  const plan = usePlan(planOf(values, org), !meeting)
  const picked = values.who === 'some' && values.type !== 'committee' ? (values.invitees?.member_ids ?? []) : []

  const put = (part: Partial<Values>) => {
    form.setFieldsValue(part as never)
    changed(part)
  }
  const changed = (part: Partial<Values>) => {
    // All that the form keeps, also of fields that are not drawn at the moment.
    const all = form.getFieldsValue(true) as Values
    const next = { ...all }
    if ('start' in part || 'minutes' in part) setTimed(true)
    // The congress goes with the slot that lies in it.
    if ('start' in part && !('event_id' in part)) next.event_id = undefined
    if (part.repeat) next.topic = seriesTopic(next.topic, part.repeat !== 'once', template ? periodOf(template.call.topic) : undefined)
    if (part.mode === 'online') next.place = ''
    if (next.topic !== all.topic || next.event_id !== all.event_id) form.setFieldsValue({ topic: next.topic, event_id: next.event_id } as never)
    setValues(next)
    setDirty(true)
    setFailure(null)
    draft.save({ ...next, start: next.start?.format('YYYY-MM-DDTHH:mm') })
  }
  const choose = (type: string) => {
    const next = templates.find((one) => one.type === type)
    if (!next) return
    const fresh = fromTemplate(next, timed && times ? { start: times.starts_at, minutes: values.minutes, event: values.event_id } : undefined)
    if (asked.day && !timed) fresh.start = undefined
    form.setFieldsValue(fresh as never)
    setValues(fresh)
    setFailure(null)
    setDirty(true)
  }
  const take = (slot: Slot) => put({ start: china(slot.starts_at), minutes: Math.round((Date.parse(slot.ends_at) - Date.parse(slot.starts_at)) / 60_000), event_id: slot.event?.id })

  const failed = (problem: Problem) => {
    if (problem.status === 412) outdated?.()
    const unbooked = problem.fields.some((fault) => fault.field === 'online.join_url' && fault.code === 'required') && form.getFieldValue(['online', 'provider']) === 'tencent'
    setRefused(problem.code === 'within_working_hours' || problem.fields.some((fault) => fault.code === 'within_working_hours'))
    if (unbooked) {
      form.setFieldValue(['online', 'provider'], 'manual')
      setValues((before) => ({ ...before, online: { ...before.online, provider: 'manual' } }))
    }
    // The field of a link is drawn before its fault can stand beside it.
    setTimeout(() => setFailure({ problem, rest: showFaults(form as never, problem, places) }))
  }
  const done = (text: string) => (made: { id: string }) => {
    draft.forget()
    setDirty(false)
    tell.done(text)
    void go(to(`/meetings/${made.id}`), SAVED)
  }
  const touched = [['meeting'], ['meetings'], ['invitation'], ['attendance'], ['series'], ['pushes'], ['supervision'], ['obligations']]
  const call = useAction((body: CallBody, key) => api.POST('/api/v1/meetings', { body, headers: { [IDEMPOTENCY]: key } }), { changes: touched, done: done(series ? '已排定，每次会前一周发通知' : '已召集，通知正在送达'), failed })
  const change = useAction((body: ChangeBody) => api.PATCH('/api/v1/meetings/{id}', { params: { path: { id: meeting!.id }, header: { 'If-Match': etag } }, body }), { changes: touched, done: done('已修改'), failed })

  const submit = () => {
    const all: Values = { ...initial, ...form.getFieldsValue(true) }
    if (meeting) {
      const body = changeOf(all, meeting)
      if (Object.keys(body).length === 0) {
        tell.note('没有改动')
        return
      }
      if (!told(all, meeting)) {
        void change.run(body)
        return
      }
      confirm({
        title: moved(all, meeting) ? `改到 ${span(spanOf(all)!.starts_at, spanOf(all)!.ends_at)}？` : '修改并通知？',
        content: moved(all, meeting) ? `会马上通知 ${meeting.counts.invited} 位受邀的人，请他们重新答复。` : `会马上通知 ${meeting.counts.invited} 位受邀的人。`,
        ok: '修改并通知', act: () => change.run(body),
      })
      return
    }
    const body = callOf(all, org)
    const people = picked.length || plan.data?.recipients
    const phone = plan.data && picked.length === 0 ? plan.data.unreachable_count : 0
    confirm({
      title: `召集“${series ? all.topic.replace('{period}', '') : all.topic.trim()}”？`,
      content: (
        <>
          <p>{span(body.starts_at!, body.ends_at!)}{series && `起，共 ${turns.filter((turn) => !turn.leftOut).length} 次`}</p>
          <p>{series ? '每次会前一周' : '现在'}通知{people ? ` ${people} 人` : '所选的人'}。{phone > 0 && `其中 ${phone} 人看不到通知，要打电话。`}</p>
        </>
      ),
      ok: '召集并通知', act: () => call.run(body),
    })
  }
  const stale = failure?.problem.status === 412
  return (
    <>
      <Unsaved when={dirty} draft />
      {draft.found && !dirty && (
        <Alert
          className="problem" type="info" showIcon title={`上次没弄完的草稿（${china(draft.found.at).fromNow()}）：${draft.found.value.topic || '未写主题'}`}
          action={<Flex gap={8}><Button size="small" type="primary" onClick={() => { const { start, ...kept } = draft.found!.value; const next = { ...kept, start: start ? china(`${start}:00+08:00`) : undefined }; form.setFieldsValue(next as never); setValues(next); setTimed(true); setDirty(true); draft.take() }}>接着写</Button><Button size="small" onClick={draft.forget}>丢弃</Button></Flex>}
        />
      )}
      {stale && <Alert className="problem" role="alert" type="warning" showIcon title="这次会议刚被别人改过。" description="草稿留在这里；载入最新的内容后，请核对再改。" action={<Button size="small" onClick={() => { setDirty(false); latest?.() }}>载入最新</Button>} />}
      {failure && !stale && <ProblemAlert problem={failure.problem} faults={failure.rest} />}
      <Row gutter={[16, 16]}>
        <Col xs={24} lg={15}>
          <Form id="call" form={form} layout="vertical" initialValues={initial} onValuesChange={changed} onFinish={submit} scrollToFirstError={{ block: 'center' }}>
            <Form.Item name="event_id" hidden><Input /></Form.Item>
            <Card title={<h2>什么会</h2>} className="stack">
              {meeting ? <p className="tight">{word(meetingWords, meeting.type)} · {meeting.org.name}</p> : (
                <Form.Item name="type" label="会议类型">
                  <Radio.Group className="kinds" onChange={(event) => choose(event.target.value as string)}>
                    {templates.map((one) => <Radio key={one.type} value={one.type}>{one.type_label}{one.owed && <div><Tag color="orange">{one.owed.period}还差 {one.owed.missing} 次</Tag></div>}</Radio>)}
                  </Radio.Group>
                </Form.Item>
              )}
              <Form.Item name="topic" label="主题" rules={[{ required: true, whitespace: true, message: '请写主题' }]} className="tight"><Input maxLength={100} showCount /></Form.Item>
              <Also values={values} templates={meeting ? [] : templates} />
            </Card>
            <Card title={<h2>什么时候</h2>} className="stack" extra={<Link to={to('/meetings/slots', { type: values.type, minutes: String(values.minutes || 60) })}>更多时间</Link>}>
              <Proposals org={org} values={values} from={asked.day} people={meeting ? undefined : (picked.length || plan.data?.recipients)} take={take} />
              <Row gutter={16}>
                <Col xs={24} md={14}>
                  <Form.Item name="start" label="开始（北京时间）" rules={[{ required: true, message: '请选择开始时间' }]}>
                    <DatePicker showTime={{ format: 'HH:mm', minuteStep: 5 }} format="YYYY-MM-DD HH:mm" minDate={now()} needConfirm={false} style={{ width: '100%' }} />
                  </Form.Item>
                </Col>
                <Col xs={24} md={10}><Form.Item name="minutes" label="时长" rules={[{ required: true, message: '请填写时长' }]} extra={times && `${china(times.ends_at).format('HH:mm')} 结束`}><InputNumber min={5} max={720} step={15} suffix="分钟" style={{ width: '100%' }} /></Form.Item></Col>
              </Row>
              {(working || refused || initial.override_reason) && (
                <Form.Item name="override_reason" label="为什么要在上班时间开（会写进通知）" rules={working ? [{ required: true, whitespace: true, message: '上班时间开会要说明理由，或改在下班后、周末、节假日' }] : []} extra={working && `${dayWords(working)} ${hours.from}–${hours.to} 是上班时间，多数人脱不开身。`}>
                  <Input maxLength={200} showCount />
                </Form.Item>
              )}
              {values.event_id && <p className="line-note">与学会活动同期召开，不另占时间。</p>}
              {!meeting && times && <Repeat values={values} day={first} turns={turns} provisional={provisional.filter((year) => turns.some((turn) => turn.day.startsWith(String(year))))} />}
            </Card>
            <Card title={<h2>在哪里</h2>} className="stack"><Where values={values} booked={!!meeting && !!meeting.online?.join_url} /></Card>
            {!meeting && <Card title={<h2>请谁来</h2>} className="stack"><Who values={values} org={org} /></Card>}
            <Card title={<h2>议程</h2>} className="stack"><Agenda values={values} /></Card>
            <Card title={<h2>提醒与签到</h2>} className="stack"><Extras values={values} /></Card>
            {meeting && (
              <Card title={<h2>修改说明</h2>} className="stack">
                <Form.Item name="reason" label="修改的原因（受邀的人会看到）" rules={told(values, meeting) ? [{ required: true, whitespace: true, message: '改了时间或地点，请写一句原因' }] : []} className={meeting.series_id ? undefined : 'tight'}><Input.TextArea rows={2} maxLength={200} showCount placeholder="如 讲者临时出差" /></Form.Item>
                {meeting.series_id && <Form.Item name="scope" label="改哪几次" className="tight"><Radio.Group options={[{ value: 'this', label: '只改这一次' }, { value: 'following', label: '这一次和以后各次' }]} /></Form.Item>}
              </Card>
            )}
          </Form>
        </Col>
        <Col xs={24} lg={9}>
          <div className="sticky">
            {meeting ? (
              <Card title={<h2>会通知谁</h2>}>
                <p>{told(values, meeting) ? `时间或地点有变，保存后马上通知 ${meeting.counts.invited} 位受邀的人。` : '没有改时间和地点，保存后不另发通知。'}</p>
                {moved(values, meeting) && <p>原来的答复作废，请大家重新答复；旧的提醒取消，按新时间提醒。</p>}
                <p className="line-note">参会名单在会议页的“出席”里变更。</p>
              </Card>
            ) : (
              <Card title={<h2>触达预演</h2>} aria-live="polite">
                <Reach plan={plan} picked={picked} />
                {series && <p className="line-note gap-top">这是按现在的名册估算；每次的名单在会前一周确定。</p>}
              </Card>
            )}
          </div>
        </Col>
      </Row>
      <Flex gap={12} wrap align="center" className="gap-top call-bar">
        <Button type="primary" size="large" htmlType="submit" form="call" loading={call.running || change.running}>{meeting ? '保存修改' : '召集…'}</Button>
        <Link to={to(meeting ? `/meetings/${meeting.id}` : '/meetings')}><Button size="large">不{meeting ? '改' : '召集'}了</Button></Link>
        <Typography.Text type="secondary" aria-live="polite">{draft.savedAt ? `草稿已保存 ${china(draft.savedAt).format('HH:mm')}` : ''}</Typography.Text>
      </Flex>
    </>
  )
}

/** Hours at which people can come, each of another day, with the reason in words: one tap takes it. */
function Proposals({ org, values, from, people, take }: { org: string; values: Values; from: string | undefined; people: number | undefined; take: (slot: Slot) => void }) {
  const slots = useSlots({ org, type: values.type, from, days: from ? 3 : 14, minutes: values.minutes || 60 })
  const chosen = spanOf(values)
  if (slots.problem) return <ProblemAlert problem={slots.problem} retry={slots.reload} />
  if (!slots.data) return null
  const of = slots.data.items
  const list = from ? of.slice(0, 6) : bestDays(of, 4)
  if (list.length === 0) return <Alert className="problem" type="info" showIcon title="这几天没有大家都方便的时间，请在下面自己选，或点“更多时间”往后找。" />
  return (
    <div className="slot-picks" role="group" aria-label="建议的时间">
      {list.map((slot) => {
        const on = chosen && Date.parse(chosen.starts_at) === Date.parse(slot.starts_at)
        return (
          <Button key={slot.starts_at} aria-pressed={!!on} type={on ? 'primary' : 'default'} ghost={!!on} onClick={() => take(slot)}>
            <span><b>{slotWords(slot)}</b><span className="small">{slot.text.replace(/^[^，]*，/, '')}</span><span className="small">{comersOf(slot, people)}</span></span>
          </Button>
        )
      })}
    </div>
  )
}

