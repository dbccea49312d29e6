import dayjs, { type Dayjs } from 'dayjs'
import 'dayjs/locale/zh-cn'
import relativeTime from 'dayjs/plugin/relativeTime'
import utc from 'dayjs/plugin/utc'

dayjs.extend(utc)
dayjs.extend(relativeTime)
dayjs.locale('zh-cn')

/** Everything is shown in China's time, wherever the browser is. */
const CHINA = 480

export function china(at: string | number | Date | Dayjs): Dayjs {
  return dayjs(at).utcOffset(CHINA)
}

export function now(): Dayjs {
  return dayjs().utcOffset(CHINA)
}

const WEEKDAYS = ['周日', '周一', '周二', '周三', '周四', '周五', '周六']

export function weekday(at: string | Dayjs): string {
  return WEEKDAYS[china(at).day()]!
}

/** 11月24日 周二 19:30, with the year where it is not this one. */
export function when(at: string | null | undefined): string {
  if (!at) return '—'
  const t = china(at)
  return `${t.format(t.year() === now().year() ? 'M月D日' : 'YYYY年M月D日')} ${weekday(t)} ${t.format('HH:mm')}`
}

/** 11月24日 周二, of an instant or of a day such as 2026-11-24. */
export function day(at: string | null | undefined): string {
  if (!at) return '—'
  const t = at.length === 10 ? dayjs.utc(at) : china(at)
  return `${t.format(t.year() === now().year() ? 'M月D日' : 'YYYY年M月D日')} ${WEEKDAYS[t.day()]}`
}

/** 19:30–20:30, with the day before it. */
export function span(from: string, to: string): string {
  const [a, b] = [china(from), china(to)]
  return a.isSame(b, 'day') ? `${when(from)}–${b.format('HH:mm')}` : `${when(from)} 至 ${when(to)}`
}

/** 3 小时前, 2 天后. */
export function fromNow(at: string | null | undefined): string {
  return at ? china(at).fromNow() : '—'
}

/** What the API wants: RFC 3339 with China's offset. */
export function instant(at: Dayjs): string {
  return at.utcOffset(CHINA).format('YYYY-MM-DDTHH:mm:ssZ')
}

/** The wall clock that a picker shows is meant as China's, also in a browser elsewhere. */
export function meant(picked: Dayjs): Dayjs {
  return dayjs.utc(picked.format('YYYY-MM-DDTHH:mm:ss')).utcOffset(CHINA, false).subtract(CHINA, 'minute')
}
