/** Times as people in China read them, wherever the device is: China has one time, eight hours ahead, all the year. */
const ahead = 8 * 3600_000
const names = ['日', '一', '二', '三', '四', '五', '六']

interface Parts {
  year: number
  month: number
  date: number
  weekday: number
  hour: number
  minute: number
  /** Days since 1970, in China. */
  day: number
}

function parts(iso: string | number): Parts {
  const d = new Date((typeof iso === 'number' ? iso : Date.parse(iso)) + ahead)
  return {
    year: d.getUTCFullYear(), month: d.getUTCMonth() + 1, date: d.getUTCDate(), weekday: d.getUTCDay(), hour: d.getUTCHours(), minute: d.getUTCMinutes(),
    day: Math.floor(d.getTime() / 86_400_000),
  }
}

const two = (n: number) => String(n).padStart(2, '0')

/** 20:05 */
export function clock(iso: string): string {
  const p = parts(iso)
  return `${two(p.hour)}:${two(p.minute)}`
}

/** 今天, 明天, 11月24日 周二, with the year when it is another. Takes an instant or a day (2026-11-24). */
export function day(iso: string, now: number = Date.now()): string {
  const p = parts(iso.length === 10 ? `${iso}T00:00:00+08:00` : iso)
  const n = parts(now)
  const apart = p.day - n.day
  if (apart === 0) return '今天'
  if (apart === 1) return '明天'
  if (apart === -1) return '昨天'
  return `${p.year === n.year ? '' : `${p.year}年`}${p.month}月${p.date}日 周${names[p.weekday]}`
}

/** 今天 20:05, 11月24日 周二 20:05 */
export function when(iso: string, now: number = Date.now()): string {
  return `${day(iso, now)} ${clock(iso)}`
}

/** 今天 20:00 至 21:30, or both days when it goes over midnight. */
export function span(from: string, to: string, now: number = Date.now()): string {
  return parts(from).day === parts(to).day ? `${when(from, now)} 至 ${clock(to)}` : `${when(from, now)} 至 ${when(to, now)}`
}

/** 刚刚, 5分钟前, 3小时前, then the day. */
export function fromNow(iso: string, now: number = Date.now()): string {
  const minutes = Math.floor((now - Date.parse(iso)) / 60_000)
  if (minutes >= 0 && minutes < 1) return '刚刚'
  if (minutes >= 1 && minutes < 60) return `${minutes}分钟前`
  if (minutes >= 60 && minutes < 24 * 60 && parts(iso).day === parts(now).day) return `${Math.floor(minutes / 60)}小时前`
  return when(iso, now)
}

/** 2026年11月24日 */
export function fullDay(iso: string): string {
  const p = parts(iso.length === 10 ? `${iso}T00:00:00+08:00` : iso)
  return `${p.year}年${p.month}月${p.date}日`
}

/** The day (2026-11-24) and the time of day (20:05) of an instant, for the pickers. */
export function picked(iso: string | number): { day: string; time: string } {
  const p = parts(iso)
  return { day: `${p.year}-${two(p.month)}-${two(p.date)}`, time: `${two(p.hour)}:${two(p.minute)}` }
}

/** What a picker's day and time mean, as the contract writes it. */
export function instant(d: string, time: string): string {
  return `${d}T${time}:00+08:00`
}
