import { useDidShow } from '@tarojs/taro'
import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react'

import { api, asApiError, core, type Answer, type ApiError, type Input, type ListPath, type PathOf, type Row } from '@/api'
import { newKey } from '@/api/key'

import { ErrorState, Skeleton } from './states'
import { toast } from './overlay'

/** One thing that was asked for. */
export interface Loaded<T> {
  data: T | undefined
  error: ApiError | undefined
  loading: boolean
  /** Asks again; what is shown stays until the answer comes. */
  reload: () => Promise<void>
  /** Shows another version at once, such as after a tap. */
  set: (data: T) => void
}

/** Asks when the page opens, when `deps` change and when the page is shown again. `last` gives what may be shown at once. */
export function useLoad<T>(ask: () => Promise<T>, deps: readonly unknown[] = [], o: { last?: () => T | undefined; when?: boolean; onShow?: boolean } = {}): Loaded<T> {
  const { last, when = true, onShow = true } = o
  const [state, setState] = useState<{ data?: T; error?: ApiError; loading: boolean }>(() => ({ data: when ? last?.() : undefined, loading: when }))
  const turn = useRef(0)
  const asking = useRef(ask)
  asking.current = ask
  const reload = useCallback(async () => {
    const mine = ++turn.current
    setState((s) => ({ ...s, loading: true }))
    try {
      const data = await asking.current()
      if (mine === turn.current) setState({ data, loading: false })
    } catch (e) {
      if (mine === turn.current) setState((s) => ({ ...s, error: asApiError(e), loading: false }))
    }
  }, [])
  const first = useRef(true)
  useEffect(() => {
    if (!when) return
    if (!first.current) setState({ data: last?.(), loading: true })
    first.current = false
    void reload()
    return () => {
      turn.current++
    }
    // `deps` is what the caller says it depends on.
  }, [when, reload, ...deps])
  const shown = useRef(false)
  useDidShow(() => {
    if (shown.current && onShow && when && !first.current) void reload()
    shown.current = true
  })
  const set = useCallback((data: T) => {
    turn.current++
    setState({ data, loading: false })
  }, [])
  return { data: state.data, error: state.error, loading: state.loading, reload, set }
}

/** One GET of the contract: what it answered last is shown at once, then what it answers now. */
export function useGet<P extends PathOf<'get'>>(path: P, input?: Omit<Input<'get', P>, never>, o: { when?: boolean } = {}): Loaded<Answer<'get', P>> {
  const i = (input ?? {}) as { path?: Record<string, unknown>; query?: Record<string, unknown> }
  const ask = api.get as (p: P, i: unknown) => Promise<Answer<'get', P>>
  return useLoad(() => ask(path, i), [path, JSON.stringify(i)], { last: () => core.last<Answer<'get', P>>(path, i), when: o.when })
}

/** Draws what was asked for: a skeleton, then the data, or the error with a way on. An error beside older data is said in a line. */
export function Load<T>({ of, skeleton, children }: { of: Loaded<T>; skeleton?: ReactNode; children: (data: T) => ReactNode }) {
  if (of.data !== undefined) {
    return (
      <>
        {of.error && !of.loading ? <ErrorState error={of.error} retry={of.reload} small /> : null}
        {children(of.data)}
      </>
    )
  }
  if (of.error && !of.loading) return <ErrorState error={of.error} retry={of.reload} />
  return <>{skeleton ?? <Skeleton lines={4} />}</>
}

/** A list in pages. */
export interface Paged<T, A = unknown> extends Omit<Loaded<T[]>, 'data'> {
  items: T[] | undefined
  /** The first page as it came, with what it says beside the rows. */
  page: A | undefined
  more: (() => Promise<void>) | undefined
  loadingMore: boolean
}

/** A list of the contract, page after page. It starts anew when the input changes, and when the page is shown again. */
export function usePages<P extends ListPath>(path: P, input?: Omit<Input<'get', P>, never>, o: { when?: boolean } = {}): Paged<Row<P>, Answer<'get', P>> {
  const i = (input ?? {}) as { path?: Record<string, unknown>; query?: Record<string, unknown> }
  type PageOf = { items: Row<P>[]; next_cursor: string }
  const first = useLoad<PageOf>(() => core.call<PageOf>('get', path, i), [path, JSON.stringify(i)], { last: () => core.last<PageOf>(path, i), when: o.when })
  const [rest, setRest] = useState<{ of: unknown; items: Row<P>[]; cursor: string }>({ of: undefined, items: [], cursor: '' })
  const [loadingMore, setLoadingMore] = useState(false)
  const more = rest.of === first.data ? rest : { items: [], cursor: first.data?.next_cursor ?? '' }
  const items = first.data ? [...first.data.items, ...more.items] : undefined
  const next = async () => {
    if (loadingMore) return
    setLoadingMore(true)
    try {
      const p = await core.call<PageOf>('get', path, { ...i, query: { ...i.query, cursor: more.cursor } })
      setRest({ of: first.data, items: [...more.items, ...p.items], cursor: p.next_cursor })
    } catch (e) {
      toast(asApiError(e).message)
    } finally {
      setLoadingMore(false)
    }
  }
  return {
    items, page: first.data as Answer<'get', P> | undefined, error: first.error, loading: first.loading, reload: first.reload, loadingMore, more: more.cursor ? next : undefined,
    set: (list) => first.set({ ...first.data, items: list, next_cursor: more.cursor }),
  }
}

/** Something that changes what the server holds. */
export interface Action<A extends unknown[]> {
  act: (...args: A) => Promise<boolean>
  busy: boolean
  /** The last fault, with its sentences by field: `fault?.of('title')`. */
  fault: ApiError | undefined
  clear: () => void
}

/**
 * Runs once at a time. `run` gets the idempotency key, the same one until this very deed has succeeded, then the arguments. Without `failed` a fault is said in a toast,
 * unless it has sentences for fields, which the form shows. `act` answers whether it succeeded.
 */
export function useAction<A extends unknown[], R>(run: (key: string, ...args: A) => Promise<R>, o: { done?: (answer: NoInfer<R>, args: NoInfer<A>) => unknown; failed?: (e: ApiError) => void } = {}): Action<A> {
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<ApiError>()
  const running = useRef(false)
  const deed = useRef({ of: '', key: '' })
  const act = async (...args: A): Promise<boolean> => {
    if (running.current) return false
    running.current = true
    setBusy(true)
    setFault(undefined)
    const of = JSON.stringify(args)
    if (deed.current.of !== of || deed.current.key === '') deed.current = { of, key: newKey() }
    try {
      const answer = await run(deed.current.key, ...args)
      deed.current.key = ''
      o.done?.(answer, args)
      return true
    } catch (e) {
      const f = asApiError(e)
      if (!f.passing) deed.current.key = '' // the server has answered: another try is another deed
      setFault(f)
      if (o.failed) o.failed(f)
      else if (f.fields.length === 0) toast(f.message)
      return false
    } finally {
      running.current = false
      setBusy(false)
    }
  }
  return { act, busy, fault, clear: () => setFault(undefined) }
}
