import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { api, etagOf } from '~/api/client'
import { asProblem, type Problem } from '~/api/problem'
import { useDraft } from '~/ui/draft'
import { bodyOf, clean, merge, placeOf, sameText, textOf, type Minutes, type Part, type Text } from './minutes-text'

/** After so long without a key what was written goes to the server. */
const QUIET = 2500

export interface Dispute {
  parts: Part[]
  theirs: Text
}

/**
 * useMinutes holds the text while it is written and brings it to the server by itself. What the other of the two hands wrote meanwhile is taken
 * over; where both changed the same part, nothing is sent until a person has decided. Signed minutes are not sent by themselves, since a change
 * takes the signature back.
 */
export function useMinutes(id: string, loaded: Minutes, loadedTag: string | undefined) {
  const queries = useQueryClient()
  const draft = useDraft<Text>(`minutes.${id}`)
  const [text, setText] = useState<Text>(() => textOf(loaded))
  const [base, setBase] = useState<Text>(() => textOf(loaded))
  const [dispute, setDispute] = useState<Dispute | null>(null)
  const [taken, setTaken] = useState<Part[]>([])
  const [problem, setProblem] = useState<Problem | null>(null)
  const [saving, setSaving] = useState(false)
  const [savedAt, setSavedAt] = useState<number | null>(null)
  const tag = useRef(loadedTag)
  const state = useRef(loaded.state)
  const now = useRef({ text, base, dispute })
  now.current = { text, base, dispute }
  const dirty = !sameText(text, base)
  const keep = draft.save

  const change = useCallback((part: Partial<Text>) => {
    setText((old) => {
      const next = { ...old, ...part }
      keep(next)
      return next
    })
    setProblem(null)
  }, [keep])

  /** Takes in what the server has, beside what stands here. */
  const adopt = useCallback((theirs: Minutes, etag: string | undefined) => {
    const { text: mine, base: from } = now.current
    const other = textOf(theirs)
    const merged = merge(from, mine, other)
    tag.current = etag
    state.current = theirs.state
    setBase(other)
    setText(sameText(mine, from) ? other : merged.text)
    if (merged.disputed.length > 0) setDispute({ parts: merged.disputed, theirs: other })
    setTaken((before) => (sameText(mine, from) ? before : [...new Set([...before, ...merged.taken])]))
    return merged
  }, [])

  // Asked for again in the background, or changed by attendance and votes: a newer text is taken in.
  useEffect(() => {
    if (loadedTag === undefined || loadedTag === tag.current || saving) return
    if (version(loadedTag) <= version(tag.current)) return
    adopt(loaded, loadedTag)
  }, [loadedTag, loaded, saving, adopt])

  const forget = draft.forget
  const save = useCallback(async (): Promise<boolean> => {
    const sent = now.current.text
    setSaving(true)
    setProblem(null)
    try {
      const answer = await api.PUT('/api/v1/meetings/{id}/minutes', { params: { path: { id }, header: { 'If-Match': tag.current } }, body: bodyOf(sent) })
      const view = answer.data as Minutes
      tag.current = etagOf(answer.response)
      state.current = view.state
      setBase(clean(sent))
      setSavedAt(Date.now())
      if (sameText(now.current.text, sent)) forget()
      queries.setQueryData(['minutes', id], { data: view, etag: tag.current })
      void queries.invalidateQueries({ queryKey: ['minutes', id, 'state'] })
      return true
    } catch (error) {
      const failed = asProblem(error)
      if (failed.status === 412) {
        try {
          const fresh = await api.GET('/api/v1/meetings/{id}/minutes', { params: { path: { id } } })
          adopt(fresh.data as Minutes, etagOf(fresh.response))
          queries.setQueryData(['minutes', id], { data: fresh.data, etag: etagOf(fresh.response) })
        } catch (again) {
          setProblem(asProblem(again))
        }
      } else setProblem(failed)
      return false
    } finally {
      setSaving(false)
    }
  }, [adopt, forget, id, queries])

  const byItself = dirty && !saving && !dispute && !problem && loaded.state === 'draft'
  useEffect(() => {
    if (!byItself) return undefined
    const timer = setTimeout(() => void save(), QUIET)
    return () => clearTimeout(timer)
  }, [byItself, text, save])

  /** A person has decided what stands, part by part. */
  const settle = (part: Part, side: 'mine' | 'theirs') => {
    if (!dispute) return
    if (side === 'theirs') change({ [part]: dispute.theirs[part] })
    const rest = dispute.parts.filter((one) => one !== part)
    setDispute(rest.length > 0 ? { ...dispute, parts: rest } : null)
  }

  const faultOf = (field: string) => problem?.fields.find((fault) => placeOf(fault.field, text) === field)?.detail
  return { text, change, dirty, saving, savedAt, problem, setProblem, save, dispute, settle, taken, forgetTaken: () => setTaken([]), draft, faultOf, tag: () => tag.current }
}

function version(tag: string | undefined): number {
  return Number(/\d+/.exec(tag ?? '')?.[0] ?? -1)
}
