import { describe, expect, it } from 'vitest'
import { byAge, byMonthAndHour, byWeek } from './figures'

describe('figures of the overview', () => {
  const counts = { sent: 3, inbox_only: 2, failed: 1, in_doubt: 1 }

  it('put a push into the week of its Monday in China, and leave out what has not gone out', () => {
    expect(
      byWeek([
        { send_at: '2026-11-22T18:00:00Z', state: 'done', counts }, // Monday, 02:00 in China
        { send_at: '2026-11-29T20:00:00+08:00', state: 'sending', counts },
        { send_at: '2026-11-22T20:00:00+08:00', state: 'done', counts }, // Sunday, the week before
        { send_at: '2026-12-02T20:00:00+08:00', state: 'scheduled', counts },
      ]),
    ).toEqual([
      { name: '11月16日', sent: 3, inbox: 2, failed: 2 },
      { name: '11月23日', sent: 6, inbox: 4, failed: 4 },
    ])
  })

  it('count suggestions by state and age', () => {
    const now = Date.parse('2026-11-24T12:00:00+08:00')
    const got = byAge([{ state: 'closed', created_at: '2026-01-01T00:00:00+08:00' }, { state: 'submitted', created_at: '2026-11-23T00:00:00+08:00' }], now)
    expect(got.states).toEqual(['submitted', 'closed'])
    expect(got.counts).toEqual([[1, 0, 0, 0], [0, 0, 0, 1]])
  })

  it('count meetings by month and hour in China', () => {
    const got = byMonthAndHour([{ starts_at: '2026-10-31T16:30:00Z' }, { starts_at: '2026-11-03T19:30:00+08:00' }, { starts_at: '2026-11-25T18:30:00+08:00' }])
    expect(got.hours).toEqual(['0–2时', '18–20时'])
    expect(got.cells).toEqual([[10, 0, 1], [10, 1, 2]])
  })
})
