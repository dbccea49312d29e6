import type { Dayjs } from 'dayjs'
import type { components } from '~/api/schema'
import { china, meant } from '~/ui/time'
import { ruleOf, type Rhythm } from './calendar-days'
import type { Meeting } from './meeting-parts'

export type CallBody = components['schemas']['MeetingCallInputBody']
export type ChangeBody = components['schemas']['MeetingChangeInputBody']
export type Template = components['schemas']['MeetingTemplateView']
export type PlanBody = components['schemas']['PushInputBody']

export interface Values {
  type: string
  topic: string
  start?: Dayjs
  minutes: number
  mode: string
  place?: string
  online?: { provider?: string; join_url?: string; code?: string }
  agenda: { title?: string; minutes?: number | null }[]
  who: 'all' | 'some'
  invitees?: { org_id?: string; roles?: string[]; party_status?: string[]; member_ids?: string[] }
  reminders: number[]
  checkin_code?: boolean
  note?: string
  override_reason?: string
  event_id?: string
  also?: string[]
  repeat: 'once' | Rhythm
  count: number
  reason?: string
  scope?: 'this' | 'following'
}

/** Where faults of the body stand in the form. */
export const places: Record<string, string> = { starts_at: 'start', ends_at: 'minutes', invitees: 'who', 'invitees.org_ids[0]': 'invitees.org_id', repeat: 'count', event_id: 'start' }

const blank = { who: 'all' as const, invitees: {}, also: [], repeat: 'once' as const, count: 6, override_reason: '', checkin_code: false }

/** What a template proposes; the time too, unless another was asked for. */
export function fromTemplate(template: Template, asked?: { start?: string; minutes?: number; event?: string }): Values {
  const c = template.call
  const start = asked?.start ?? c.starts_at
  const length = c.starts_at && c.ends_at ? Math.round((Date.parse(c.ends_at) - Date.parse(c.starts_at)) / 60_000) : agendaMinutes(c.agenda) || 60
  return {
    ...blank, type: c.type, topic: c.topic, start: start ? china(start) : undefined, minutes: asked?.minutes || length, mode: c.mode, place: c.place ?? '',
    online: { provider: c.online?.provider || 'manual', join_url: c.online?.join_url ?? '', code: c.online?.code ?? '' }, agenda: c.agenda, reminders: c.reminders, note: c.note ?? '',
    event_id: asked?.start ? asked.event || undefined : c.event_id,
  }
}

export function fromMeeting(m: Meeting): Values {
  return {
    ...blank, type: m.type, topic: m.topic, start: china(m.starts_at), minutes: Math.round((Date.parse(m.ends_at) - Date.parse(m.starts_at)) / 60_000), mode: m.mode, place: m.place,
    online: { provider: m.online?.provider || 'manual', join_url: m.online?.join_url ?? '', code: m.online?.code ?? '' }, agenda: m.agenda, reminders: m.reminders,
    checkin_code: m.checkin_code, note: m.note, override_reason: m.override_reason ?? '', event_id: m.event_id ?? undefined, reason: '', scope: 'this',
  }
}

export function agendaMinutes(agenda: { minutes?: number | null }[]): number {
  return agenda.reduce((sum, item) => sum + (item?.minutes ?? 0), 0)
}

/** When it begins and ends, as the API wants it. */
export function spanOf(v: Pick<Values, 'start' | 'minutes'>): { starts_at: string; ends_at: string } | undefined {
  if (!v.start || !v.minutes) return undefined
  const start = meant(v.start).valueOf()
  return { starts_at: iso(start), ends_at: iso(start + v.minutes * 60_000) }
}

/** A Day.js that has an offset already would be moved twice in a browser elsewhere; a number has none. */
function iso(at: number): string {
  return china(at).format('YYYY-MM-DDTHH:mm:ssZ')
}

const remote = (mode: string) => mode !== 'onsite'
const text = (s: string | undefined) => s?.trim() ?? ''

function onlineOf(v: Values): components['schemas']['MeetingOnlineBody'] {
  const provider = v.online?.provider || 'manual'
  return { provider, ...(text(v.online?.join_url) ? { join_url: text(v.online?.join_url) } : {}), ...(text(v.online?.code) ? { code: text(v.online?.code) } : {}) }
}

function agendaOf(v: Values) {
  return v.agenda.map((item) => ({ title: text(item?.title), minutes: item?.minutes ?? 0 }))
}

