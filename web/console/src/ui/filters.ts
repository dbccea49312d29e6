import { useCallback, useMemo } from 'react'
import { useSearchParams } from 'react-router'

/**
 * useFilters keeps what a list is filtered by in the address, so that it can be bookmarked and shared. Given are the names with their defaults;
 * what equals its default is left out of the address. Other parameters, such as the branch, stay.
 */
export function useFilters<T extends Record<string, string>>(defaults: T): [T, (change: Partial<T>) => void, () => void] {
  const [query, setQuery] = useSearchParams()
  const key = JSON.stringify(defaults)
  const filters = useMemo(() => read(JSON.parse(key) as T, query), [key, query])
  const change = useCallback(
    (part: Partial<T>) => setQuery((now) => written(now, JSON.parse(key) as T, part), { replace: true }),
    [key, setQuery],
  )
  const clear = useCallback(() => setQuery((now) => written(now, JSON.parse(key) as T, JSON.parse(key) as T), { replace: true }), [key, setQuery])
  return [filters, change, clear]
}

export function read<T extends Record<string, string>>(defaults: T, query: URLSearchParams): T {
  return Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, query.get(name) ?? value])) as T
}

export function written<T extends Record<string, string>>(query: URLSearchParams, defaults: T, part: Partial<T>): URLSearchParams {
  const next = new URLSearchParams(query)
  for (const [name, value] of Object.entries(part)) {
    if (value === undefined || value === defaults[name]) next.delete(name)
    else next.set(name, value)
  }
  return next
}
