/** States and steps of a suggestion, as its author reads them. */
export const stateWords: Record<string, string> = { submitted: '待受理', accepted: '办理中', replied: '已答复', closed: '已办结', declined: '未采纳', escalated: '已转上级' }

export const stepWords: Record<string, string> = {
  submit: '提出', accept: '受理', reply: '答复', decline: '不采纳', escalate: '转上级', extend: '延期', assign: '指定承办人', close: '办结', reopen: '要求再办', rate: '评价', overdue: '超过期限', merge: '合并办理', replan: '重新计算期限', publication: '公开',
}
