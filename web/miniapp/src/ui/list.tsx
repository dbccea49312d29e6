import { Fragment, useEffect, useRef, type ReactNode } from 'react'
import { useReachBottom } from '@tarojs/taro'

import { Box } from './base'
import type { Paged } from './load'
import { Button } from './parts'
import { Empty, ErrorState, Skeleton } from './states'

/** A list in pages: a skeleton first, then rows, more when the end comes near or by the button. */
export function PagedList<T extends object>({ of, row, id, empty, label }: {
  of: Paged<T>
  row: (item: T) => ReactNode
  /** What tells rows apart; `id` when there is none given. */
  id?: (item: T) => string
  empty: { title: string; text?: string; action?: string; onAction?: () => void }
  label: string
}) {
  const { more } = of
  const next = useRef(more)
  next.current = more
  useReachBottom(() => void next.current?.())
  const end = useRef<HTMLElement>(null)
  useEffect(() => {
    if (process.env.TARO_ENV !== 'h5' || !more || !end.current) return
    const seen = new IntersectionObserver((e) => {
      if (e.some((x) => x.isIntersecting)) void next.current?.()
    }, { rootMargin: '300px' })
    seen.observe(end.current)
    return () => seen.disconnect()
  }, [more !== undefined, of.items?.length])
  if (!of.items) return of.error && !of.loading ? <ErrorState error={of.error} retry={() => void of.reload()} /> : <Skeleton cards={3} lines={2} />
  if (of.items.length === 0) return <Empty {...empty} />
  return (
    <Box className="stack" label={label} role="group">
      {of.error && !of.loading ? <ErrorState error={of.error} retry={() => void of.reload()} small /> : null}
      {of.items.map((x, i) => (
        <Fragment key={id ? id(x) : ((x as { id?: string }).id ?? i)}>{row(x)}</Fragment>
      ))}
      {more ? (
        <Box ref={end} className="center">
          <Button kind="plain" busy={of.loadingMore} onTap={() => void more()}>看更多</Button>
        </Box>
      ) : null}
    </Box>
  )
}
