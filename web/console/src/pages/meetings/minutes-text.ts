import type { components } from '~/api/schema'

export type Minutes = components['schemas']['MinutesView']
export type MinutesBody = components['schemas']['MinutesInputBody']

export interface Opinion {
  speaker_id: string
  text: string
  dissent: boolean
}

export interface Resolution {
  text: string
  owner_id: string
  due_on: string
  no_follow_up: boolean
}

/** Text is what people write of the minutes; the rest is known. Empty times mean as planned. */
export interface Text {
  mode: string
  host_id: string
  recorder_id: string
  began_at: string
  ended_at: string
  passed_on: string
  summary: string
  discussion: Opinion[]
  resolutions: Resolution[]
}

export type Part = keyof Text

export const partWords: Record<Part, string> = {
  mode: '记录方式', host_id: '主持人', recorder_id: '记录人', began_at: '实际开始时间', ended_at: '实际结束时间', passed_on: '传达学习', summary: '会议经过', discussion: '讨论发言', resolutions: '决议',
}

export function textOf(m: Minutes): Text {
  return {
    mode: m.mode, host_id: m.host_id, recorder_id: m.recorder_id, began_at: m.began_at ?? '', ended_at: m.ended_at ?? '', passed_on: m.passed_on, summary: m.summary,
    discussion: m.discussion.map((d) => ({ speaker_id: d.speaker?.id ?? '', text: d.text, dissent: d.dissent })),
    resolutions: m.resolutions.map((r) => ({ text: r.text, owner_id: r.owner_id, due_on: r.due_on, no_follow_up: r.no_follow_up })),
  }
}

/** Rows without a word are not sent yet: somebody has just added them. */
export const written = (row: { text: string }) => row.text.trim() !== ''

/** clean is the text as it is kept: without empty rows and spaces around. */
export function clean(t: Text): Text {
  return {
    ...t, passed_on: t.passed_on.trim(), summary: t.summary.trim(),
    discussion: t.discussion.filter(written).map((d) => ({ ...d, text: d.text.trim() })),
    resolutions: t.resolutions.filter(written).map((r) => ({ ...r, text: r.text.trim(), ...(r.no_follow_up ? { owner_id: '', due_on: '' } : {}) })),
  }
}

export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

export function sameText(a: Text, b: Text): boolean {
  const [x, y] = [clean(a), clean(b)]
  return (Object.keys(partWords) as Part[]).every((part) => same(x[part], y[part]))
}

export function bodyOf(t: Text): MinutesBody {
  const { began_at, ended_at, ...rest } = clean(t)
  return { ...rest, ...(began_at ? { began_at } : {}), ...(ended_at ? { ended_at } : {}) }
}

/** The place of a fault in the rows as they stand on the screen, since empty ones were not sent. */
export function placeOf(field: string, t: Text): string {
  return field.replace(/^(discussion|resolutions)\[(\d+)\]/, (whole, list: 'discussion' | 'resolutions', n: string) => {
    const kept = t[list].flatMap((row: { text: string }, i: number) => (written(row) ? [i] : []))
    const at = kept[Number(n)]
    return at === undefined ? whole : `${list}[${at}]`
  })
}

export interface Merged {
  text: Text
  /** What only the other changed, and is taken over. */
  taken: Part[]
  /** What both changed, each in another way: a person decides. Until then one's own stands. */
  disputed: Part[]
}

/** merge brings two hands together: base is what both began with. */
export function merge(base: Text, mine: Text, theirs: Text): Merged {
  const [b, m, t] = [clean(base), clean(mine), clean(theirs)]
  const out: Merged = { text: { ...mine }, taken: [], disputed: [] }
  for (const part of Object.keys(partWords) as Part[]) {
    if (same(t[part], b[part]) || same(t[part], m[part])) continue
    if (same(m[part], b[part])) {
      out.taken.push(part)
      out.text = { ...out.text, [part]: theirs[part] }
    } else out.disputed.push(part)
  }
  return out
}

/** A part in words, so that two versions can be read side by side. */
export function wordsOf(part: Part, t: Text, name: (id: string) => string, time: (at: string) => string): string {
  switch (part) {
    case 'mode':
      return t.mode === 'brief' ? '简要' : '完整'
    case 'host_id':
    case 'recorder_id':
      return name(t[part]) || '（未填）'
    case 'began_at':
    case 'ended_at':
      return t[part] ? time(t[part]) : '按原定时间'
    case 'discussion':
      return t.discussion.map((d) => `${d.speaker_id ? `${name(d.speaker_id)}：` : ''}${d.text}${d.dissent ? '（不同意见）' : ''}`).join('\n') || '（空）'
    case 'resolutions':
      return t.resolutions.map((r, i) => `${i + 1}. ${r.text}${r.no_follow_up ? '（无后续）' : `（${name(r.owner_id) || '责任人未定'}，${r.due_on || '时限未定'}）`}`).join('\n') || '（空）'
    default:
      return t[part] || '（空）'
  }
}
