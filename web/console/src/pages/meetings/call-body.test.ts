import { expect, test } from 'vitest'
import { china } from '~/ui/time'
import { callOf, changeOf, fromMeeting, fromTemplate, moved, periodOf, planOf, seriesTopic, told, type Template } from './call-body'
import type { Meeting } from './meeting-parts'

const template = {
  type: 'lecture', type_label: '党课', owed: null, slot: null,
  call: { org_id: 'o', type: 'lecture', topic: '2026年第四季度党课', starts_at: '2026-11-24T19:30:00+08:00', ends_at: '2026-11-24T20:30:00+08:00', mode: 'online', online: { provider: 'manual', join_url: 'https://m.example.org/1' }, agenda: [{ title: '讲授', minutes: 40 }], reminders: [1440, 30] },
} as Template

test('a template is called as it stands', () => {
  expect(callOf(fromTemplate(template), 'o')).toEqual(template.call)
})

test('another time that was asked for stands instead of the proposed one', () => {
  const v = fromTemplate(template, { start: '2026-11-28T15:00:00+08:00', minutes: 90 })
  expect(callOf(v, 'o')).toMatchObject({ starts_at: '2026-11-28T15:00:00+08:00', ends_at: '2026-11-28T16:30:00+08:00' })
})

test('a series has its rule and no meetings beside it; the committee meets whole and alone', () => {
  const v = { ...fromTemplate(template), repeat: 'week' as const, count: 3, also: ['party_day'], who: 'some' as const, invitees: { party_status: ['full'], org_id: 'g', roles: [] } }
  expect(callOf(v, 'o')).toMatchObject({ repeat: 'FREQ=WEEKLY;BYDAY=TU;COUNT=3', invitees: { org_ids: ['g'], party_status: ['full'] } })
  expect(callOf(v, 'o')).not.toHaveProperty('also')
  expect(callOf({ ...v, repeat: 'once' }, 'o')).toMatchObject({ also: [{ type: 'party_day' }] })
  const committee = callOf({ ...v, repeat: 'once', type: 'committee' }, 'o')
  expect(committee).not.toHaveProperty('also')
  expect(committee).not.toHaveProperty('invitees')
  expect(planOf({ ...v, type: 'committee' }, 'o').audience).toEqual({ org_id: 'o', roles: ['secretary', 'committee_member'] })
  expect(planOf(v, 'o').audience).toEqual({ org_id: 'g', party_status: ['full'] })
})

const meeting = {
  id: 'm', org_id: 'o', type: 'lecture', topic: '党课', starts_at: '2026-11-24T19:30:00+08:00', ends_at: '2026-11-24T20:30:00+08:00', mode: 'hybrid', place: '一楼', online: { provider: 'manual', join_url: '', code: '1', room: 'none' },
  agenda: [{ title: '讲授', minutes: 40 }], reminders: [30], checkin_code: true, note: '', override_reason: null, event_id: null,
} as unknown as Meeting

test('only what is different is sent', () => {
  const v = fromMeeting(meeting)
  expect(changeOf({ ...v, reason: '无' }, meeting)).toEqual({})
  expect(changeOf({ ...v, topic: '新题', checkin_code: false }, meeting)).toEqual({ topic: '新题', checkin_code: false })
  expect([told({ ...v, topic: '新题' }, meeting), told({ ...v, place: '二楼' }, meeting), told({ ...v, minutes: 90 }, meeting)]).toEqual([false, true, true])
  const later = { ...v, start: china('2026-11-25T19:30:00+08:00'), reason: '讲者出差', scope: 'following' as const }
  expect(moved(later, meeting)).toBe(true)
  expect(changeOf(later, meeting)).toEqual({ starts_at: '2026-11-25T19:30:00+08:00', ends_at: '2026-11-25T20:30:00+08:00', reason: '讲者出差', scope: 'following' })
  expect(changeOf({ ...v, mode: 'online' }, meeting)).toEqual({ mode: 'online', place: '' })
})

test('a series names the period of each time', () => {
  expect(seriesTopic('2026年第四季度党课', true)).toBe('{period}党课')
  expect(seriesTopic('{period}党课', false, '2026年11月')).toBe('2026年11月党课')
  expect(periodOf('2026年11月支委会')).toBe('2026年11月')
})
