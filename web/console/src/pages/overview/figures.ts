import { china } from '~/ui/time'

interface Counts {
  sent: number
  inbox_only: number
  failed: number
  in_doubt: number
}

/** byWeek adds up what has gone out, by the week's Monday, the last twelve weeks that had any. */
export function byWeek(pushes: { send_at: string; state: string; counts: Counts }[]): { name: string; sent: number; inbox: number; failed: number }[] {
  const weeks = new Map<string, { name: string; sent: number; inbox: number; failed: number }>()
  for (const push of pushes) {
    if (push.state === 'scheduled') continue
    const at = china(push.send_at)
    const monday = at.subtract((at.day() + 6) % 7, 'day')
    const key = monday.format('YYYY-MM-DD')
    const week = weeks.get(key) ?? { name: monday.format('M月D日'), sent: 0, inbox: 0, failed: 0 }
    week.sent += push.counts.sent
    week.inbox += push.counts.inbox_only
    week.failed += push.counts.failed + push.counts.in_doubt
    weeks.set(key, week)
  }
  return [...weeks].sort(([a], [b]) => a.localeCompare(b)).slice(-12).map(([, week]) => week)
}

const AGES: [string, number][] = [['一周内', 7], ['一月内', 30], ['三月内', 91], ['更早', Infinity]]
const STATES = ['submitted', 'escalated', 'accepted', 'replied', 'closed', 'declined']

/** byAge counts suggestions by state and by how long ago they were made. */
export function byAge(suggestions: { state: string; created_at: string }[], now: number): { ages: string[]; states: string[]; counts: number[][] } {
  const states = STATES.filter((state) => suggestions.some((one) => one.state === state))
  const counts = states.map(() => AGES.map(() => 0))
  for (const one of suggestions) {
    const s = states.indexOf(one.state)
    const days = (now - Date.parse(one.created_at)) / 86_400_000
    const a = AGES.findIndex(([, most]) => days < most)
    if (s >= 0) counts[s]![a]!++
  }
  return { ages: AGES.map(([name]) => name), states, counts }
}

/** byMonthAndHour counts meetings by month and by two hours of the day; hours without any are left out. */
export function byMonthAndHour(meetings: { starts_at: string }[]): { hours: string[]; cells: [number, number, number][] } {
  const seen = [...new Set(meetings.map((meeting) => Math.floor(china(meeting.starts_at).hour() / 2) * 2))].sort((a, b) => a - b)
  const cells = new Map<string, [number, number, number]>()
  for (const meeting of meetings) {
    const at = china(meeting.starts_at)
    const cell: [number, number] = [at.month(), seen.indexOf(Math.floor(at.hour() / 2) * 2)]
    const kept = cells.get(cell.join()) ?? [...cell, 0]
    kept[2]++
    cells.set(cell.join(), kept)
  }
  return { hours: seen.map((hour) => `${hour}–${hour + 2}时`), cells: [...cells.values()] }
}
