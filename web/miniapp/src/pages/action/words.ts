import type { Schema } from '@/api'
import { day, fullDay, picked } from '@/text/time'

type Action = Pick<Schema<'ActionView'>, 'state' | 'due_on' | 'told' | 'closed_at'>

/** How many days it is from one day (2026-11-24) to another; negative when that is past. */
export function daysTo(due: string, today: string): number {
  return Math.round((Date.parse(`${due}T00:00:00Z`) - Date.parse(`${today}T00:00:00Z`)) / 86_400_000)
}

const toldWords: Record<string, string> = { owner: '已提醒责任人', secretary: '已提醒责任人和支部书记', office: '已提醒责任人、支部书记和党办' }

/** Where an action stands, in one sentence. */
export function progress(a: Action, now: number = Date.now()): string {
  if (a.state === 'closed') return a.closed_at ? `${fullDay(a.closed_at)}已办结。` : '已办结。'
  const left = daysTo(a.due_on, picked(now).day)
  const told = toldWords[a.told] ? `${toldWords[a.told]}。` : ''
  if (left < 0) return `已超期 ${-left} 天。${told}`
  if (left === 0) return `今天到期。${told}`
  return `还有 ${left} 天，请在 ${day(a.due_on, now)} 前办结。${left <= 3 ? told : ''}`
}

/** A word for the list, and how much it presses. */
export function mark(a: Action, now: number = Date.now()): { text: string; tone: 'good' | 'warn' | 'bad' | 'plain' } {
  if (a.state === 'closed') return { text: '已办结', tone: 'good' }
  const left = daysTo(a.due_on, picked(now).day)
  if (left < 0) return { text: '已超期', tone: 'bad' }
  if (left <= 3) return { text: left === 0 ? '今天到期' : `还有 ${left} 天`, tone: 'warn' }
  return { text: `还有 ${left} 天`, tone: 'plain' }
}
