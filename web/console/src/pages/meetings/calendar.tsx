import { LeftOutlined, PlusOutlined, RightOutlined, SearchOutlined } from '@ant-design/icons'
import { Alert, Button, Card, Flex, Grid, Segmented, Switch, Tag } from 'antd'
import { useEffect, useMemo, useRef, type KeyboardEvent } from 'react'
import { Link, useNavigate } from 'react-router'
import type { components } from '~/api/schema'
import { useMe } from '~/app/me'
import { CopyButton, PrintButton } from '~/ui/buttons'
import { useFilters } from '~/ui/filters'
import { useKeys } from '~/ui/keys'
import { useLinkTo } from '~/ui/link'
import { useOrg } from '~/ui/org'
import { Load, Nothing, Page } from '~/ui/page'
import { china, day as dayWords, now, when } from '~/ui/time'
import { meetingWords, word } from '~/ui/words'
import { daysOf, kindOf, step, validDay, type DayOff, type View } from './calendar-days'
import { useDays, useEvents, useMeetings } from './calendar-loads'
import { MeetingState, whereOf, type Meeting } from './meeting-parts'
import './calendar.css'

const HEAD = ['一', '二', '三', '四', '五', '六', '日']

/** What stands in one day. */
interface Sheet {
  day: string
  /** Of another month than the one shown. */
  aside: boolean
  meetings: Meeting[]
  events: components['schemas']['EventView'][]
}

export default function MeetingCalendar() {
  const to = useLinkTo()
  const go = useNavigate()
  const { leader } = useMe()
  const wide = Grid.useBreakpoint().md !== false
  const { id: org, org: here } = useOrg()
  const today = now().format('YYYY-MM-DD')
  const [filters, filter] = useFilters({ view: 'month', day: today, mine: '' })
  const view: View = filters.view === 'week' ? 'week' : 'month'
  const day = validDay(filters.day) ? filters.day : today
  const shown = daysOf(view, day)
  const [from, until] = [shown[0]!, shown.at(-1)!]
  const meetings = useMeetings(org, from, until, filters.mine === 'yes')
  const events = useEvents(org, from, until)
  const { days, provisional } = useDays(from, until)
  const sheets = useMemo(() => shown.map((one): Sheet => ({
    day: one, aside: view === 'month' && one.slice(0, 7) !== day.slice(0, 7),
    meetings: (meetings.data ?? []).filter((meeting) => china(meeting.starts_at).format('YYYY-MM-DD') === one),
    events: events.filter((event) => event.starts_on <= one && one <= event.ends_on),
  })), [shown, view, day, meetings.data, events])
  const turn = (by: number) => filter({ day: step(day, by, view) })
  const call = to('/meetings/new', { day })
  useKeys({ m: () => filter({ view: 'month' }), w: () => filter({ view: 'week' }), t: () => filter({ day: today }), p: () => turn(-1), n: () => turn(1), ...(leader ? { c: () => void go(day >= today ? call : to('/meetings/new')) } : {}) })
  const title = view === 'month' ? china(`${day}T00:00:00+08:00`).format('YYYY年M月') : `${dayWords(from)} 至 ${dayWords(until)}`
  const inside = sheets.filter((sheet) => !sheet.aside)
  return (
    <Page
      title="会议日历" lead={here ? `${here.name}，含下级组织。` : undefined}
      extra={<>
        <CopyButton disabled={inside.every((sheet) => sheet.meetings.length === 0)} what="已复制会议安排" text={() => inside.flatMap((sheet) => sheet.meetings).map(lineOf).join('\n')}>复制安排</CopyButton>
        <PrintButton />
        {leader && <Link to={to('/meetings/slots')}><Button icon={<SearchOutlined />}>找时间</Button></Link>}
        {leader && <Link to={to('/meetings/new')}><Button type="primary" icon={<PlusOutlined />}>召集会议</Button></Link>}
      </>}
    >
      <Flex wrap gap={8} align="center" className="filters no-print">
        <Segmented aria-label="视图" value={view} onChange={(next) => filter({ view: String(next) })} options={[{ value: 'month', label: '月' }, { value: 'week', label: '周' }]} />
        <Flex gap={4}>
          <Button aria-label={view === 'month' ? '上个月' : '上一周'} icon={<LeftOutlined />} onClick={() => turn(-1)} />
          <Button onClick={() => filter({ day: today })}>今天</Button>
          <Button aria-label={view === 'month' ? '下个月' : '下一周'} icon={<RightOutlined />} onClick={() => turn(1)} />
        </Flex>
        <label><Switch size="small" aria-label="只看我参加的" checked={filters.mine === 'yes'} onChange={(on) => filter({ mine: on ? 'yes' : '' })} /> 只看我参加的</label>
      </Flex>
      {provisional.length > 0 && <Alert className="problem" type="info" showIcon title={`${provisional.join('、')} 年的放假安排还没有公布，日历暂按周一至周五为工作日。`} />}
      <h2 className="cal-title" aria-live="polite">{title}</h2>
      <Load of={meetings} rows={10}>
        {() => (wide ? (
          <>
            {view === 'month' ? <Month sheets={sheets} days={days} today={today} chosen={day} label={title} choose={(next) => filter({ day: next })} /> : <Week sheets={sheets} days={days} today={today} />}
            <p className="line-note no-print">键盘：在月历上用方向键选日子；M 月、W 周、T 今天、P 往前、N 往后{leader && '、C 召集会议'}。</p>
            {view === 'month' && <OneDay sheet={sheets.find((sheet) => sheet.day === day)} days={days} call={leader && day >= today ? call : ''} />}
          </>
        ) : <DayList sheets={view === 'week' ? sheets : inside.filter((sheet) => sheet.meetings.length > 0 || sheet.events.length > 0 || sheet.day === today || kindOf(days, sheet.day).mark !== '')} days={days} today={today} leader={leader} />)}
      </Load>
    </Page>
  )
}

