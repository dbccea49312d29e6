import { useEffect, useSyncExternalStore, type ReactNode } from 'react'

import { Box, Heading } from './base'
import { Button, Buttons } from './parts'

/** A question before something that hurts or cannot be undone. */
export interface Question {
  title: string
  text?: ReactNode
  /** The deed by its name: 取消会议, never 确定. */
  ok: string
  cancel?: string
  danger?: boolean
}

interface Overlays {
  toast: string
  question: (Question & { answer: (yes: boolean) => void }) | undefined
}

let now: Overlays = { toast: '', question: undefined }
let timer: ReturnType<typeof setTimeout> | undefined
const watching = new Set<() => void>()

function set(part: Partial<Overlays>): void {
  now = { ...now, ...part }
  for (const f of watching) f()
}

/** Says in a line what was done or why not; gone by itself. */
export function toast(text: string): void {
  clearTimeout(timer)
  set({ toast: text })
  timer = setTimeout(() => set({ toast: '' }), 2500 + text.length * 80)
}

/** Asks, and answers whether to go on. */
export function confirm(q: Question): Promise<boolean> {
  now.question?.answer(false)
  return new Promise((answer) => set({ question: { ...q, answer } }))
}

function settle(yes: boolean): void {
  const q = now.question
  set({ question: undefined })
  q?.answer(yes)
}

function watch(f: () => void): () => void {
  watching.add(f)
  return () => watching.delete(f)
}

/** Drawn by Page, on the page that is shown. */
export function Overlay() {
  const { toast: text, question } = useSyncExternalStore(watch, () => now)
  return (
    <>
      <Box className={text ? 'toast' : 'toast toast-none'} role="status" live="polite">{text}</Box>
      {question ? (
        <Sheet title={question.title} onClose={() => settle(false)} kind="dialog">
          {question.text ? <Box className="dialog-text">{question.text}</Box> : null}
          <Buttons>
            <Button kind="plain" onTap={() => settle(false)}>{question.cancel ?? '再想想'}</Button>
            <Button kind={question.danger ? 'danger' : 'primary'} onTap={() => settle(true)}>{question.ok}</Button>
          </Buttons>
        </Sheet>
      ) : null}
    </>
  )
}

/** A part that comes up over the page, with its own way out. */
export function Sheet({ title, children, onClose, kind = 'sheet' }: { title: string; children: ReactNode; onClose: () => void; kind?: 'sheet' | 'dialog' }) {
  useEffect(() => {
    if (process.env.TARO_ENV !== 'h5') return
    const before = document.activeElement as HTMLElement | null
    const box = Array.from(document.querySelectorAll<HTMLElement>('.sheet')).pop()
    box?.querySelector<HTMLElement>('input, textarea, select, button:not(.sheet-close)')?.focus()
    const keys = (e: KeyboardEvent) => {
      if (e.key === 'Escape') onClose()
      if (e.key !== 'Tab' || !box) return
      const all = Array.from(box.querySelectorAll<HTMLElement>('button:not(:disabled), input, textarea, select, a[href]'))
      const edge = e.shiftKey ? all[0] : all[all.length - 1]
      if (document.activeElement !== edge) return
      e.preventDefault()
      all[e.shiftKey ? all.length - 1 : 0]?.focus()
    }
    document.addEventListener('keydown', keys)
    return () => {
      document.removeEventListener('keydown', keys)
      before?.focus?.()
    }
    // The focus moves once, when it opens.
  }, [])
  return (
    <Box className={`veil veil-${kind}`}>
      <Box className="veil-back" onTap={onClose} />
      <Box className={`sheet sheet-${kind}`} role="dialog" label={title}>
        <Box className="sheet-head">
          <Heading level={2}>{title}</Heading>
          {kind === 'sheet' ? <Button kind="link" onTap={onClose}>关闭</Button> : null}
        </Box>
        {children}
      </Box>
    </Box>
  )
}
