import { api } from '~/api/client'
import { useLoad } from '~/api/query'
import type { DayOff, Hours } from './calendar-days'
import type { Meeting } from './meeting-parts'

/** The holidays and make-up days of the years from one day to another, which are two at most. */
export function useDays(from: string, to: string): { days: DayOff[]; provisional: number[]; waiting: boolean } {
  const [a, b] = [Number(from.slice(0, 4)), Number(to.slice(0, 4))]
  const ask = (year: number) => (signal: AbortSignal) => api.GET('/api/v1/calendar', { params: { query: { year } }, signal })
  const first = useLoad(['calendar', a], ask(a), { keep: false })
  const last = useLoad(['calendar', b], ask(b), { keep: false })
  const both = [first.data, b === a ? undefined : last.data].filter((one) => one !== undefined)
  return { days: both.flatMap((one) => one.days), provisional: both.filter((one) => one.provisional).map((one) => one.year), waiting: first.loading || last.loading }
}

/** All meetings of the days; the list comes in pages, and a calendar with holes in it would lie. */
export function useMeetings(org: string, from: string, to: string, mine: boolean) {
  return useLoad(['meetings', 'calendar', org, from, to, mine], async (signal) => {
    const items: Meeting[] = []
    let cursor: string | undefined
    let answer
    do {
      answer = await api.GET('/api/v1/meetings', { params: { query: { org_id: org, from, to, mine: mine || undefined, limit: 100, cursor } }, signal })
      items.push(...(answer.data?.items ?? []))
      cursor = answer.data?.next_cursor || undefined
    } while (cursor)
    return { data: items, response: answer.response }
  }, { enabled: !!org })
}

export function useEvents(org: string, from: string, to: string) {
  return useLoad(['events', org, from, to], (signal) => api.GET('/api/v1/events', { params: { query: { org_id: org, from, to, limit: 50 } }, signal }), { enabled: !!org }).data?.items ?? []
}

/** The working hours of the profile in force. */
export function useHours(): Hours {
  const policy = useLoad(['policy'], (signal) => api.GET('/api/v1/policy', { signal }))
  const profile = (policy.data as { profile?: Record<string, unknown> } | undefined)?.profile
  const [, from = '08:00', to = '18:00'] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(String(profile?.working_hours ?? '')) ?? []
  return { from, to }
}
