import dayjs from 'dayjs'
import { describe, expect, it } from 'vitest'
import { kindOf, periodDay, periodKey } from './period'

describe('stretches of time', () => {
  it.each([['month', '2026-11-24', '2026-11'], ['quarter', '2026-10-01', '2026-Q4'], ['quarter', '2026-03-31', '2026-Q1'], ['year', '2026-11-24', '2026']] as const)('%s of %s', (kind, day, key) => {
    expect(periodKey(kind, dayjs(day))).toBe(key)
    expect(kindOf(key)).toBe(kind)
    expect(periodKey(kind, periodDay(key, dayjs('2000-01-01')))).toBe(key)
  })
  it('takes today for nonsense', () => {
    for (const key of ['', '2026-13', '2026-Q5', 'x']) expect(periodDay(key, dayjs('2026-11-24')).format('YYYY-MM-DD')).toBe('2026-11-24')
  })
})
