import type { components } from '~/api/schema'

export type Poll = components['schemas']['PollView']
export type Rule = Poll['rule']

/** The rules of voting in the words of those who must keep them. What they ask is decided by the server; here it is explained. */
export const rules: Record<Rule, { name: string; quorum: string; pass: string; note: string }> = {
  ordinary: { name: '一般表决', quorum: '到会的有表决权党员不少于应到的半数', pass: '赞成票超过应到有表决权党员的半数（没来的也算在内）', note: '弃权和没投票都不算赞成。' },
  admission: { name: '接收党员表决', quorum: '到会的有表决权党员超过应到的半数', pass: '赞成票超过应到有表决权党员的半数（没来的也算在内）', note: '在成员组织关系所在的党组织进行；本组织未启用时不能发起。' },
  election: { name: '选举', quorum: '到会的有表决权党员不少于应到的五分之四', pass: '得票超过实到有表决权党员的半数，再按票数取应选名额', note: '末位票数相同的，不算当选，对并列的人再次投票。' },
  committee: { name: '支委会表决', quorum: '到会委员超过全体委员的半数', pass: '赞成票超过全体委员的半数（没来的也算在内）', note: '只用于支委会。' },
  consultative: { name: '征求意见', quorum: '不限到会人数', pass: '只看意见多少，不作为决议', note: '随时可以发起，不必到会。' },
}

/** The fewest that must be present with a vote before a vote by this rule may be opened. */
export function neededPresent(rule: Rule, entitled: number): number {
  switch (rule) {
    case 'ordinary':
      return Math.ceil(entitled / 2)
    case 'admission':
    case 'committee':
      return Math.floor(entitled / 2) + 1
    case 'election':
      return Math.ceil((entitled * 4) / 5)
    default:
      return 0
  }
}

/** The quorum in words, as it is said to the room. */
export function quorum(rule: Rule, entitled: number, present: number): { met: boolean; text: string } {
  if (entitled === 0) return { met: false, text: '应到名单中没有有表决权的党员，不能表决。' }
  const needed = neededPresent(rule, entitled)
  const short = needed - present
  const counts = `应到有表决权 ${entitled} 人，已到 ${present} 人`
  if (needed === 0) return { met: true, text: `${counts}；${rules[rule].quorum}。` }
  return short > 0 ? { met: false, text: `${counts}，至少要到 ${needed} 人，还差 ${short} 人。` } : { met: true, text: `${counts}，已达到法定人数（${needed} 人）。` }
}

interface Listed {
  entitled: boolean
  voting: boolean
  status: string
}

/** Who of a list may vote, and who of these is there. */
export function voters(items: Listed[]): { entitled: number; present: number } {
  const list = items.filter((item) => item.entitled && item.voting)
  return { entitled: list.length, present: list.filter((item) => item.status === 'present').length }
}
