/** What is left of WeChat's one-time grants, as `GET /subscriptions` tells it. */
interface Quota {
  kind: 'one_time' | 'long_term'
  needed: number
  remaining: number
}

/** In a sentence: how many messages WeChat may still bring, and whether that is enough for the coming thirty days, template by template. */
export function allowance(quotas: readonly Quota[]): { text: string; enough: boolean } {
  const once = quotas.filter((q) => q.kind === 'one_time')
  const left = once.reduce((n, q) => n + q.remaining, 0)
  const short = once.reduce((n, q) => n + Math.max(0, q.needed - q.remaining), 0)
  const lasting = quotas.some((q) => q.kind === 'long_term')
  const parts = [lasting && once.length === 0 ? '微信提醒长期有效。' : `微信还能提醒您 ${left} 次。`]
  if (short > 0) parts.push(`今后 30 天大约还缺 ${short} 次。`)
  return { text: parts.join(''), enough: short === 0 }
}
