import './detail.css'

import { useEffect, useState } from 'react'

import { api, type Schema } from '@/api'
import { useMe } from '@/me'
import { changeLook, useLook } from '@/platform/look'
import { day, fullDay, fromNow } from '@/text/time'
import { categoryWords, word } from '@/text/words'
import { ArticleRow, Banner, Box, Button, Buttons, Card, FileButton, Heading, Hint, LinkButton, Load, Page, RichText, Rows, Tag, Text, useAction, useGet, useParams, useShare } from '@/ui'

import { Claim } from './claim'
import { Comments } from './comments'
import { Listen } from './listen'
import { useProgress } from './progress'

type Article = Schema<'ArticleView'>
type Marks = Schema<'MarkView'>

/** One article: key points first, large text, how far it was read, 单位已学, comments. */
export default function ArticlePage() {
  const { id = '' } = useParams()
  const { bound } = useMe()
  const article = useGet('/articles/{id}', { path: { id } }, { when: id !== '' })
  const marks = useGet('/feed/marks', { query: { ids: id } }, { when: bound && id !== '' })
  const { large } = useLook()
  useShare(article.data?.title, 'article', { id })
  return (
    <Page title="学习" end={<Button kind="link" pressed={large} label="大字" onTap={() => changeLook({ large: !large })}>{large ? '标准字' : '大字'}</Button>}>
      <Load of={article}>{(a) => <Body a={a} marks={marks.data?.items[0]} />}</Load>
    </Page>
  )
}

function Body({ a, marks }: { a: Article; marks: Marks | undefined }) {
  const { bound } = useMe()
  const [mine, setMine] = useState(marks)
  useEffect(() => setMine(marks), [marks])
  const percent = useProgress(a.id, `text-${a.id}`, { ready: true, begun: marks?.read_percent ?? 0, tell: bound && marks !== undefined })
  const minutes = Math.max(1, a.reading_minutes)
  return (
    <>
      <Box className="article-progress" role="progressbar" label={`已读 ${percent}%`}><Box className="article-done" style={{ width: `${percent}%` }} /></Box>
      <Box>
        <Heading level={2} className="article-title">{a.title}</Heading>
        <Box className="tags">
          <Tag>{word(categoryWords, a.category)}</Tag>
          {a.required ? <Tag tone="warn">必读{a.due_at ? `，${day(a.due_at)}前` : ''}</Tag> : null}
          {mine?.claimed ? <Tag tone="good">单位已学</Tag> : percent === 100 ? <Tag tone="good">已读完</Tag> : null}
        </Box>
        <Hint>{[a.org.name, a.published_at ? fromNow(a.published_at) : '', `约 ${minutes} 分钟`].filter(Boolean).join(' · ')}</Hint>
      </Box>
      {a.status === 'withdrawn' ? <Banner tone="warn">本文已撤回，仅供参考。</Banner> : null}
      {a.corrections.map((c) => <Banner key={c.at} tone="warn"><Text strong>更正说明（{fromNow(c.at)}）：</Text>{c.text}</Banner>)}
      {a.key_points.length > 0 ? (
        <Card title="要点" tone="accent">
          <Box className="article-points">
            {a.key_points.map((k, i) => (
              <Box key={k} className="article-point"><Text className="article-number" hidden>{i + 1}.</Text><Box className="row-main">{k}</Box></Box>
            ))}
          </Box>
        </Card>
      ) : null}
      <Box as="article" id={`text-${a.id}`} className="card"><RichText html={a.body_html} /></Box>
      {a.source ? (
        <Card title="来源">
          <Box>{a.source.name}{a.source.date ? `，${fullDay(a.source.date)}` : ''}{a.doc_no ? `，${a.doc_no}` : ''}</Box>
          {a.source.url ? <LinkButton url={a.source.url}>查看原文</LinkButton> : null}
        </Card>
      ) : null}
      {a.attachments.length > 0 ? (
        <Card title="附件">
          <Box className="stack">{a.attachments.map((f) => <FileButton key={f.id} path={f.url} name={f.name}>{`${f.name}（${size(f.size)}）`}</FileButton>)}</Box>
        </Card>
      ) : null}
      <Buttons>
        {mine ? <Mark on={mine.liked} path="/articles/{id}/like" id={a.id} words={['赞同', '已赞同']} count={a.counts.likes - (marks?.liked ? 1 : 0) + (mine.liked ? 1 : 0)} onMarks={(on) => setMine({ ...mine, liked: on })} /> : null}
        {mine ? <Mark on={mine.favorited} path="/articles/{id}/favorite" id={a.id} words={['收藏', '已收藏']} onMarks={(on) => setMine({ ...mine, favorited: on })} /> : null}
        {mine ? <Claim id={a.id} marks={mine} onMarks={setMine} /> : null}
        <Listen id={a.id} />
      </Buttons>
      <Comments id={a.id} />
      <Related id={a.id} />
    </>
  )
}

function Mark({ on, path, id, words, count, onMarks }: { on: boolean; path: '/articles/{id}/like' | '/articles/{id}/favorite'; id: string; words: [string, string]; count?: number; onMarks: (on: boolean) => void }) {
  const put = useAction((_key, wanted: boolean) => api.later(wanted ? 'put' : 'delete', path, { path: { id }, label: words[0], place: `${path}:${id}` }), { done: (_, [wanted]) => onMarks(wanted) })
  return (
    <Button kind="plain" pressed={on} disabled={put.busy} label={`${words[0]}${count === undefined ? '' : `，${count} 人`}`} onTap={() => void put.act(!on)}>
      {words[on ? 1 : 0]}{count ? ` ${count}` : ''}
    </Button>
  )
}

function Related({ id }: { id: string }) {
  const related = useGet('/articles/{id}/related', { path: { id } })
  const items = (related.data?.items ?? []).slice(0, 3)
  return items.length > 0 ? <Card title="相关内容"><Rows label="相关内容">{items.map((x) => <ArticleRow key={x.id} item={x} />)}</Rows></Card> : null
}

function size(bytes: number): string {
  return bytes < 1 << 20 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / (1 << 20)).toFixed(1)} MB`
}
