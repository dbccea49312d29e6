import dayjs from 'dayjs'
import { china } from '~/ui/time'

export interface DayOff {
  date: string
  kind: string
  name: string
}

/** What a day of the calendar is, and its name where it has one. */
export interface DayKind {
  off: boolean
  /** 休 or 班, where the State Council's notice names the day. */
  mark: '' | '休' | '班'
  name: string
}

export function kindOf(days: DayOff[], day: string): DayKind {
  const named = days.find((one) => one.date === day)
  const weekend = [0, 6].includes(dayjs(day).day())
  if (!named) return { off: weekend, mark: '', name: '' }
  return named.kind === 'holiday' ? { off: true, mark: '休', name: named.name } : { off: false, mark: '班', name: `${named.name}调休上班` }
}

export type View = 'month' | 'week'

/** The days that a view shows: whole weeks, Monday first. */
export function daysOf(view: View, day: string): string[] {
  const at = dayjs(day)
  const monday = (from: dayjs.Dayjs) => from.subtract((from.day() + 6) % 7, 'day')
  const first = monday(view === 'week' ? at : at.startOf('month'))
  const count = view === 'week' ? 7 : Math.ceil(((at.startOf('month').day() + 6) % 7 + at.daysInMonth()) / 7) * 7
  return Array.from({ length: count }, (_, i) => first.add(i, 'day').format('YYYY-MM-DD'))
}

/** A day so many days, weeks or months away. The 31st becomes the last day of a shorter month. */
export function step(day: string, by: number, unit: 'day' | 'week' | 'month'): string {
  return dayjs(day).add(by, unit).format('YYYY-MM-DD')
}

export function validDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && dayjs(text).isValid() && dayjs(text).format('YYYY-MM-DD') === text
}

export interface Hours {
  from: string
  to: string
}

/** Whether a time touches the working hours of a day on which people work. The server decides; this asks for the reason before it has to. */
export function workingDay(days: DayOff[], hours: Hours, startsAt: string, endsAt: string): string {
  const [from, to] = [china(startsAt), china(endsAt)]
  for (let day = from.startOf('day'); !day.isAfter(to); day = day.add(1, 'day')) {
    const text = day.format('YYYY-MM-DD')
    if (kindOf(days, text).off) continue
    const [a, b] = [clock(day, hours.from), clock(day, hours.to)]
    if (from.isBefore(b) && to.isAfter(a)) return text
  }
  return ''
}

function clock(day: dayjs.Dayjs, text: string): dayjs.Dayjs {
  const [hour, minute] = text.split(':').map(Number)
  return day.add(hour ?? 0, 'hour').add(minute ?? 0, 'minute')
}

export type Rhythm = 'week' | 'fortnight' | 'monthday' | 'monthweek'

const codes = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA']
const names = ['日', '一', '二', '三', '四', '五', '六']

/** Which weekday of its month a day is: 1 to 4, and -1 for the last where there may be no fifth. */
function nth(day: dayjs.Dayjs): number {
  const n = Math.ceil(day.date() / 7)
  return n === 5 ? -1 : n
}

/** The rhythms that a first day allows, in words. */
export function rhythms(day: string): { value: Rhythm; label: string }[] {
  const at = dayjs(day)
  const week = `周${names[at.day()]}`
  return [
    { value: 'week', label: `每${week}` },
    { value: 'fortnight', label: `隔周的${week}` },
    { value: 'monthweek', label: nth(at) < 0 ? `每月最后一个${week}` : `每月第${names[nth(at)]}个${week}` },
    { value: 'monthday', label: `每月 ${at.date()} 日` },
  ]
}

/** The rule of RFC 5545 for it. */
export function ruleOf(rhythm: Rhythm, day: string, count: number): string {
  const at = dayjs(day)
  const code = codes[at.day()]!
  const part = { week: `FREQ=WEEKLY;BYDAY=${code}`, fortnight: `FREQ=WEEKLY;INTERVAL=2;BYDAY=${code}`, monthweek: `FREQ=MONTHLY;BYDAY=${nth(at)}${code}`, monthday: `FREQ=MONTHLY;BYMONTHDAY=${at.date()}` }[rhythm]
  return `${part};COUNT=${count}`
}

/** The days of the rule, at most a year ahead, as the server counts them. */
export function occurrences(rhythm: Rhythm, day: string, count: number): string[] {
  const at = dayjs(day)
  const out: dayjs.Dayjs[] = []
  for (let i = 0; out.length < count && i < 120; i++) {
    if (rhythm === 'week' || rhythm === 'fortnight') out.push(at.add(i * (rhythm === 'week' ? 7 : 14), 'day'))
    else {
      const month = at.startOf('month').add(i, 'month')
      if (rhythm === 'monthday') {
        if (month.daysInMonth() >= at.date()) out.push(month.date(at.date()))
      } else out.push(weekdayOf(month, at.day(), nth(at)))
    }
  }
  return out.filter((one) => one.diff(at, 'day') <= 366).map((one) => one.format('YYYY-MM-DD'))
}

function weekdayOf(month: dayjs.Dayjs, weekday: number, n: number): dayjs.Dayjs {
  if (n < 0) {
    const last = month.endOf('month').startOf('day')
    return last.subtract((last.day() - weekday + 7) % 7, 'day')
  }
  return month.add((weekday - month.day() + 7) % 7 + (n - 1) * 7, 'day')
}

export interface Turn {
  day: string
  /** Why no meeting is planned then; empty when one is. */
  leftOut: string
}

/** Each day of a series with what becomes of it: holidays and working hours are left out, as the server does. */
export function turnsOf(list: string[], days: DayOff[], hours: Hours, start: string, minutes: number, override: boolean): Turn[] {
  const time = china(start).format('HH:mm')
  return list.map((day) => {
    const kind = kindOf(days, day)
    if (kind.mark === '休') return { day, leftOut: `${kind.name}放假` }
    const from = `${day}T${time}:00+08:00`
    const hit = !override && workingDay(days, hours, from, china(from).add(minutes, 'minute').format('YYYY-MM-DDTHH:mm:ssZ'))
    return { day, leftOut: hit ? (kind.mark === '班' ? `${kind.name}，在上班时间` : '在上班时间') : '' }
  })
}
