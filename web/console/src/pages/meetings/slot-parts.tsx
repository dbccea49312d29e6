import { Tag } from 'antd'
import { api } from '~/api/client'
import { useLoad } from '~/api/query'
import type { components } from '~/api/schema'
import { china, day as dayWords } from '~/ui/time'

export type Slot = components['schemas']['SlotView']

export function useSlots(q: { org: string; type: string; from?: string; days: number; minutes: number }, enabled = true) {
  return useLoad(['meetings', 'slots', q], (signal) => api.GET('/api/v1/meetings/slots', { params: { query: { org_id: q.org, type: q.type || undefined, from: q.from || undefined, days: q.days, minutes: q.minutes } }, signal }), { enabled: enabled && !!q.org })
}

/** 19:30–20:30 of the slot. */
export function hoursOf(slot: Slot): string {
  return `${china(slot.starts_at).format('HH:mm')}–${china(slot.ends_at).format('HH:mm')}`
}

export function dayOf(slot: Slot): string {
  return china(slot.starts_at).format('YYYY-MM-DD')
}

/** Who can come, in words. Busy marks are counted by the server only where the number tells about nobody. */
export function comersOf(slot: Slot, people: number | undefined): string {
  if (slot.conflicts === 0) return people ? `${people} 人都没有冲突` : '没有人有冲突'
  const why = [slot.meetings > 0 && `${slot.meetings} 人另有会议`, !!slot.busy && `${slot.busy} 人标了没空`].filter(Boolean).join('，')
  return `${people ? `${people} 人中 ${Math.max(0, people - slot.conflicts)} 人能来：` : `${slot.conflicts} 人来不了：`}${why || `${slot.conflicts} 人来不了`}`
}

const reasonTags: Record<string, [string, string]> = { evening: ['blue', '下班后'], weekend: ['green', '周末'], holiday: ['red', '节假日'], event: ['gold', '活动期间'] }

export function SlotTags({ slot }: { slot: Slot }) {
  const [color, text] = reasonTags[slot.reason] ?? ['default', slot.reason]
  return <><Tag color={color}>{text}</Tag>{slot.provisional && <Tag>放假安排未公布</Tag>}</>
}

/** The best of each day first, so that three proposals are three days. */
export function bestDays(slots: Slot[], most: number): Slot[] {
  const days = new Set<string>()
  const first = slots.filter((slot) => {
    const day = dayOf(slot)
    if (days.has(day)) return false
    days.add(day)
    return true
  })
  return first.slice(0, most)
}

export function slotWords(slot: Slot): string {
  return `${dayWords(dayOf(slot))} ${hoursOf(slot)}`
}
