import { keepPreviousData, QueryClient, useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryKey } from '@tanstack/react-query'
import { useRef } from 'react'
import { etagOf } from './client'
import { Keys } from './keys'
import { asProblem, type Problem } from './problem'

/** What openapi-fetch answers, with `data` there because errors are thrown. */
interface Answer<T> {
  data?: T
  response: Response
}

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        refetchOnWindowFocus: true,
        retry: (count, error) => count < 2 && asProblem(error).passing,
      },
    },
  })
}

export interface Loaded<T> {
  data: T | undefined
  /** The version for If-Match, where the answer has one. */
  etag: string | undefined
  problem: Problem | null
  /** Nothing to show yet. */
  loading: boolean
  /** Shown is what was there before; the new answer is under way. */
  refreshing: boolean
  reload: () => void
}

export interface LoadOptions {
  enabled?: boolean
  /** Milliseconds; for what changes while it is looked at. */
  every?: number
  /** Keep showing the former answer while the one for another key is under way; true when left out. */
  keep?: boolean
}

/** useLoad asks once for each key and keeps the answer: `useLoad(['push', id], (signal) => api.GET('/api/v1/pushes/{id}', { params: { path: { id } }, signal }))`. */
export function useLoad<T>(key: QueryKey, ask: (signal: AbortSignal) => Promise<Answer<T>>, options: LoadOptions = {}): Loaded<T> {
  const query = useQuery<{ data: T; etag: string | undefined }, Error>({
    queryKey: key,
    queryFn: async ({ signal }) => {
      const answer = await ask(signal)
      return { data: answer.data as T, etag: etagOf(answer.response) }
    },
    enabled: options.enabled ?? true,
    refetchInterval: options.every ?? false,
    placeholderData: options.keep === false ? undefined : keepPreviousData,
  })
  return {
    data: query.data?.data,
    etag: query.data?.etag,
    problem: query.error ? asProblem(query.error) : null,
    loading: query.isPending && query.fetchStatus !== 'idle',
    refreshing: query.isFetching && !query.isPending,
    reload: () => void query.refetch(),
  }
}

interface PageOf<T> {
  items: T[] | null
  next_cursor: string
}

export interface Pages<T> {
  items: T[]
  problem: Problem | null
  loading: boolean
  refreshing: boolean
  /** Whether there is another page. */
  more: boolean
  loadingMore: boolean
  loadMore: () => void
  reload: () => void
}

/** usePages asks for a list page by page: `usePages(['pushes'], (cursor, signal) => api.GET('/api/v1/pushes', { params: { query: { cursor } }, signal }))`. */
export function usePages<T>(key: QueryKey, ask: (cursor: string | undefined, signal: AbortSignal) => Promise<Answer<PageOf<T>>>, options: LoadOptions = {}): Pages<T> {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: async ({ pageParam, signal }) => (await ask(pageParam || undefined, signal)).data as PageOf<T>,
    initialPageParam: '',
    getNextPageParam: (last) => last.next_cursor || undefined,
    enabled: options.enabled ?? true,
    refetchInterval: options.every ?? false,
    placeholderData: options.keep === false ? undefined : keepPreviousData,
  })
  return {
    items: query.data?.pages.flatMap((page) => page.items ?? []) ?? [],
    problem: query.error ? asProblem(query.error) : null,
    loading: query.isPending && query.fetchStatus !== 'idle',
    refreshing: query.isFetching && !query.isPending,
    more: query.hasNextPage,
    loadingMore: query.isFetchingNextPage,
    loadMore: () => void query.fetchNextPage(),
    reload: () => void query.refetch(),
  }
}

export interface Action<I, O> {
  /** Does it; answers undefined when it failed, and `problem` says why. */
  run: (input: I) => Promise<O | undefined>
  running: boolean
  problem: Problem | null
  forget: () => void
}

export interface ActionOptions<I, O> {
  /** Keys of what has changed; everything that begins with one is asked for again. */
  changes?: QueryKey[]
  done?: (output: O, input: I) => void
  failed?: (problem: Problem, input: I) => void
}

/**
 * useAction is one thing that a person does. It passes an idempotency key that stays the same while the same input is tried again, so that a
 * second try after a lost answer does nothing twice: `useAction((body: Body, key) => api.POST('/api/v1/pushes', { body, headers: { [IDEMPOTENCY]: key } }))`.
 */
export function useAction<I, O>(act: (input: I, key: string) => Promise<Answer<O>>, options: ActionOptions<I, O> = {}): Action<I, O> {
  const keys = useRef<Keys>(undefined)
  keys.current ??= new Keys()
  const client = useQueryClient()
  const mutation = useMutation<O, Error, I>({
    mutationFn: async (input) => (await act(input, keys.current!.for(input))).data as O,
    onSuccess: async (output, input) => {
      keys.current!.done()
      await Promise.all((options.changes ?? []).map((queryKey) => client.invalidateQueries({ queryKey })))
      options.done?.(output, input)
    },
    onError: (error, input) => options.failed?.(asProblem(error), input),
  })
  return {
    run: (input) => mutation.mutateAsync(input).catch(() => undefined),
    running: mutation.isPending,
    problem: mutation.error ? asProblem(mutation.error) : null,
    forget: () => mutation.reset(),
  }
}
