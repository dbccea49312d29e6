/** The words of the contract's enumerations, once for all pages. */
type Words = Record<string, string>

export const roleWords: Words = { member: '成员', group_leader: '党小组组长', committee_member: '支委', secretary: '支部书记', staff: '党办', admin: '管理员' }
export const partyWords: Words = { full: '中共党员', probationary: '预备党员', applicant: '入党积极分子', non_party: '群众' }
export const orgKindWords: Words = { association: '协会', society: '学会党委', branch: '分支机构党支部', group: '党小组' }
export const categoryWords: Words = { theory: '党建理论', central: '中央声音', law: '法律法规', example: '先进事迹', news: '动态' }
export const visibilityWords: Words = { public: '公开', members: '成员可见', party: '党员可见', committee: '支委可见' }
export const meetingWords: Words = {
  branch_assembly: '支部党员大会', committee: '支委会', group: '党小组会', lecture: '党课', party_day: '主题党日', life: '组织生活会', review: '民主评议党员', training: '培训', other: '其他',
}
export const pushKindWords: Words = { meeting: '会议通知', study: '学习任务', announcement: '通知公告', suggestion: '意见答复', digest: '晚间汇总' }
export const pushStateWords: Words = { scheduled: '待发', sending: '发送中', done: '已完成', cancelled: '已取消' }
export const deliveryWords: Words = {
  queued: '排队中', deferred: '等待时段', held: '等待汇总', sending: '发送中', sent: '已送达微信', failed: '失败', in_doubt: '存疑', inbox_only: '仅站内信', cancelled: '已取消',
}
export const channelWords: Words = { subscribe: '小程序订阅消息', official: '公众号消息', inbox: '站内信' }
export const suggestionWords: Words = { submitted: '待受理', accepted: '办理中', replied: '已答复', closed: '已办结', declined: '不予受理', escalated: '已上报', reopened: '重新办理' }
export const rsvpWords: Words = { none: '未答复', accept: '参加', leave: '请假' }

/** word says a code in Chinese; one that is not known is shown as it is. */
export function word(words: Words, code: string | null | undefined): string {
  return code ? (words[code] ?? code) : '—'
}

/** options for Select, Segmented and filters. */
export function options(words: Words, only?: string[]): { value: string; label: string }[] {
  return Object.entries(words)
    .filter(([value]) => !only || only.includes(value))
    .map(([value, label]) => ({ value, label }))
}
