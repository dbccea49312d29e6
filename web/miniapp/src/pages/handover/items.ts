import type { Schema } from '@/api'
import type { PageName } from '@/pages'
import { day, when } from '@/text/time'

export type Item = Schema<'HandoverItemView'>

/** The lines of a package by their kind, in the order in which they came. */
export function groups(items: readonly Item[]): { kind: string; label: string; items: Item[] }[] {
  const all: { kind: string; label: string; items: Item[] }[] = []
  for (const x of items) {
    const g = all.find((y) => y.kind === x.kind)
    if (g) g.items.push(x)
    else all.push({ kind: x.kind, label: x.label, items: [x] })
  }
  return all
}

const places: Record<string, PageName> = { action: 'action', meeting: 'meeting', suggestion: 'answer', draft: 'article', push: 'pushPlan' }

/** Where a line is read in this client; undefined where there is nothing to open. */
export function placeOf(x: Item): PageName | undefined {
  return x.path ? places[x.kind] : undefined
}

/** What stands below a line: its day or time, and the note. */
export function below(x: Item, now: number = Date.now()): string {
  const at = x.at ? (x.kind === 'action' ? `${day(x.at, now)} 前` : x.kind === 'suggestion' ? `${when(x.at, now)} 前` : when(x.at, now)) : ''
  return [at, x.note].filter(Boolean).join(' · ')
}
