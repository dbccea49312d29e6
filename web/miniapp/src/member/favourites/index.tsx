import { useState } from 'react'

import { api, type Row as RowOf } from '@/api'
import { go } from '@/nav'
import { ArticleRow, Box, Button, Page, PagedList, useAction, usePages } from '@/ui'

import './index.css'

/** What I kept to read again. What is taken out stays in its place until the page is left, so that it can be put back. */
export default function Favourites() {
  const list = usePages('/me/favorites')
  const [gone, setGone] = useState<readonly string[]>([])
  return (
    <Page title="我的收藏" who="member" above="mine">
      <PagedList
        of={list} label="我的收藏" empty={{ title: '还没有收藏', text: '读文章时点“收藏”，以后在这里就能找到。', action: '去看文章', onAction: () => go('home') }}
        row={(x) => <Kept item={x} gone={gone.includes(x.id)} onChange={(out) => setGone((all) => (out ? [...all, x.id] : all.filter((id) => id !== x.id)))} />}
      />
    </Page>
  )
}

function Kept({ item: x, gone, onChange }: { item: RowOf<'/me/favorites'>; gone: boolean; onChange: (gone: boolean) => void }) {
  const put = useAction((_key, keep: boolean) => api.later(keep ? 'put' : 'delete', '/articles/{id}/favorite', { path: { id: x.id }, label: '收藏', place: `/articles/{id}/favorite:${x.id}` }), { done: (_, [keep]) => onChange(!keep) })
  if (gone) {
    return (
      <Box className="favourites-item favourites-gone" role="status">
        <Box className="row-main hint">已取消收藏《{x.title}》</Box>
        <Button kind="link" busy={put.busy} label={`撤销，重新收藏《${x.title}》`} onTap={() => void put.act(true)}>撤销</Button>
      </Box>
    )
  }
  return (
    <Box className="favourites-item">
      <ArticleRow item={x} />
      <Box className="favourites-end"><Button kind="link" small busy={put.busy} label={`取消收藏《${x.title}》`} onTap={() => void put.act(false)}>取消收藏</Button></Box>
    </Box>
  )
}
