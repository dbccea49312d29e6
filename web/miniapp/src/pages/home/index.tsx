import { useState } from 'react'

import { useMe } from '@/me'
import { go } from '@/nav'
import { toSignIn, useSession } from '@/session'
import { categoryWords } from '@/text/words'
import { ArticleRow, Banner, Box, Heading, Icon, Page, PagedList, Press, Segments, useGet, usePages } from '@/ui'

import { Now } from './now'

const categories = [{ value: '', text: '全部' }, ...Object.entries(categoryWords).map(([value, text]) => ({ value, text }))]

/** What is for me now, then what is published, by category. A stranger reads what is public. */
export default function Home() {
  const { starting } = useSession()
  const { me, bound, leads } = useMe()
  const [category, setCategory] = useState('')
  const feed = usePages('/feed', { query: { category: category || undefined, limit: 20 } }, { when: !starting })
  const ids = (feed.items ?? []).slice(0, 100).map((x) => x.id).join(',')
  const marks = useGet('/feed/marks', { query: { ids } }, { when: bound && ids !== '' })
  const read = new Map((marks.data?.items ?? []).map((x) => [x.id, x.read_percent]))
  return (
    <Page title="首页" tab end={<Press className="bar-icon" label="搜索" onTap={() => go('search')}><Icon name="search" /></Press>}>
      {!me ? <Banner action="登录" onAction={toSignIn}>登录后可答复会议、提意见建议、留下学习记录。</Banner> : null}
      {me && !bound ? <Banner action="去绑定" onAction={() => go('bind')}>绑定身份后，可以看到支部的通知和会议。</Banner> : null}
      {me && bound && me.consent_required ? <Banner tone="warn" action="去阅读" onAction={() => go('consent')}>个人信息告知书有更新，请先阅读。</Banner> : null}
      {me && bound && !me.consent_required ? <Now key={me.id} /> : null}
      {leads ? <Banner action="打开" onAction={() => go('desk')}>支部工作台：发动态、开会、办建议</Banner> : null}
      <Box className="home-feed"><Heading level={2}>学习与动态</Heading></Box>
      <Segments label="栏目" value={category} onChange={setCategory} options={categories} />
      <PagedList
        of={feed} label="学习与动态" row={(x) => <ArticleRow item={x} percent={read.get(x.id)} />}
        empty={{ title: '这个栏目还没有内容', text: '有新内容时会出现在这里。', action: category ? '看全部' : undefined, onAction: () => setCategory('') }}
      />
    </Page>
  )
}
