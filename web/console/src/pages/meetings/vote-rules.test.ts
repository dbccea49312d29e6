import { expect, test } from 'vitest'
import { neededPresent, quorum, voters } from './vote-rules'

test('who must be there, by the rule', () => {
  const cases: [Parameters<typeof neededPresent>[0], number, number][] = [
    ['ordinary', 9, 5], ['ordinary', 10, 5], ['admission', 10, 6], ['admission', 9, 5], ['committee', 5, 3], ['committee', 4, 3], ['election', 10, 8], ['election', 11, 9], ['election', 5, 4], ['consultative', 40, 0],
  ]
  for (const [rule, entitled, needed] of cases) expect(neededPresent(rule, entitled), `${rule} of ${entitled}`).toBe(needed)
})

test('the quorum is said in words, with what is missing', () => {
  expect(quorum('ordinary', 10, 4)).toEqual({ met: false, text: '应到有表决权 10 人，已到 4 人，至少要到 5 人，还差 1 人。' })
  expect(quorum('ordinary', 10, 5).met).toBe(true)
  expect(quorum('admission', 10, 5).met).toBe(false)
  expect(quorum('election', 10, 8)).toEqual({ met: true, text: '应到有表决权 10 人，已到 8 人，已达到法定人数（8 人）。' })
  expect(quorum('consultative', 3, 0).met).toBe(true)
  expect(quorum('consultative', 0, 0).met).toBe(false)
})

test('only those entitled who have a vote count on either side', () => {
  expect(voters([
    { entitled: true, voting: true, status: 'present' }, { entitled: true, voting: true, status: 'leave' }, { entitled: true, voting: false, status: 'present' }, { entitled: false, voting: true, status: 'present' },
  ])).toEqual({ entitled: 2, present: 1 })
})
