import { describe, expect, it } from 'vitest'

import { allowance } from '@/text/allowance'
import { hours, monthWord, yearsBack } from '@/text/record'

describe('what WeChat may still bring', () => {
  it('is told with what is missing, template by template', () => {
    expect(allowance([{ kind: 'one_time', needed: 3, remaining: 1 }, { kind: 'one_time', needed: 0, remaining: 4 }])).toEqual({ text: '微信还能提醒您 5 次。今后 30 天大约还缺 2 次。', enough: false })
  })
  it('is enough when nothing is missing, also with nothing known', () => {
    expect(allowance([{ kind: 'one_time', needed: 2, remaining: 2 }])).toEqual({ text: '微信还能提醒您 2 次。', enough: true })
    expect(allowance([])).toEqual({ text: '微信还能提醒您 0 次。', enough: true })
  })
  it('does not count what lasts', () => {
    expect(allowance([{ kind: 'long_term', needed: 5, remaining: 0 }])).toEqual({ text: '微信提醒长期有效。', enough: true })
  })
})

describe('the study record', () => {
  it('says hours with at most one digit behind the point', () => {
    expect([0, 0.25, 1.04, 12].map(hours)).toEqual(['0 小时', '0.3 小时', '1 小时', '12 小时'])
  })
  it('names months and years as in China', () => {
    expect(monthWord('2026-03')).toBe('3 月')
    expect(yearsBack(new Date('2026-12-31T16:30:00Z'))).toEqual([2027, 2026, 2025])
  })
})
