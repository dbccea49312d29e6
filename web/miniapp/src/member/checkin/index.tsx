import { useEffect, useRef, useState, useSyncExternalStore } from 'react'

import { api, queue, type Answer, type ApiError } from '@/api'
import { go, replace } from '@/nav'
import { canScan, scan } from '@/platform/device'
import { span, when } from '@/text/time'
import { Banner, Button, Buttons, Card, Empty, Facts, Field, Hint, Load, Page, Row, Rows, toast, useAction, useGet, useParams } from '@/ui'

import { digits, readCode } from './code'
import { Host } from './host'
import './index.css'

type Meeting = Answer<'get', '/meetings/{id}'>

/** Checking in: by the code on the host's screen where the meeting asks for one, by a tap where it does not. */
export default function CheckIn() {
  const { id = '', code = '' } = useParams()
  return (
    <Page title="会议签到" who="member" above="meetings">
      {id ? <One key={id} id={id} code={digits(code)} /> : <Choose code={digits(code)} />}
    </Page>
  )
}

/** No meeting was named: the ones of today. When there is but one, it is that. */
function Choose({ code }: { code: string }) {
  const [from] = useState(() => new Date(Math.floor(Date.now() / 600_000) * 600_000).toISOString())
  const [to] = useState(() => new Date(Date.parse(from) + 24 * 3600_000).toISOString())
  const list = useGet('/meetings', { query: { mine: true, from, to, limit: 20 } })
  return (
    <Load of={list}>
      {(l) => {
        const all = l.items.filter((m) => m.state === 'planned')
        if (all.length === 0) return <Empty title="现在没有要签到的会议" text="签到在会前一会儿开始。会议时间可以在“会议”里看。" action="看会议" onAction={() => go('meetings')} />
        if (all.length === 1 && all[0]) return <One id={all[0].id} code={code} />
        return <Card title="给哪次会议签到？"><Rows label="会议">{all.map((m) => <Row key={m.id} title={m.topic} text={span(m.starts_at, m.ends_at)} onTap={() => replace('checkin', { id: m.id, code })} />)}</Rows></Card>
      }}
    </Load>
  )
}

function One({ id, code }: { id: string; code: string }) {
  const meeting = useGet('/meetings/{id}', { path: { id } })
  return (
    <Load of={meeting}>
      {(m) => (
        <>
          <Card title={m.topic}>
            <Facts items={[['时间', span(m.starts_at, m.ends_at)], ['地点', m.mode === 'online' ? '线上' : m.place], ['召集', m.org.name]]} />
          </Card>
          {m.can_manage && m.checkin_code && m.state === 'planned' ? <Host id={m.id} /> : null}
          <State m={m} code={code} changed={meeting.set} reload={() => void meeting.reload()} />
          <Rows label="更多"><Row title="会议详情" text="议程、入会方式、表决" to="meeting" params={{ id: m.id }} /></Rows>
        </>
      )}
    </Load>
  )
}

/** Where one stands; the way to check in when that is still to do. */
function State({ m, code, changed, reload }: { m: Meeting; code: string; changed: (m: Meeting) => void; reload: () => void }) {
  if (m.my_attendance === 'present' || m.my_attendance === 'observer') return <Banner tone="good">您已签到{m.my_attendance === 'observer' ? '（列席）' : ''}。</Banner>
  if (m.state === 'cancelled') return <Banner tone="warn">会议已取消，不用签到。</Banner>
  if (m.state === 'over') return <Banner tone="warn">会议已结束，不能再签到。确实到会的，请联系召集人（{m.created_by.name}）补登。</Banner>
  if (m.my_rsvp === null) return <Banner tone="warn">您不在这次会议的名单里。应当参加的，请联系召集人（{m.created_by.name}）。</Banner>
  return m.checkin_code ? <ByCode m={m} code={code} changed={changed} /> : <ByTap m={m} changed={changed} reload={reload} />
}

/** What to do when it did not succeed, below the button. */
function Refused({ fault, m }: { fault: ApiError | undefined; m: Meeting }) {
  if (!fault || fault.of('code')) return null
  const help = fault.code === 'not_open' ? '到时候再点一次就行。' : fault.code === 'conflict' ? '' : `一直不成功的，请联系召集人（${m.created_by.name}）为您登记。`
  return <Banner tone="warn">{fault.code === 'offline' ? '网络不通，还没有签上。请换个信号好的地方再试。' : fault.message}{help}</Banner>
}

/** Without a code the tap may wait for the network; once it has gone out the meeting is asked for anew. */
function ByTap({ m, changed, reload }: { m: Meeting; changed: (m: Meeting) => void; reload: () => void }) {
  const place = `checkin:${m.id}`
  const waiting = useSyncExternalStore((f) => queue.onChange(f), () => queue.waiting.some((x) => x.place === place))
  const before = useRef(waiting)
  useEffect(() => {
    if (before.current && !waiting) reload()
    before.current = waiting
    // `reload` is the page's, and does the same each time.
  }, [waiting])
  const check = useAction((key) => api.later('post', '/meetings/{id}/checkin', { path: { id: m.id }, body: {}, key, label: '签到', place }), {
    done: (sent) => {
      if (sent.waiting) return
      toast('签到成功')
      changed(sent.answer)
    },
    failed: () => undefined,
  })
  if (waiting) return <Banner>已记下，网络恢复后自动签到。请在会议结束前确认签上了。</Banner>
  return (
    <Card title="签到">
      <Refused fault={check.fault} m={m} />
      <Button wide busy={check.busy} onTap={() => void check.act()}>签到</Button>
    </Card>
  )
}

/** The code changes every half minute, so it cannot wait: it is sent at once or not at all. One that came with the link is tried at once. */
function ByCode({ m, code: given, changed }: { m: Meeting; code: string; changed: (m: Meeting) => void }) {
  const [code, setCode] = useState(given)
  const check = useAction((key, c: string) => api.post('/meetings/{id}/checkin', { path: { id: m.id }, body: { code: c }, key }), {
    done: (next) => {
      toast('签到成功')
      changed(next)
    },
    failed: (e) => {
      if (e.of('code')) setCode('')
    },
  })
  const tried = useRef(false)
  useEffect(() => {
    if (given.length !== 6 || tried.current) return
    tried.current = true
    void check.act(given)
    // Once, with what the page was opened with.
  }, [given])
  const read = async () => {
    const text = await scan()
    if (text === undefined) return
    const found = readCode(text)
    if (found?.id && found.id !== m.id) return replace('checkin', found)
    if (!found?.code) return toast('这不是签到码，请扫主持人屏幕上的码，或输入 6 位数字')
    setCode(found.code)
    await check.act(found.code)
  }
  return (
    <Card title="签到">
      <Field
        id="code" title="签到码" kind="number" most={6} value={code} autoComplete="one-time-code" className="checkin-field" placeholder="6 位数字" onInput={(v) => setCode(digits(v))}
        onEnter={() => (code.length === 6 ? void check.act(code) : undefined)} hint="主持人屏幕上正在显示的 6 位数字，半分钟换一次。" fault={check.fault?.of('code')}
      />
      <Refused fault={check.fault} m={m} />
      <Buttons>
        <Button busy={check.busy} disabled={code.length !== 6} onTap={() => void check.act(code)}>签到</Button>
        {canScan ? <Button kind="plain" disabled={check.busy} onTap={() => void read()}>扫码</Button> : null}
      </Buttons>
      {!check.fault && Date.parse(m.starts_at) - Date.now() > 4 * 3600_000 ? <Hint>会议 {when(m.starts_at)} 开始，会前一会儿才能签到。</Hint> : null}
    </Card>
  )
}
