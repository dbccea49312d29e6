import { Tag } from 'antd'
import { api } from '~/api/client'
import { useLoad } from '~/api/query'
import type { components } from '~/api/schema'
import { china } from '~/ui/time'

export type Meeting = components['schemas']['MeetingView']
export type Sheet = components['schemas']['AttendanceView']
export type Line = Sheet['items'][number]

export const modeWords: Record<string, string> = { online: '线上', onsite: '现场', hybrid: '现场和线上' }
export const statusWords: Record<string, string> = { none: '未登记', present: '出席', observer: '列席', leave: '请假', absent: '缺席' }
export const listWords: Record<string, string> = { entitled: '应到', observer: '列席', none: '不在名单' }
export const roomWords: Record<string, string> = { none: '', wanted: '会议室正在预订', booked: '会议室已预订', moving: '会议室正在改期', ending: '会议室正在取消', ended: '会议室已取消', failed: '会议室没有订上，请在“编辑”里填写会议链接或会议号' }

/** Whether people may be there already. The server decides what may be done; this decides what the page shows and how often it asks. */
export function soon(m: Meeting, now = Date.now()): boolean {
  return m.state === 'planned' && Date.parse(m.starts_at) - now <= 30 * 60_000
}

export function MeetingState({ meeting }: { meeting: Meeting }) {
  if (meeting.state === 'cancelled') return <Tag color="red">已取消</Tag>
  if (meeting.state === 'over') return <Tag>已结束</Tag>
  return china(meeting.starts_at).isBefore(china(Date.now())) ? <Tag color="green">正在进行</Tag> : <Tag color="blue">待召开</Tag>
}

/** Where people go, in a line. */
export function whereOf(m: Meeting): string {
  return [m.mode !== 'online' && m.place, m.online && (m.online.code ? `线上 ${m.online.code}` : '线上')].filter(Boolean).join(' · ') || '—'
}

/** The contract also knows a calendar file at this address, which is never asked for here. */
export const useMeeting = (id: string, every?: number) => useLoad<Meeting>(['meeting', id], async (signal) => {
  const answer = await api.GET('/api/v1/meetings/{id}', { params: { path: { id } }, signal })
  return { data: answer.data as Meeting, response: answer.response }
}, { keep: false, every })

export const useSheet = (id: string, enabled: boolean, every?: number) => useLoad(['attendance', id], (signal) => api.GET('/api/v1/meetings/{id}/attendance', { params: { path: { id } }, signal }), { keep: false, enabled, every })
