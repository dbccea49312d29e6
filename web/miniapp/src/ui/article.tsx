import { fromNow } from '@/text/time'
import { categoryWords, word } from '@/text/words'
import type { Schema } from '@/api'

import { Box, Html } from './base'
import { Row, Tag } from './parts'

/** One article in a list. `highlight` is the server's excerpt with what was sought. */
export function ArticleRow({ item, percent, highlight, note }: { item: Schema<'FeedItem'>; percent?: number; highlight?: string; note?: string }) {
  const parts = [item.org.name, item.published_at ? fromNow(item.published_at) : '', `约 ${Math.max(1, item.reading_minutes)} 分钟`]
  return (
    <Row
      to="article" params={{ id: item.id }}
      title={<Box className="strong">{item.title}</Box>}
      text={
        <>
          {highlight ? <Html html={highlight} className="excerpt" /> : null}
          <Box className="tags">
            <Tag>{word(categoryWords, item.category)}</Tag>
            {item.pinned ? <Tag tone="accent">置顶</Tag> : null}
            {item.required ? <Tag tone="warn">必读</Tag> : null}
            {percent === 100 ? <Tag tone="good">已读</Tag> : percent ? <Tag>读到 {percent}%</Tag> : null}
          </Box>
          {note ? <Box>{note}</Box> : null}
          <Box>{parts.filter(Boolean).join(' · ')}</Box>
        </>
      }
    />
  )
}
