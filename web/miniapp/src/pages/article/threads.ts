import type { Schema } from '@/api'

type Comment = Schema<'CommentView'>

/** A comment with the answers below it; there is one level. */
export interface Thread {
  id: string
  /** Undefined where the head has been deleted and answers remain. */
  head: Comment | undefined
  answers: Comment[]
}

/** Puts answers below their heads: heads as the server ordered them, answers by time. */
export function threads(all: readonly Comment[]): Thread[] {
  const out: Thread[] = []
  const by = new Map<string, Thread>()
  const of = (id: string): Thread => {
    const there = by.get(id)
    if (there) return there
    const made: Thread = { id, head: undefined, answers: [] }
    by.set(id, made)
    out.push(made)
    return made
  }
  for (const c of all) {
    if (c.reply_to) of(c.reply_to).answers.push(c)
    else of(c.id).head = c
  }
  for (const t of out) t.answers.sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at))
  return out
}
