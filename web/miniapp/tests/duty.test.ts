import { describe, expect, test, vi } from 'vitest'

vi.hoisted(() => vi.stubGlobal('navigator', { userAgent: 'test' })) // older Node.js has none
vi.mock('@tarojs/taro', () => ({ default: { getStorageSync: () => '', getCurrentPages: () => [] } }))

import { ballotOf, ballotText, needed, ruleText, secretText, tick } from '../src/member/ballot/rule'
import { digits, readCode } from '../src/member/checkin/code'
import { daysTo, mark, progress } from '../src/pages/action/words'
import { below, groups, placeOf, type Item } from '../src/pages/handover/items'

const evening = Date.parse('2026-11-24T23:30:00+08:00')

describe('where an action stands', () => {
  const a = (due_on: string, told: 'nobody' | 'owner' | 'secretary' | 'office' = 'nobody') => ({ state: 'open' as const, due_on, told, closed_at: null })
  test('by the days of China, also late in the evening', () => {
    expect(daysTo('2027-03-01', '2027-02-27')).toBe(2)
    expect(progress(a('2026-12-04'), evening)).toBe('还有 10 天，请在 12月4日 周五 前办结。')
    expect(progress(a('2026-11-24', 'owner'), evening)).toBe('今天到期。已提醒责任人。')
    expect(progress(a('2026-11-22', 'office'), evening)).toBe('已超期 2 天。已提醒责任人、支部书记和党办。')
    expect(progress({ ...a('2026-11-22'), state: 'closed', closed_at: '2026-11-23T18:00:00+08:00' }, evening)).toBe('2026年11月23日已办结。')
  })
  test('a word in the list', () => {
    expect([a('2026-11-23'), a('2026-11-24'), a('2026-11-27'), a('2026-11-28')].map((x) => mark(x, evening))).toEqual([
      { text: '已超期', tone: 'bad' }, { text: '今天到期', tone: 'warn' }, { text: '还有 3 天', tone: 'warn' }, { text: '还有 4 天', tone: 'plain' },
    ])
    expect(mark({ ...a('2026-11-01'), state: 'closed' }, evening).text).toBe('已办结')
  })
})

describe('a check-in code', () => {
  test.each([
    ['012345', { code: '012345' }],
    [' 012 345\n', { code: '012345' }],
    ['０１２３４５', { code: '012345' }],
    ['https://zhibu.example.org/m/#/member/checkin/index?id=01a2&code=123456', { id: '01a2', code: '123456' }],
    ['member/checkin/index?scene=id%3D01a2%26code%3D123456', { id: '01a2', code: '123456' }],
    ['member/checkin/index?scene=01a2', { id: '01a2' }],
    ['https://example.org/?id=1&code=12x', { id: '1' }],
    ['12345', undefined],
    ['https://example.org/', undefined],
    ['', undefined],
  ])('%s', (text, want) => expect(readCode(text)).toEqual(want))
  test('as it is typed', () => expect(['12a3', '１２', '1234567'].map(digits)).toEqual(['123', '12', '123456']))
})

describe('a ballot', () => {
  const p = (rule: 'ordinary' | 'admission' | 'election' | 'committee' | 'consultative', entitled: number, present: number, options: string[] = [], seats = 1) => ({ rule, entitled, present, options, seats, state: 'open' as const })
  test('needs more than half of all, in elections of those present', () => {
    expect([needed(p('ordinary', 10, 6)), needed(p('ordinary', 11, 6)), needed(p('election', 10, 8)), needed(p('admission', 1, 1))]).toEqual([6, 6, 5, 1])
    expect(ruleText(p('ordinary', 10, 6))).toContain('至少 6 票')
    expect(ruleText(p('election', 10, 8, ['甲', '乙'], 2))).toContain('最多选 2 个')
    expect(ruleText({ ...p('ordinary', 0, 0), state: 'draft' })).not.toContain('至少')
    expect(ruleText(p('consultative', 3, 0))).toContain('不形成决议')
    expect([secretText(true), secretText(false)].map((x) => x.slice(0, 3))).toEqual(['无记名', '记名：'])
  })
  test('ticks no more than the seats', () => {
    expect(tick([], '甲', 2)).toEqual(['甲'])
    expect(tick(['甲', '乙'], '丙', 2)).toEqual(['甲', '乙'])
    expect(tick(['甲', '乙'], '甲', 2)).toEqual(['乙'])
    expect(tick(['甲'], '乙', 1)).toEqual(['乙'])
    expect(tick(['甲'], '甲', 1)).toEqual([])
  })
  test('is sent as it was chosen', () => {
    expect(ballotOf('', [])).toBeUndefined()
    expect(ballotOf('abstain', [])).toEqual({ choice: 'abstain' })
    expect(ballotOf('', ['甲'])).toEqual({ options: ['甲'] })
    expect([ballotText({ options: ['甲', '乙'] }, true), ballotText({ choice: 'against' }, true), ballotText({ choice: 'against' }, false)]).toEqual(['赞成：甲、乙', '都不赞成', '反对'])
  })
})

test('a hand-over by its kinds', () => {
  const x = (kind: Item['kind'], id: string, at: string | null = null, note = '', path = '/x'): Item => ({ kind, id, label: kind, title: id, at, note, path, handed_on: false })
  const all = [x('action', '1', '2026-12-04T00:00:00+08:00', '已超期'), x('meeting', '2', '2026-11-25T20:00:00+08:00'), x('action', '3'), x('subscription', '4', null, '请允许', '')]
  expect(groups(all).map((g) => [g.kind, g.items.map((i) => i.id)])).toEqual([['action', ['1', '3']], ['meeting', ['2']], ['subscription', ['4']]])
  expect(all.map((i) => below(i, evening))).toEqual(['12月4日 周五 前 · 已超期', '明天 20:00', '', '请允许'])
  expect(all.map(placeOf)).toEqual(['action', 'meeting', 'action', undefined])
})
