import { china } from '~/ui/time'

const MOST_PAGES = 5

/** everything asks a list page after page, five hundred rows at most: a figure of more shows the latest of them. */
export async function everything<T>(ask: (cursor: string | undefined) => Promise<{ data?: { items: T[] | null; next_cursor: string }; response: Response }>): Promise<{ data: { items: T[] }; response: Response }> {
  const items: T[] = []
  let cursor: string | undefined
  for (let page = 1; ; page++) {
    const { data, response } = await ask(cursor)
    items.push(...(data?.items ?? []))
    cursor = data?.next_cursor || undefined
    if (!cursor || page === MOST_PAGES) return { data: { items }, response }
  }
}

const AGES: [string, number][] = [['一周内', 7], ['一月内', 30], ['三月内', 91], ['更早', Infinity]]
const STATES = ['submitted', 'escalated', 'accepted', 'replied', 'closed', 'declined']

/** byAge counts suggestions by state and by how long ago they were made. */
export function byAge(suggestions: { state: string; created_at: string }[], now: number): { ages: string[]; states: string[]; counts: number[][] } {
  const states = STATES.filter((state) => suggestions.some((one) => one.state === state))
  const counts = states.map(() => AGES.map(() => 0))
  for (const one of suggestions) {
    const s = states.indexOf(one.state)
    const days = (now - Date.parse(one.created_at)) / 86_400_000
    const a = AGES.findIndex(([, most]) => days < most)
    if (s >= 0) counts[s]![a]!++
  }
  return { ages: AGES.map(([name]) => name), states, counts }
}

/** byMonthAndHour counts meetings by month and by two hours of the day; hours without any are left out. */
export function byMonthAndHour(meetings: { starts_at: string }[]): { hours: string[]; cells: [number, number, number][] } {
  const seen = [...new Set(meetings.map((meeting) => Math.floor(china(meeting.starts_at).hour() / 2) * 2))].sort((a, b) => a - b)
  const cells = new Map<string, [number, number, number]>()
  for (const meeting of meetings) {
    const at = china(meeting.starts_at)
    const cell: [number, number] = [at.month(), seen.indexOf(Math.floor(at.hour() / 2) * 2)]
    const kept = cells.get(cell.join()) ?? [...cell, 0]
    kept[2]++
    cells.set(cell.join(), kept)
  }
  return { hours: seen.map((hour) => `${hour}–${hour + 2}时`), cells: [...cells.values()] }
}
