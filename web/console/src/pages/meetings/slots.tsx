import { CalendarOutlined } from '@ant-design/icons'
import { Button, Card, Flex, InputNumber, Segmented, Select } from 'antd'
import { Link } from 'react-router'
import { CopyButton, PrintButton } from '~/ui/buttons'
import { useFilters } from '~/ui/filters'
import { useLinkTo } from '~/ui/link'
import { useOrg } from '~/ui/org'
import { Load, Nothing, Page } from '~/ui/page'
import { day as dayWords, now } from '~/ui/time'
import { meetingWords, options } from '~/ui/words'
import { step, validDay } from './calendar-days'
import { planOf, type Values } from './call-body'
import { usePlan } from './reach'
import { bestDays, comersOf, dayOf, hoursOf, SlotTags, slotWords, useSlots, type Slot } from './slot-parts'
import './calendar.css'

/** Hours after work at which people can come, with the reasons in words; a tap calls the meeting there. */
export default function MeetingSlots() {
  const to = useLinkTo()
  const { id: org, org: here } = useOrg()
  const today = now().format('YYYY-MM-DD')
  const [filters, filter] = useFilters({ type: 'branch_assembly', minutes: '60', from: today, days: '14' })
  const minutes = Math.min(720, Math.max(5, Number(filters.minutes) || 60))
  const days = Math.min(92, Math.max(1, Number(filters.days) || 14))
  const from = validDay(filters.from) && filters.from >= today ? filters.from : today
  const slots = useSlots({ org, type: filters.type, from, days, minutes })
  const plan = usePlan(planOf({ type: filters.type, who: 'all' } as Values, org), !!org)
  const people = plan.data?.recipients
  const call = (slot: Slot) => to('/meetings/new', { type: filters.type, starts: slot.starts_at, minutes: String(minutes), ...(slot.event ? { event: slot.event.id } : {}) })
  return (
    <Page
      title="找合适的时间" trail={[['会议日历', '/meetings']]} lead="避开上班时间、已有的会议和大家标了没空的时段，冲突最少的排在前面。"
      extra={<><CopyButton disabled={!slots.data?.items.length} what="已复制，可以贴到群里征求意见" text={() => bestDays(slots.data!.items, 5).map((slot, i) => `${i + 1}. ${slotWords(slot)}`).join('\n')}>复制前五个</CopyButton><PrintButton /></>}
    >
      <Flex wrap gap={8} align="center" className="filters no-print">
        <Select aria-label="会议类型" value={filters.type} onChange={(type) => filter({ type })} options={options(meetingWords)} style={{ width: 150 }} />
        <InputNumber aria-label="时长（分钟）" min={5} max={720} step={15} value={minutes} suffix="分钟" onChange={(next) => filter({ minutes: String(next ?? 60) })} style={{ width: 120 }} />
        <Segmented aria-label="往后多少天" value={filters.days} onChange={(next) => filter({ days: String(next) })} options={[{ value: '7', label: '一周' }, { value: '14', label: '两周' }, { value: '31', label: '一个月' }]} />
        {from > today && <Button onClick={() => filter({ from: today })}>从今天起</Button>}
      </Flex>
      <p className="line-note" aria-live="polite">{dayWords(from)} 至 {dayWords(step(from, days - 1, 'day'))}{here && people !== undefined && `；${here.name}要请 ${people} 人`}</p>
      <Load of={slots}>
        {({ items }) => {
          if (items.length === 0) return <Nothing title="这段时间没有合适的钟点" hint="会议越长，下班后能放下的钟点越少。可以缩短时长，或往后再找。"><Button type="primary" onClick={() => filter({ from: step(from, days, 'day') })}>往后再找</Button></Nothing>
          const best = bestDays(items, 3)
          const byDay = grouped(items)
          return (
            <Flex vertical gap={16}>
              <Card title={<h2>最合适的</h2>}>
                <ul className="lines wide slot-lines">
                  {best.map((slot, i) => (
                    <li key={slot.starts_at}>
                      <div><strong>{slotWords(slot)}</strong> <SlotTags slot={slot} /><div className="line-note">{slot.text}</div><div className="line-note">{comersOf(slot, people)}</div><Owed slot={slot} /></div>
                      <Link to={call(slot)} className="no-print"><Button type={i === 0 ? 'primary' : 'default'} aria-label={`在 ${slotWords(slot)} 召集`}>在这时召集</Button></Link>
                    </li>
                  ))}
                </ul>
              </Card>
              <Card title={<h2>每天的钟点</h2>} extra={<Link to={to('/meetings', { day: from })} className="no-print"><CalendarOutlined /> 看日历</Link>}>
                <ul className="lines slot-days">
                  {[...byDay].map(([day, list]) => (
                    <li key={day}>
                      <strong>{dayWords(day)}</strong> <SlotTags slot={list[0]!} />
                      <Flex wrap gap={8} className="gap-top">
                        {list.map((slot) => <Link key={slot.starts_at} to={call(slot)}><Button aria-label={`在 ${slotWords(slot)} 召集，${comersOf(slot, people)}`}>{hoursOf(slot)}{slot.conflicts > 0 ? ` · ${slot.conflicts} 人来不了` : ''}</Button></Link>)}
                      </Flex>
                    </li>
                  ))}
                </ul>
                <Flex justify="center" className="more no-print"><Button onClick={() => filter({ from: step(from, days, 'day') })}>往后再找{days === 14 ? '两周' : days === 7 ? '一周' : `${days} 天`}</Button></Flex>
              </Card>
            </Flex>
          )
        }}
      </Load>
    </Page>
  )
}

/** The slots of each day, in the order of time. */
function grouped(items: Slot[]): Map<string, Slot[]> {
  const days = new Map<string, Slot[]>()
  for (const slot of [...items].sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at))) days.set(dayOf(slot), [...(days.get(dayOf(slot)) ?? []), slot])
  return days
}

/** Within a congress: what the branch still owes and could do then all together. */
function Owed({ slot }: { slot: Slot }) {
  if (slot.owed.length === 0) return null
  return <div className="line-note">可以一并补上：{slot.owed.map((one) => `${one.type_label}（${one.period}还差 ${one.missing} 次）`).join('、')}</div>
}
