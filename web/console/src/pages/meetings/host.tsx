import { ArrowLeftOutlined, CompressOutlined, ExpandOutlined } from '@ant-design/icons'
import { Button, Result } from 'antd'
import { useEffect, useState } from 'react'
import { Link, useParams } from 'react-router'
import { api } from '~/api/client'
import { useAction, useLoad } from '~/api/query'
import { useTell } from '~/ui/buttons'
import { useKeys } from '~/ui/keys'
import { useLinkTo } from '~/ui/link'
import { Load } from '~/ui/page'
import { china, span } from '~/ui/time'
import { useMeeting, useSheet, whereOf, type Meeting } from './meeting-parts'
import { voters } from './vote-rules'
import './meetings.css'

/** The host's screen is for the wall: the code to check in with, and who is there, to be read from the last row. */
export default function HostScreen() {
  const { id = '' } = useParams()
  const to = useLinkTo()
  const meeting = useMeeting(id, 30_000)
  const [full, toggle] = useFullScreen()
  useAwake()
  useKeys({ f: toggle })
  return (
    <main className="host">
      <Load of={meeting}>
        {(m) => (
          <>
            <header className="host-head">
              <div>
                <h1>{m.topic}</h1>
                <p>{m.type_label} · {span(m.starts_at, m.ends_at)} · {whereOf(m)}</p>
              </div>
              <div className="host-tools">
                <Button ghost icon={full ? <CompressOutlined /> : <ExpandOutlined />} onClick={toggle}>{full ? '退出全屏' : '全屏（F）'}</Button>
                <Link to={to(`/meetings/${m.id}`)}><Button ghost icon={<ArrowLeftOutlined />}>回到会议</Button></Link>
              </div>
            </header>
            <Inside meeting={m} etag={meeting.etag} />
          </>
        )}
      </Load>
    </main>
  )
}

function Inside({ meeting: m, etag }: { meeting: Meeting; etag: string | undefined }) {
  if (!m.can_manage) return <Result className="host-note" status="403" title="这块屏幕由会议召集人打开" />
  if (m.state === 'cancelled') return <Result className="host-note" status="warning" title="会议已取消" subTitle={m.cancel_reason} />
  return (
    <div className="host-body">
      {m.checkin_code ? <Code id={m.id} /> : <NoCode meeting={m} etag={etag} />}
      <Present meeting={m} />
    </div>
  )
}

function Code({ id }: { id: string }) {
  const [every, setEvery] = useState(5000)
  const code = useLoad(['checkin-code', id], (signal) => api.GET('/api/v1/meetings/{id}/checkin-code', { params: { path: { id } }, signal }), { keep: false, every })
  const { left, share } = useCountdown(code.data?.expires_at, code.reload)
  useEffect(() => setEvery(code.problem ? 15_000 : 5000), [code.problem])
  // A code that is over is no longer shown: better none than one that is refused at the door.
  if (code.problem && (!code.data || left <= 0)) return <section className="host-code" aria-label="签到码"><p className="host-wait">{code.problem.message}</p><p>时间一到，签到码会自动出现。</p></section>
  if (!code.data) return <section className="host-code" aria-label="签到码" aria-busy><p className="host-wait">正在取签到码…</p></section>
  return (
    <section className="host-code" aria-label="签到码">
      <p>打开小程序“手机党支部”，进入本次会议，点“签到”，输入</p>
      <p className="host-digits" data-testid="code" aria-label={`签到码 ${[...code.data.code].join(' ')}`}>{code.data.code.slice(0, 3)}<i />{code.data.code.slice(3)}</p>
      <div className="host-bar" aria-hidden><span style={{ width: `${share * 100}%` }} /></div>
      <p className="host-left">{Math.ceil(left)} 秒后更换</p>
    </section>
  )
}

/** The seconds that a code has left; asks for the next one when they are over. A browser's clock that is wrong makes no harm beyond asking early. */
function useCountdown(until: string | undefined, over: () => void): { left: number; share: number } {
  const [, tick] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 500)
    return () => clearInterval(timer)
  }, [])
  const left = until ? Math.min(30, Math.max(0, (Date.parse(until) - Date.now()) / 1000)) : 0
  const done = !!until && left <= 0
  useEffect(() => {
    if (done) over()
    // over is made anew with each drawing.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [done, until])
  return { left, share: left / 30 }
}

function NoCode({ meeting: m, etag }: { meeting: Meeting; etag: string | undefined }) {
  const tell = useTell()
  const on = useAction((_: string) => api.PATCH('/api/v1/meetings/{id}', { params: { path: { id: m.id }, header: { 'If-Match': etag } }, body: { checkin_code: true } }), { changes: [['meeting', m.id]], failed: tell.failed })
  return (
    <section className="host-code" aria-label="签到">
      {m.state === 'over' ? <p className="host-wait">会议已结束</p> : (
        <>
          <p className="host-wait">请打开小程序签到</p>
          <p>本次会议不用签到码：进入本次会议，点“签到”即可。</p>
          <Button ghost size="large" loading={on.running} onClick={() => void on.run('on')}>改用屏幕上的签到码</Button>
        </>
      )}
    </section>
  )
}

function Present({ meeting: m }: { meeting: Meeting }) {
  const sheet = useSheet(m.id, true, m.state === 'over' ? undefined : 4000)
  if (!sheet.data) return <section className="host-present" aria-label="到会人数" aria-busy />
  const { entitled, present } = voters(sheet.data.items)
  return (
    <section className="host-present" aria-label="到会人数" aria-live="polite">
      <p className="host-count"><b data-testid="present">{sheet.data.present}</b> 人已到</p>
      <p>应到 {sheet.data.entitled} 人{sheet.data.leave > 0 && `，请假 ${sheet.data.leave} 人`}</p>
      <p>有表决权 {entitled} 人，已到 {present} 人</p>
      <p className="host-time">{china(Date.now()).format('HH:mm')}</p>
    </section>
  )
}

function useFullScreen(): [boolean, () => void] {
  const [full, setFull] = useState(() => !!document.fullscreenElement)
  useEffect(() => {
    const changed = () => setFull(!!document.fullscreenElement)
    document.addEventListener('fullscreenchange', changed)
    return () => document.removeEventListener('fullscreenchange', changed)
  }, [])
  const toggle = () => {
    const step = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.()
    void step?.catch(() => undefined) // some phones have none; the page is as large as it gets
  }
  return [full, toggle]
}

/** The screen stays on while it hangs on the wall, where the browser can do that. */
function useAwake(): void {
  useEffect(() => {
    let lock: { release: () => Promise<void> } | undefined
    let left = false
    const hold = async () => {
      if (document.visibilityState !== 'visible') return
      try {
        lock = await navigator.wakeLock?.request('screen')
        if (left) void lock?.release()
      } catch {
        // It goes dark as it always does.
      }
    }
    void hold()
    document.addEventListener('visibilitychange', hold)
    return () => {
      left = true
      document.removeEventListener('visibilitychange', hold)
      void lock?.release().catch(() => undefined)
    }
  }, [])
}
