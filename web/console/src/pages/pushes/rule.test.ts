import { describe, expect, it } from 'vitest'
import { parse, ruleOf } from './rule'

describe('rules of reminders', () => {
  it.each(['FREQ=WEEKLY;BYDAY=TU', 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH', 'FREQ=MONTHLY;BYMONTHDAY=25', 'FREQ=DAILY'])('%s comes through the form', (rule) => {
    expect(parse(rule).freq).not.toBe('OTHER')
    expect(ruleOf(parse(rule))).toBe(rule)
  })

  it.each(['FREQ=MONTHLY;BYDAY=1TU', 'FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=1', 'FREQ=WEEKLY;BYDAY=TU;COUNT=5'])('%s, which the form cannot say, stays as it is', (rule) => {
    expect(parse(rule).freq).toBe('OTHER')
    expect(ruleOf(parse(rule))).toBe(rule)
  })
})
