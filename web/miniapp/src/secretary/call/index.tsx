import { useState } from 'react'

import { api, type Answer } from '@/api'
import { replace } from '@/nav'
import { useWorkplace } from '@/secretary/org'
import { instant, picked, span } from '@/text/time'
import { Banner, Box, Button, Buttons, Card, Facts, Field, Hint, Load, Page, Row, Rows, Select, TextArea, toast, useAction, useGet, When } from '@/ui'

type Template = Answer<'get', '/meetings/templates'>['items'][number]
type Slot = Answer<'get', '/meetings/slots'>['items'][number]
type Call = Template['call']

const HOUR = 3600 * 1000
const minutesOf = (c: Call) => (c.starts_at && c.ends_at ? Math.max(15, Math.round((Date.parse(c.ends_at) - Date.parse(c.starts_at)) / 60000)) : 60)

/** Calls a meeting in three taps: which one, when, and out. */
export default function CallMeeting() {
  const { org, chooser } = useWorkplace()
  const [template, choose] = useState<Template>()
  const [time, setTime] = useState<{ starts_at: string; ends_at: string }>()
  const back = () => (time ? setTime(undefined) : choose(undefined))
  return (
    <Page title="召集会议" who="leader" above="desk">
      {template ? <Button kind="link" small onTap={back}>‹ 上一步</Button> : chooser}
      {org && !template ? <Which org={org.id} choose={(t) => { choose(t); setTime(undefined) }} /> : null}
      {org && template && !time ? <When3 org={org.id} template={template} choose={setTime} /> : null}
      {template && time ? <Send template={template} time={time} /> : null}
    </Page>
  )
}

function Which({ org, choose }: { org: string; choose: (t: Template) => void }) {
  const all = useGet('/meetings/templates', { query: { org_id: org } })
  return (
    <Load of={all}>
      {(list) => (
        <Card title="第一步　开什么会">
          <Rows label="会议类型">
            {list.items.map((t) => <Row key={t.type} title={t.type_label} text={t.call.topic} onTap={() => choose(t)} />)}
          </Rows>
        </Card>
      )}
    </Load>
  )
}

function When3({ org, template, choose }: { org: string; template: Template; choose: (t: { starts_at: string; ends_at: string }) => void }) {
  const minutes = minutesOf(template.call)
  const all = useGet('/meetings/slots', { query: { org_id: org, type: template.type, minutes, days: 14 } })
  const [own, setOwn] = useState(() => picked(Math.ceil((Date.now() + 24 * HOUR) / HOUR) * HOUR))
  return (
    <>
      <Card title="第二步　什么时候">
        <Hint>{template.type_label}，约 {minutes} 分钟。下面是大家下班后最合适的时间。</Hint>
        <Load of={all}>
          {(list) => (list.items.length > 0 ? (
            <Rows label="合适的时间">
              {list.items.slice(0, 6).map((s: Slot) => <Row key={s.starts_at} title={span(s.starts_at, s.ends_at)} text={s.text} onTap={() => choose(s)} />)}
            </Rows>
          ) : <Hint>两周内没有合适的空闲时间，请在下面自己选。</Hint>)}
        </Load>
      </Card>
      <Card title="自己选时间">
        <When title="日期" id="day" kind="date" value={own.day} onChange={(day) => setOwn({ ...own, day })} />
        <When title="开始" id="time" kind="time" value={own.time} onChange={(time) => setOwn({ ...own, time })} />
        <Button wide kind="plain" onTap={() => {
          const starts = instant(own.day, own.time)
          choose({ starts_at: starts, ends_at: new Date(Date.parse(starts) + minutes * 60000).toISOString() })
        }}>用这个时间</Button>
      </Card>
    </>
  )
}

const modes = [{ value: 'online', text: '线上' }, { value: 'onsite', text: '现场' }, { value: 'hybrid', text: '线上和现场' }]

function Send({ template, time }: { template: Template; time: { starts_at: string; ends_at: string } }) {
  const [call, setCall] = useState<Call>(() => ({ ...template.call, starts_at: time.starts_at, ends_at: time.ends_at }))
  const [reason, setReason] = useState('')
  const change = (part: Partial<Call>) => setCall((c) => ({ ...c, ...part }))
  const post = useAction(
    (key) => api.post('/meetings', { body: { ...call, ...(reason ? { override_reason: reason } : {}) }, key }),
    { done: (m) => {
      toast('会议通知已发出')
      replace('meeting', { id: m.id })
    }, failed: () => undefined },
  )
  const f = post.fault
  const working = f?.code === 'within_working_hours' || reason !== ''
  return (
    <>
      <Card title="第三步　核对并发出">
        <Facts items={[['会议', template.type_label], ['时间', span(time.starts_at, time.ends_at)], ['议程', call.agenda.map((a) => a.title).join('；')]]} />
        <Field title="主题" id="topic" value={call.topic} onInput={(topic) => change({ topic })} most={100} fault={f?.of('topic')} />
        <Select title="方式" id="mode" value={call.mode} options={modes} onChange={(mode) => change({ mode })} />
        {call.mode !== 'online' ? <Field title="地点" id="place" value={call.place ?? ''} onInput={(place) => change({ place })} most={100} fault={f?.of('place')} /> : null}
        {call.mode !== 'onsite' ? (
          <>
            <Field title="会议链接" id="online.join_url" value={call.online?.join_url ?? ''} onInput={(join_url) => change({ online: { ...call.online, join_url } })} fault={f?.of('online.join_url')} placeholder="从腾讯会议复制，https://…" hint="没有链接也可以只填会议号。" />
            <Field title="会议号" id="online.code" value={call.online?.code ?? ''} onInput={(code) => change({ online: { ...call.online, code } })} fault={f?.of('online.code')} />
          </>
        ) : null}
        {working ? <TextArea title="在工作时间开会的原因" id="override_reason" value={reason} onInput={setReason} most={100} fault={f?.of('override_reason')} hint="临床工作时间内开会，要让大家知道为什么。" /> : null}
      </Card>
      {f ? <Banner tone="warn">{f.message}</Banner> : null}
      <Box className="stack">
        <Button wide busy={post.busy} disabled={call.topic.trim() === ''} onTap={() => void post.act()}>发出会议通知</Button>
        <Buttons><Hint>会前会按约定自动提醒；改时间或取消也会通知大家。</Hint></Buttons>
      </Box>
    </>
  )
}