function lineOf(m: Meeting): string {
  return `${when(m.starts_at)} ${m.topic}（${m.org.name}，${whereOf(m)}${m.state === 'cancelled' ? '，已取消' : ''}）`
}

function Kind({ days, day, long }: { days: DayOff[]; day: string; long?: boolean }) {
  const kind = kindOf(days, day)
  if (!kind.mark) return null
  return <Tag color={kind.mark === '休' ? 'red' : 'blue'} className="beside" title={kind.name}>{long ? (kind.mark === '休' ? `${kind.name} 休` : kind.name) : kind.mark}</Tag>
}

function Month({ sheets, days, today, chosen, label, choose }: { sheets: Sheet[]; days: DayOff[]; today: string; chosen: string; label: string; choose: (day: string) => void }) {
  const to = useLinkTo()
  const grid = useRef<HTMLTableElement>(null)
  const moved = useRef(false)
  useEffect(() => {
    if (!moved.current) return
    moved.current = false
    grid.current?.querySelector<HTMLElement>('td[tabindex="0"]')?.focus()
  }, [chosen])
  const pressed = (event: KeyboardEvent) => {
    if ((event.target as HTMLElement).tagName !== 'TD' || event.ctrlKey || event.altKey || event.metaKey) return
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key]
    const next = by ? step(chosen, by, 'day') : event.key === 'PageUp' ? step(chosen, -1, 'month') : event.key === 'PageDown' ? step(chosen, 1, 'month') : ''
    if (!next) return
    event.preventDefault()
    moved.current = true
    choose(next)
  }
  return (
    <table ref={grid} role="grid" className="cal" aria-label={label} onKeyDown={pressed}>
      <thead><tr>{HEAD.map((name) => <th key={name} scope="col">周{name}</th>)}</tr></thead>
      <tbody>
        {Array.from({ length: sheets.length / 7 }, (_, week) => (
          <tr key={week}>
            {sheets.slice(week * 7, week * 7 + 7).map((sheet) => {
              const kind = kindOf(days, sheet.day)
              return (
                <td
                  key={sheet.day} tabIndex={sheet.day === chosen ? 0 : -1} aria-selected={sheet.day === chosen} aria-current={sheet.day === today ? 'date' : undefined}
                  aria-label={`${dayWords(sheet.day)}${kind.name ? `，${kind.name}` : ''}，${sheet.meetings.length === 0 ? '没有会议' : `${sheet.meetings.length} 场会议`}`}
                  className={[kind.off && 'off', sheet.aside && 'aside', sheet.day === today && 'today', sheet.day === chosen && 'chosen'].filter(Boolean).join(' ')}
                  onClick={(event) => { if (!(event.target as HTMLElement).closest('a')) choose(sheet.day) }}
                >
                  <div className="cal-date"><b>{Number(sheet.day.slice(8))}</b><Kind days={days} day={sheet.day} />{kind.mark === '休' && <small>{kind.name}</small>}</div>
                  {sheet.events.map((event) => <div key={event.id} className="cal-event" title={event.name}>{event.name}</div>)}
                  {sheet.meetings.slice(0, 3).map((meeting) => (
                    <Link key={meeting.id} to={to(`/meetings/${meeting.id}`)} className={`cal-item ${meeting.state}`} title={lineOf(meeting)}>
                      <b>{china(meeting.starts_at).format('HH:mm')}</b> {meeting.topic}{meeting.state === 'cancelled' && '（已取消）'}
                    </Link>
                  ))}
                  {sheet.meetings.length > 3 && <small>还有 {sheet.meetings.length - 3} 场</small>}
                </td>
              )
            })}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function OneDay({ sheet, days, call }: { sheet: Sheet | undefined; days: DayOff[]; call: string }) {
  if (!sheet) return null
  return (
    <Card className="gap-top" title={<h2>{dayWords(sheet.day)}<Kind days={days} day={sheet.day} long /></h2>} extra={call && <Link to={call} className="no-print"><Button size="small" icon={<PlusOutlined />}>在这一天召集</Button></Link>}>
      {sheet.events.map((event) => <p key={event.id} className="cal-event">{event.name}，{dayWords(event.starts_on)} 至 {dayWords(event.ends_on)}{event.place && ` · ${event.place}`}</p>)}
      {sheet.meetings.length === 0 ? <Nothing title="这一天没有会议" /> : <ul className="lines">{sheet.meetings.map((meeting) => <li key={meeting.id}><One meeting={meeting} /></li>)}</ul>}
    </Card>
  )
}

/** One meeting with what one wants to know before opening it. */
function One({ meeting: m }: { meeting: Meeting }) {
  const to = useLinkTo()
  return (
    <div className="cal-one">
      <b className="nowrap">{china(m.starts_at).format('HH:mm')}–{china(m.ends_at).format('HH:mm')}</b> <Link to={to(`/meetings/${m.id}`)}>{m.topic}</Link>
      <div className="line-note"><MeetingState meeting={m} />{word(meetingWords, m.type)} · {m.org.name} · {whereOf(m)}</div>
      {m.state === 'planned' && <div className="line-note">{m.notice_at ? `${when(m.notice_at)} 发通知` : `请 ${m.counts.invited} 人，参加 ${m.counts.accept}、请假 ${m.counts.leave}、未答复 ${m.counts.none}`}</div>}
    </div>
  )
}

function Week({ sheets, days, today }: { sheets: Sheet[]; days: DayOff[]; today: string }) {
  return (
    <div className="cal-week">
      {sheets.map((sheet) => (
        <section key={sheet.day} className={[kindOf(days, sheet.day).off && 'off', sheet.day === today && 'today'].filter(Boolean).join(' ')} aria-label={dayWords(sheet.day)}>
          <h3>{dayWords(sheet.day)}{sheet.day === today && '（今天）'}<Kind days={days} day={sheet.day} /></h3>
          {sheet.events.map((event) => <div key={event.id} className="cal-event">{event.name}</div>)}
          {sheet.meetings.map((meeting) => <One key={meeting.id} meeting={meeting} />)}
          {sheet.meetings.length === 0 && <p className="line-note">没有会议</p>}
        </section>
      ))}
    </div>
  )
}

function DayList({ sheets, days, today, leader }: { sheets: Sheet[]; days: DayOff[]; today: string; leader: boolean }) {
  const to = useLinkTo()
  return (
    <Flex vertical gap={8} role="list">
      {sheets.every((sheet) => sheet.meetings.length === 0) && <p className="line-note">这段时间没有会议。</p>}
      {sheets.map((sheet) => (
        <Card key={sheet.day} size="small" role="listitem" className={[sheet.day === today && 'cal-today', sheet.meetings.length + sheet.events.length === 0 && 'cal-free'].filter(Boolean).join(' ')}
          title={<h3 className="cal-day">{dayWords(sheet.day)}{sheet.day === today && '（今天）'}<Kind days={days} day={sheet.day} long /></h3>}
          extra={leader && sheet.day >= today && <Link to={to('/meetings/new', { day: sheet.day })} aria-label={`在${dayWords(sheet.day)}召集`}><PlusOutlined /> 召集</Link>}
        >
          {sheet.events.map((event) => <p key={event.id} className="cal-event">{event.name}</p>)}
          {sheet.meetings.length > 0 && <ul className="lines">{sheet.meetings.map((meeting) => <li key={meeting.id}><One meeting={meeting} /></li>)}</ul>}
        </Card>
      ))}
    </Flex>
  )
}
