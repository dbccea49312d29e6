/** How far a day is, in words; both days as 2026-11-24. */
export function dueIn(due: string, today: string): string {
  const days = Math.round((Date.parse(due) - Date.parse(today)) / 86_400_000)
  if (days === 0) return '今天到期'
  if (days === 1) return '明天到期'
  return days > 0 ? `还有 ${days} 天` : `逾期 ${-days} 天`
}
