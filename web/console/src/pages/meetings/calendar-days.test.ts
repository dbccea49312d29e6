import { expect, test } from 'vitest'
import { daysOf, kindOf, occurrences, rhythms, ruleOf, step, turnsOf, validDay, workingDay, type DayOff } from './calendar-days'

const days: DayOff[] = [{ date: '2026-10-01', kind: 'holiday', name: '国庆节' }, { date: '2026-10-10', kind: 'makeup', name: '国庆节' }]
const hours = { from: '08:00', to: '18:00' }

test('a view shows whole weeks, Monday first', () => {
  const month = daysOf('month', '2026-11-24')
  expect([month[0], month.at(-1), month.length]).toEqual(['2026-10-26', '2026-12-06', 42])
  expect(daysOf('month', '2027-02-10')).toHaveLength(28)
  expect(daysOf('week', '2026-11-29')).toEqual(['2026-11-23', '2026-11-24', '2026-11-25', '2026-11-26', '2026-11-27', '2026-11-28', '2026-11-29'])
  expect(step('2026-10-31', 1, 'month')).toBe('2026-11-30')
  expect([validDay('2026-02-30'), validDay('2026-2-3'), validDay('2026-02-28')]).toEqual([false, false, true])
})

test('holidays, make-up days and weekends', () => {
  expect(kindOf(days, '2026-10-01')).toEqual({ off: true, mark: '休', name: '国庆节' })
  expect(kindOf(days, '2026-10-10')).toEqual({ off: false, mark: '班', name: '国庆节调休上班' })
  expect(kindOf(days, '2026-10-11').off).toBe(true)
  expect(kindOf(days, '2026-10-12').off).toBe(false)
})

test('working hours are those of workdays, make-up Saturdays too', () => {
  const at = (day: string, from: string, to: string) => workingDay(days, hours, `${day}T${from}:00+08:00`, `${day}T${to}:00+08:00`)
  expect(at('2026-10-12', '17:30', '18:30')).toBe('2026-10-12')
  expect(at('2026-10-12', '18:00', '19:00')).toBe('')
  expect(at('2026-10-12', '07:00', '08:00')).toBe('')
  expect(at('2026-10-10', '10:00', '11:00')).toBe('2026-10-10')
  expect(at('2026-10-01', '10:00', '11:00')).toBe('')
})

test('a rhythm is said by the first day', () => {
  expect(rhythms('2026-11-24').map((one) => one.label)).toEqual(['每周二', '隔周的周二', '每月第四个周二', '每月 24 日'])
  expect(rhythms('2026-11-30')[2]!.label).toBe('每月最后一个周一')
  expect(ruleOf('monthweek', '2026-11-24', 6)).toBe('FREQ=MONTHLY;BYDAY=4TU;COUNT=6')
  expect(ruleOf('monthweek', '2026-11-30', 6)).toBe('FREQ=MONTHLY;BYDAY=-1MO;COUNT=6')
  expect(ruleOf('fortnight', '2026-11-24', 2)).toBe('FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=2')
})

test('the days of a rule are those that the server finds', () => {
  expect(occurrences('monthweek', '2026-11-24', 3)).toEqual(['2026-11-24', '2026-12-22', '2027-01-26'])
  expect(occurrences('monthweek', '2026-11-30', 3)).toEqual(['2026-11-30', '2026-12-28', '2027-01-25'])
  expect(occurrences('monthday', '2027-01-31', 3)).toEqual(['2027-01-31', '2027-03-31', '2027-05-31'])
  expect(occurrences('fortnight', '2026-11-24', 2)).toEqual(['2026-11-24', '2026-12-08'])
  expect(occurrences('week', '2026-11-24', 60).at(-1)).toBe('2027-11-23')
})

test('holidays and working hours are left out, with the reason', () => {
  const turns = turnsOf(['2026-09-26', '2026-10-01', '2026-10-10', '2026-10-12'], days, hours, '2026-09-26T10:00:00+08:00', 60, false)
  expect(turns.map((one) => one.leftOut)).toEqual(['', '国庆节放假', '国庆节调休上班，在上班时间', '在上班时间'])
  expect(turnsOf(['2026-10-12'], days, hours, '2026-09-26T10:00:00+08:00', 60, true)[0]!.leftOut).toBe('')
})
