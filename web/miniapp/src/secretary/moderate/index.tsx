import { useState } from 'react'

import { api, type Row } from '@/api'
import { fromNow } from '@/text/time'
import { Banner, Box, Button, Buttons, Card, Hint, Page, PagedList, Person, Sheet, TextArea, toast, useAction, usePages } from '@/ui'

type Comment = Row<'/moderation/comments'>

const because: Record<string, string> = {
  moderated_first: '这个栏目的评论先审后发', review: '微信建议人工看一看', politics: '微信提示可能涉及时政', unchecked: '暂时没能送微信检查', console: '来自管理后台', reported: '有人举报',
}

/** Comments that wait for a person: let them be seen, or hide them with a reason that their author is told. */
export default function Moderate() {
  const list = usePages('/moderation/comments', { query: { state: 'pending' } })
  const [hiding, hide] = useState<Comment>()
  const [reason, setReason] = useState('')
  const act = useAction(
    (key, id: string, action: 'approve' | 'hide', why: string) => api.post('/comments/{id}/moderate', { path: { id }, body: { action, ...(why ? { reason: why } : {}) }, key }),
    { done: (_, [id, action]) => {
      toast(action === 'approve' ? '已显示' : '已隐藏，并告知作者')
      hide(undefined)
      list.set((list.items ?? []).filter((c) => c.id !== id))
    } },
  )
  return (
    <Page title="审核评论" who="leader" above="desk">
      <PagedList of={list} label="待审核的评论" empty={{ title: '没有待审核的评论', text: '新的评论需要您看时，会出现在这里。' }} row={(c) => (
        <Card label={`${c.author.name}的评论`}>
          <Person name={c.author.name} />
          <Box className="strong">{c.content}</Box>
          <Hint>{c.article ? `《${c.article.title}》 · ` : ''}{fromNow(c.created_at)}</Hint>
          {c.held_because ? <Banner tone="warn">{because[c.held_because] ?? c.held_because}{c.label_name ? `（${c.label_name}）` : ''}{c.reports?.length ? `：${c.reports.join('；')}` : ''}</Banner> : null}
          <Buttons>
            <Button small busy={act.busy} label={`显示${c.author.name}的评论`} onTap={() => void act.act(c.id, 'approve', '')}>显示</Button>
            <Button small kind="plain" disabled={act.busy} label={`隐藏${c.author.name}的评论`} onTap={() => { act.clear(); setReason(''); hide(c) }}>隐藏</Button>
          </Buttons>
        </Card>
      )} />
      {hiding ? (
        <Sheet title="隐藏这条评论" onClose={() => hide(undefined)}>
          <TextArea title="原因（会告诉作者）" id="reason" value={reason} onInput={setReason} most={100} fault={act.fault?.of('reason')} />
          <Button wide kind="danger" busy={act.busy} disabled={reason.trim() === ''} onTap={() => void act.act(hiding.id, 'hide', reason.trim())}>隐藏并告知作者</Button>
        </Sheet>
      ) : null}
    </Page>
  )
}
