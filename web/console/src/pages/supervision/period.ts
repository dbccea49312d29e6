import type { Dayjs } from 'dayjs'
import dayjs from 'dayjs'

export type PeriodKind = 'month' | 'quarter' | 'year'

/** The API's name of the stretch in which a day lies: 2026-11, 2026-Q4 or 2026. */
export function periodKey(kind: PeriodKind, day: Dayjs): string {
  if (kind === 'year') return day.format('YYYY')
  if (kind === 'month') return day.format('YYYY-MM')
  return `${day.year()}-Q${Math.floor(day.month() / 3) + 1}`
}

/** The first day of a stretch, by its name; today for what is no name of one. */
export function periodDay(key: string, today: Dayjs): Dayjs {
  const quarter = /^(\d{4})-Q([1-4])$/.exec(key)
  if (quarter) return dayjs(`${quarter[1]}-${String(Number(quarter[2]) * 3 - 2).padStart(2, '0')}-01`)
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(key)) return dayjs(`${key}-01`)
  if (/^\d{4}$/.test(key)) return dayjs(`${key}-01-01`)
  return today
}

/** What a name names. */
export function kindOf(key: string): PeriodKind {
  return /^\d{4}$/.test(key) ? 'year' : key.includes('Q') ? 'quarter' : 'month'
}
