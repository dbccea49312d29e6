/** What the contract's words are called. An unknown one (from a newer server) is shown as it is. */
export function word(table: Record<string, string>, code: string | null | undefined): string {
  return code ? (table[code] ?? code) : ''
}

export const roleWords: Record<string, string> = {
  member: '成员', group_leader: '党小组组长', committee_member: '支委', secretary: '支部书记', staff: '党办', admin: '管理员',
}

export const partyWords: Record<string, string> = { full: '正式党员', probationary: '预备党员', applicant: '入党积极分子', non_party: '群众' }

export const meetingWords: Record<string, string> = {
  branch_assembly: '支部党员大会', committee: '支委会', group: '党小组会', lecture: '党课', party_day: '主题党日', life: '组织生活会', review: '民主评议党员', training: '培训', other: '其他',
}

export const categoryWords: Record<string, string> = { theory: '党建理论', central: '中央声音', law: '法律法规', example: '先进事迹', news: '动态' }
