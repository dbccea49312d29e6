import { describe, expect, it } from 'vitest'
import { byAge, byMonthAndHour, everything } from './figures'

describe('figures of the overview', () => {
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

  it('take all pages of a list, but not without end', async () => {
    const asked: (string | undefined)[] = []
    const page = (cursor: string | undefined) => {
      asked.push(cursor)
      return Promise.resolve({ data: { items: [asked.length], next_cursor: `c${asked.length}` }, response: new Response() })
    }
    expect((await everything(page)).data.items).toEqual([1, 2, 3, 4, 5])
    expect(asked).toEqual([undefined, 'c1', 'c2', 'c3', 'c4'])
  })
})
