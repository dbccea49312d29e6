import { expect, test } from 'vitest'
import { bodyOf, clean, merge, placeOf, sameText, wordsOf, type Text } from './minutes-text'

const base: Text = { mode: 'full', host_id: 'h', recorder_id: 'r', began_at: '', ended_at: '', passed_on: '', summary: '甲', discussion: [], resolutions: [{ text: '办事', owner_id: 'h', due_on: '2026-12-01', no_follow_up: false }] }

test('what only the other hand changed is taken over, what both changed is left to a person', () => {
  const mine = { ...base, summary: '我写的', passed_on: '传达' }
  const theirs = { ...base, summary: '他写的', recorder_id: 'x' }
  const merged = merge(base, mine, theirs)
  expect(merged.taken).toEqual(['recorder_id'])
  expect(merged.disputed).toEqual(['summary'])
  expect(merged.text).toEqual({ ...mine, recorder_id: 'x' })
})

test('both having written the same is no dispute, and spaces are no change', () => {
  expect(merge(base, { ...base, summary: '同样' }, { ...base, summary: '同样 ' })).toMatchObject({ taken: [], disputed: [] })
  expect(sameText(base, { ...base, summary: ' 甲\n' })).toBe(true)
})

test('rows without a word are not sent, and faults find their row all the same', () => {
  const t: Text = { ...base, resolutions: [{ text: ' ', owner_id: '', due_on: '', no_follow_up: false }, base.resolutions[0]!] }
  expect(clean(t).resolutions).toHaveLength(1)
  expect(placeOf('resolutions[0].owner_id', t)).toBe('resolutions[1].owner_id')
  expect(placeOf('summary', t)).toBe('summary')
})

test('a resolution without follow-up has neither owner nor day', () => {
  const body = bodyOf({ ...base, resolutions: [{ text: '通报', owner_id: 'h', due_on: '2026-12-01', no_follow_up: true }] })
  expect(body.resolutions).toEqual([{ text: '通报', owner_id: '', due_on: '', no_follow_up: true }])
  expect(body).not.toHaveProperty('began_at')
})

test('a part is read in words', () => {
  const name = (id: string) => ({ h: '沈若谷' })[id] ?? ''
  expect(wordsOf('resolutions', base, name, (at) => at)).toBe('1. 办事（沈若谷，2026-12-01）')
  expect(wordsOf('began_at', base, name, (at) => at)).toBe('按原定时间')
})
