import type { ReactNode } from 'react'

import { asApiError, type ApiError } from '@/api'

import { Box, Text } from './base'
import { Button } from './parts'

/** The shape of what is coming. */
export function Skeleton({ lines = 3, cards = 1 }: { lines?: number; cards?: number }) {
  return (
    <Box className="stack" role="status" label="正在加载">
      {Array.from({ length: cards }, (_, c) => (
        <Box key={c} className="card" hidden>
          {Array.from({ length: lines }, (_, i) => (
            <Box key={i} className={`bone bone-${i % 4}`} />
          ))}
        </Box>
      ))}
    </Box>
  )
}

/** Nothing here: says so, and what can be done. */
export function Empty({ title, text, action, onAction, children }: { title: string; text?: string; action?: string; onAction?: () => void; children?: ReactNode }) {
  return (
    <Box className="state">
      <Box className="state-title">{title}</Box>
      {text ? <Box className="hint">{text}</Box> : null}
      {action && onAction ? <Button kind="plain" onTap={onAction}>{action}</Button> : null}
      {children}
    </Box>
  )
}

/** It did not succeed: the reason, and a button to try again. */
export function ErrorState({ error, retry, small }: { error: ApiError | unknown; retry?: () => void; small?: boolean }) {
  const e = asApiError(error)
  const gone = e.status === 404
  if (small) {
    return (
      <Box className="banner" role="status">
        <Text>{e.code === 'offline' ? '网络不通，以下是上次的内容。' : `${e.message}以下是上次的内容。`}</Text>
        {retry ? <Button kind="link" onTap={retry}>重试</Button> : null}
      </Box>
    )
  }
  return (
    <Box className="state" role="alert">
      <Box className="state-title">{gone ? '没有找到' : e.code === 'offline' ? '网络不通' : '没有打开'}</Box>
      <Box className="hint">{e.message}</Box>
      {retry && !gone ? <Button kind="plain" onTap={retry}>重试</Button> : null}
    </Box>
  )
}
