/** Hours as people say them: 0.5 小时, 12 小时. */
export function hours(h: number): string {
  return `${Math.round(h * 10) / 10} 小时`
}

/** 2026-03 is 3 月. */
export function monthWord(month: string): string {
  return `${Number(month.slice(5, 7))} 月`
}

/** This year in China and the two before. */
export function yearsBack(now: Date): number[] {
  const year = new Date(now.getTime() + 8 * 3_600_000).getUTCFullYear()
  return [year, year - 1, year - 2]
}
