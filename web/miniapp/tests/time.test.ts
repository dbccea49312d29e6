import { describe, expect, test } from 'vitest'

import { clock, day, fromNow, fullDay, instant, picked, span, when } from '../src/text/time'

const now = Date.parse('2026-11-24T15:30:00Z') // 23:30 in China

describe('times are China\'s, wherever the device is', () => {
  test.each([
    ['2026-11-24T12:05:00Z', '今天 20:05'],
    ['2026-11-24T16:10:00Z', '明天 00:10'],
    ['2026-11-23T23:59:00+08:00', '昨天 23:59'],
    ['2026-11-27T19:00:00+08:00', '11月27日 周五 19:00'],
    ['2027-01-01T08:00:00+08:00', '2027年1月1日 周五 08:00'],
  ])('%s is %s', (iso, words) => expect(when(iso, now)).toBe(words))

  test('days, spans, pickers', () => {
    expect(day('2026-11-25', now)).toBe('明天')
    expect(fullDay('2026-11-25')).toBe('2026年11月25日')
    expect(span('2026-11-25T19:30:00+08:00', '2026-11-25T20:20:00+08:00', now)).toBe('明天 19:30 至 20:20')
    expect(span('2026-11-25T23:30:00+08:00', '2026-11-26T00:20:00+08:00', now)).toBe('明天 23:30 至 11月26日 周四 00:20')
    expect(picked('2026-11-24T16:10:00Z')).toEqual({ day: '2026-11-25', time: '00:10' })
    expect(instant('2026-11-25', '00:10')).toBe('2026-11-25T00:10:00+08:00')
    expect(clock('2026-11-24T16:10:00Z')).toBe('00:10')
  })

  test.each([
    [30_000, '刚刚'],
    [5 * 60_000, '5分钟前'],
    [3 * 3600_000, '3小时前'],
    [24 * 3600_000, '昨天 23:30'],
    [-60_000, '今天 23:31'],
  ])('%d ms ago is %s', (ago, words) => expect(fromNow(new Date(now - ago).toISOString(), now)).toBe(words))
})
