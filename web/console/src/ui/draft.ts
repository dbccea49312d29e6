import { useCallback, useEffect, useRef, useState } from 'react'

const PREFIX = 'zhibu.console.draft.'
const KEPT = 30 * 24 * 3600 * 1000

interface Kept<T> {
  at: number
  value: T
}

export function readDraft<T>(name: string, now = Date.now()): Kept<T> | null {
  try {
    const kept = JSON.parse(localStorage.getItem(PREFIX + name) ?? 'null') as Kept<T> | null
    return kept && now - kept.at < KEPT ? kept : null
  } catch {
    return null
  }
}

/** Drafts are kept in the browser alone, and go with the session: the next person at this computer finds none. */
export function forgetAllDrafts(): void {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key)
  } catch {
    // A browser without storage has no drafts.
  }
}

export interface Draft<T> {
  /** What was left here the last time, to be offered and not forced; null once taken or refused. */
  found: Kept<T> | null
  /** Call it with every change; it is written a second later. */
  save: (value: T) => void
  /** Call it when the server has taken it, or the person refuses what was found. */
  forget: () => void
  /** Call it when the person takes what was found. */
  take: () => void
  /** When it was last written, for "草稿已保存 19:30". */
  savedAt: number | null
}

/** useDraft keeps unsent work; name it by the page and the object: `article.new.<branch>`, `minutes.<id>`. */
export function useDraft<T>(name: string): Draft<T> {
  const [found, setFound] = useState<Kept<T> | null>(() => readDraft<T>(name))
  const [savedAt, setSavedAt] = useState<number | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const waiting = useRef<(() => void) | null>(null)

  const flush = useCallback(() => {
    clearTimeout(timer.current)
    waiting.current?.()
    waiting.current = null
  }, [])
  useEffect(() => flush, [flush])
  useEffect(() => {
    window.addEventListener('pagehide', flush)
    return () => window.removeEventListener('pagehide', flush)
  }, [flush])

  const save = useCallback(
    (value: T) => {
      clearTimeout(timer.current)
      waiting.current = () => {
        try {
          const at = Date.now()
          localStorage.setItem(PREFIX + name, JSON.stringify({ at, value }))
          setSavedAt(at)
        } catch {
          // A full or forbidden storage: the guard against leaving still warns.
        }
      }
      timer.current = setTimeout(flush, 1000)
    },
    [flush, name],
  )
  const forget = useCallback(() => {
    clearTimeout(timer.current)
    waiting.current = null
    setFound(null)
    setSavedAt(null)
    try {
      localStorage.removeItem(PREFIX + name)
    } catch {
      // There was none.
    }
  }, [name])
  return { found, save, forget, take: useCallback(() => setFound(null), []), savedAt }
}
