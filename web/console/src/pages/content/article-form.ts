import type { Dayjs } from 'dayjs'
import type { components } from '~/api/schema'
import { china, instant, meant } from '~/ui/time'

export type Article = Omit<components['schemas']['ArticleView'], 'source'> & { source?: { name: string; url: string; date: string | null } | null }
export type Body = components['schemas']['ChangeArticleInputBody']
export interface Kept { id: string; name: string; size: number }

/** What the form of an article holds. Texts that are empty are texts all the same: the server then makes digest and reading time itself. */
export interface Values {
  title: string
  category: string
  key_points: string[]
  digest: string
  reading_minutes: number | null
  source_name: string
  source_url: string
  source_date: Dayjs | null
  doc_no: string
  visibility: string
  pinned: boolean
  required: boolean
  due_at: Dayjs | null
  body_html: string
  attachments: Kept[]
}

export const KEY_POINTS = 5
/** Above so many minutes nobody reads it on the way. */
export const SHORT = 3

export const stateWords: Record<string, string> = { draft: '草稿', scheduled: '待发布', published: '已发布', withdrawn: '已撤回' }

export function blank(): Values {
  return {
    title: '', category: 'news', key_points: [''], digest: '', reading_minutes: null, source_name: '', source_url: '', source_date: null, doc_no: '',
    visibility: 'members', pinned: false, required: false, due_at: null, body_html: '', attachments: [],
  }
}

export function valuesOf(a: Article): Values {
  return {
    title: a.title, category: a.category, key_points: a.key_points.length > 0 ? a.key_points : [''], digest: a.digest, reading_minutes: a.reading_minutes,
    source_name: a.source?.name ?? '', source_url: a.source?.url ?? '', source_date: a.source?.date ? china(`${a.source.date}T00:00:00+08:00`) : null, doc_no: a.doc_no ?? '',
    visibility: a.visibility, pinned: a.pinned, required: a.required, due_at: a.due_at ? china(a.due_at) : null, body_html: a.body_html, attachments: a.attachments.map(({ id, name, size }) => ({ id, name, size })),
  }
}

/** The form in the words of the API. */
export function bodyOf(v: Values): Body {
  const source = { ...(v.source_name.trim() ? { name: v.source_name.trim() } : {}), ...(v.source_url.trim() ? { url: v.source_url.trim() } : {}), ...(v.source_date ? { date: v.source_date.format('YYYY-MM-DD') } : {}) }
  return {
    title: v.title.trim(), category: v.category, key_points: v.key_points.map((point) => point.trim()).filter(Boolean), digest: v.digest.trim(), reading_minutes: v.reading_minutes ?? 0,
    source, doc_no: v.doc_no.trim(), visibility: v.visibility, pinned: v.pinned, required: v.required,
    ...(v.required && v.due_at ? { due_at: instant(meant(v.due_at)) } : {}),
    body_html: v.body_html, attachment_ids: v.attachments.map((file) => file.id),
  }
}

/**
 * What an edit changes: the parts that differ from what was read. What nobody touched is left alone, so that a digest made by the server stays made by it,
 * and a text written in Markdown stays so.
 */
export function changesOf(was: Values, is: Values): Body {
  const before = bodyOf(was) as Record<string, unknown>
  return Object.fromEntries(Object.entries(bodyOf(is)).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]))) as Body
}

/** A draft in the browser's drawer, where instants are texts. */
export type Stored = Omit<Values, 'source_date' | 'due_at'> & { source_date: string | null; due_at: string | null; version?: number }

export function stored(v: Values, version?: number): Stored {
  return { ...v, source_date: v.source_date?.format('YYYY-MM-DD') ?? null, due_at: v.due_at ? instant(meant(v.due_at)) : null, version }
}

export function unstored({ version: _, ...s }: Stored): Values {
  return { ...s, source_date: s.source_date ? china(`${s.source_date}T00:00:00+08:00`) : null, due_at: s.due_at ? china(s.due_at) : null }
}