export function inviteesOf(v: Values): components['schemas']['MeetingInviteesBody'] | undefined {
  if (v.who !== 'some' || v.type === 'committee') return undefined
  const { org_id, roles, party_status, member_ids } = v.invitees ?? {}
  const asked = { ...(org_id ? { org_ids: [org_id] } : {}), ...(roles?.length ? { roles } : {}), ...(party_status?.length ? { party_status } : {}), ...(member_ids?.length ? { member_ids } : {}) }
  return Object.keys(asked).length > 0 ? (asked as components['schemas']['MeetingInviteesBody']) : undefined
}

export function callOf(v: Values, org: string): CallBody {
  const invitees = inviteesOf(v)
  const times = spanOf(v)
  const series = v.repeat !== 'once' && times
  return {
    org_id: org, type: v.type, topic: text(v.topic), ...times, mode: v.mode,
    ...(v.mode !== 'online' && text(v.place) ? { place: text(v.place) } : {}),
    ...(remote(v.mode) ? { online: onlineOf(v) } : {}),
    agenda: agendaOf(v), reminders: v.reminders,
    ...(invitees ? { invitees } : {}),
    ...(text(v.override_reason) ? { override_reason: text(v.override_reason) } : {}),
    ...(v.checkin_code ? { checkin_code: true } : {}),
    ...(text(v.note) ? { note: text(v.note) } : {}),
    ...(v.event_id ? { event_id: v.event_id } : {}),
    ...(series ? { repeat: ruleOf(v.repeat as Rhythm, china(times.starts_at).format('YYYY-MM-DD'), v.count) } : {}),
    ...(!series && v.type !== 'committee' && v.also?.length ? { also: v.also.filter((type) => type !== v.type).map((type) => ({ type })) } : {}),
  }
}

/** What is different from the meeting as it was; the answer is empty when nothing is. */
export function changeOf(v: Values, m: Meeting): ChangeBody {
  const was = callOf(fromMeeting(m), m.org_id)
  const is = callOf(v, m.org_id)
  const out: Record<string, unknown> = {}
  for (const name of ['topic', 'mode', 'place', 'online', 'agenda', 'reminders', 'override_reason', 'checkin_code', 'note'] as const) {
    if (JSON.stringify(is[name]) === JSON.stringify(was[name])) continue
    out[name] = is[name] ?? (name === 'checkin_code' ? false : name === 'online' ? undefined : '')
  }
  if (moved(v, m)) Object.assign(out, spanOf(v), text(v.override_reason) ? { override_reason: text(v.override_reason) } : {})
  for (const name of Object.keys(out)) if (out[name] === undefined) delete out[name]
  if (Object.keys(out).length === 0) return {}
  return { ...out, ...(text(v.reason) ? { reason: text(v.reason) } : {}), ...(v.scope === 'following' ? { scope: 'following' as const } : {}) }
}

/** Whether the time is another one. */
export function moved(v: Values, m: Meeting): boolean {
  const times = spanOf(v)
  return !!times && (Date.parse(times.starts_at) !== Date.parse(m.starts_at) || Date.parse(times.ends_at) !== Date.parse(m.ends_at))
}

/** Whether the invited are told: the time or the place is another one. */
export function told(v: Values, m: Meeting): boolean {
  const change = changeOf(v, m)
  return moved(v, m) || 'mode' in change || 'place' in change || 'online' in change
}

/** Whom the notice would go to, as the plan of a push; those picked by name are of these. */
export function planOf(v: Values, org: string): PlanBody {
  const i = v.who === 'some' && v.type !== 'committee' ? v.invitees : undefined
  const audience = v.type === 'committee' ? { org_id: org, roles: ['secretary', 'committee_member'] } : {
    org_id: i?.org_id || org, ...(i?.roles?.length ? { roles: i.roles } : {}), ...(i?.party_status?.length ? { party_status: i.party_status } : {}),
  }
  return { org_id: org, kind: 'meeting', title: '会议通知', audience: audience as PlanBody['audience'] }
}

const PERIOD = /\d{4}年(第[一二三四]季度|[上下]半年|\d{1,2}月|度)/

/** The topic of a series names each time's own period. */
export function seriesTopic(topic: string, series: boolean, period?: string): string {
  if (series) return topic.replace(PERIOD, '{period}')
  return period === undefined ? topic : topic.replace('{period}', period)
}

export function periodOf(topic: string): string {
  return PERIOD.exec(topic)?.[0] ?? ''
}
