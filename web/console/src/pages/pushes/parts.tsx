import { Badge } from 'antd'
import type { components } from '~/api/schema'
import { pushStateWords, word } from '~/ui/words'

export type Push = components['schemas']['PushView']
export type Counts = components['schemas']['PushCountsView']

/** What is at its end, and its share of all. */
export function tally(counts: Counts): { done: number; share: number } {
  const done = counts.sent + counts.failed + counts.inbox_only + counts.cancelled
  return { done, share: counts.recipients > 0 ? Math.floor((done / counts.recipients) * 100) : 0 }
}

export function PushState({ push }: { push: Pick<Push, 'state'> }) {
  const status = { scheduled: 'default', sending: 'processing', done: 'success', cancelled: 'warning' } as const
  return <Badge status={status[push.state]} text={word(pushStateWords, push.state)} className="nowrap" />
}

/** The fields of each kind's card, as the contract names them. */
export const kindFields: Record<string, { name: string; label: string; hint: string }[]> = {
  meeting: [
    { name: 'topic', label: '主题', hint: '会议主题' },
    { name: 'time', label: '时间', hint: '如 2026年11月25日 19:30' },
    { name: 'place', label: '地点', hint: '线上会议或地点' },
    { name: 'note', label: '备注', hint: '如 点击查看入会方式' },
  ],
  study: [
    { name: 'title', label: '学习内容', hint: '不填则用标题' },
    { name: 'due', label: '截止时间', hint: '如 2026年12月02日 21:00' },
    { name: 'note', label: '提示', hint: '如 三分钟读完' },
  ],
  announcement: [
    { name: 'title', label: '公告标题', hint: '不填则用标题' },
    { name: 'from', label: '发布单位', hint: '不填则用组织名称' },
    { name: 'time', label: '时间', hint: '不填则用发送时间' },
    { name: 'note', label: '备注', hint: '如 点击查看全文' },
  ],
  suggestion: [
    { name: 'title', label: '反馈主题', hint: '不填则用标题' },
    { name: 'state', label: '处理状态', hint: '如 已答复' },
    { name: 'time', label: '时间', hint: '不填则用发送时间' },
    { name: 'note', label: '备注', hint: '如 点击查看答复' },
  ],
}
