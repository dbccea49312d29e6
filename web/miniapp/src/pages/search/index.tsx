import { useState } from 'react'

import { device } from '@/platform/storage'
import { categoryWords } from '@/text/words'
import { ArticleRow, Box, Button, Card, Hint, Line, Page, PagedList, Segments, usePages, useParams } from '@/ui'

const kept = 'searched'
const categories = [{ value: '', text: '全部' }, ...Object.entries(categoryWords).map(([value, text]) => ({ value, text }))]

/** Finds articles by a word or a sentence. What was sought is kept on this device alone. */
export default function Search() {
  const { q: first = '' } = useParams()
  const [text, setText] = useState(first)
  const [q, setQ] = useState(first)
  const [category, setCategory] = useState('')
  const [before, setBefore] = useState(() => device.get<string[]>(kept) ?? [])
  const hits = usePages('/search', { query: { q, category: category || undefined } }, { when: q !== '' })
  const seek = (what: string) => {
    const wanted = what.trim()
    if (!wanted) return
    setText(wanted)
    setQ(wanted)
    const list = [wanted, ...before.filter((x) => x !== wanted)].slice(0, 6)
    setBefore(list)
    device.set(kept, list)
  }
  return (
    <Page title="搜索">
      <Box className="search-line" role="search">
        <Line kind="search" value={text} onInput={setText} onEnter={() => seek(text)} placeholder="如：康复、减负、党章" label="搜索内容" most={100} />
        <Button disabled={!text.trim()} onTap={() => seek(text)}>搜索</Button>
      </Box>
      {q === '' ? (
        before.length > 0 ? (
          <Card title="最近搜过">
            <Segments label="最近搜过" value="" onChange={seek} options={before.map((x) => ({ value: x, text: x }))} />
            <Button
              kind="link"
              onTap={() => {
                device.remove(kept)
                setBefore([])
              }}
            >
              清除
            </Button>
          </Card>
        ) : <Hint>可以搜标题、正文和文号。</Hint>
      ) : (
        <>
          <Segments label="栏目" value={category} onChange={setCategory} options={categories} />
          <PagedList
            of={hits} label="搜索结果" row={(x) => <ArticleRow item={x} highlight={x.highlight} />}
            empty={{ title: '没有找到', text: '换一个更短的词试试。', action: category ? '在全部栏目中找' : undefined, onAction: () => setCategory('') }}
          />
        </>
      )}
    </Page>
  )
}
