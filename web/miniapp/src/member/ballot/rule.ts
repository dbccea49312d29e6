import type { Schema } from '@/api'

type Poll = Schema<'PollView'>

/** The fewest approvals that pass: more than half of all entitled, or of those present for an election. */
export function needed(p: Pick<Poll, 'rule' | 'entitled' | 'present'>): number {
  return Math.floor((p.rule === 'election' || p.rule === 'consultative' ? p.present : p.entitled) / 2) + 1
}

/** The rule in words, with the figures of this vote once they are known. */
export function ruleText(p: Pick<Poll, 'rule' | 'entitled' | 'present' | 'seats' | 'options' | 'state'>): string {
  const known = p.state !== 'draft' && p.entitled > 0
  const figures = known ? `本次应到 ${p.entitled} 人、实到 ${p.present} 人，至少 ${needed(p)} 票赞成。` : ''
  const most = p.options.length > 0 ? `每张票最多选 ${p.seats} 个，可以少选。` : ''
  switch (p.rule) {
    case 'ordinary':
      return `赞成票超过应到人数的一半才通过，没有到会的也算在应到人数里。${most}${figures}`
    case 'admission':
      return `接收党员等事项：赞成票超过应到人数的一半才通过，没有到会的也算在应到人数里。${most}${figures}`
    case 'election':
      return `选举：到会达到应到的五分之四才能进行，赞成票超过实到人数的一半才能当选。${most}${figures}`
    case 'committee':
      return `支委会表决：赞成票超过全体委员的一半才通过。${most}${known ? `委员 ${p.entitled} 人，到会 ${p.present} 人，至少 ${needed(p)} 票赞成。` : ''}`
    default:
      return `只征求意见，不形成决议。${most}`
  }
}

/** Who learns of what was chosen, plainly. */
export function secretText(secret: boolean): string {
  return secret ? '无记名：系统只记您投过票，不记您选了什么，谁也查不到。' : '记名：结束后，能看到这次会议的人会看到每个人选了什么。'
}

export type Choice = 'approve' | 'against' | 'abstain'
export const choiceWords: Record<string, string> = { approve: '赞成', against: '反对', abstain: '弃权' }

/** Ticks or unticks one option. Where there is one seat another tick takes its place; beyond the seats nothing is ticked. */
export function tick(chosen: readonly string[], option: string, seats: number): readonly string[] {
  if (chosen.includes(option)) return chosen.filter((x) => x !== option)
  if (seats === 1) return [option]
  return chosen.length < seats ? [...chosen, option] : chosen
}

/** The ballot as the contract takes it; undefined while nothing is chosen. */
export function ballotOf(choice: Choice | '', chosen: readonly string[]): { choice?: Choice; options?: string[] } | undefined {
  if (chosen.length > 0) return { options: [...chosen] }
  return choice ? { choice } : undefined
}

/** The ballot in words, to be read once more before it is cast. */
export function ballotText(b: { choice?: Choice; options?: string[] }, withOptions: boolean): string {
  if (b.options && b.options.length > 0) return `赞成：${b.options.join('、')}`
  return withOptions && b.choice === 'against' ? '都不赞成' : (choiceWords[b.choice ?? ''] ?? '')
}
