import { useState } from 'react'

import { api, type Schema } from '@/api'
import { useMe } from '@/me'
import { go } from '@/nav'
import { toSignIn } from '@/session'
import { fromNow } from '@/text/time'
import { Box, Button, Buttons, Card, confirm, Empty, ErrorState, Field, Hint, Person, Segments, Sheet, Skeleton, Tag, TextArea, toast, useAction, usePages } from '@/ui'

import { threads } from './threads'

type Comment = Schema<'CommentView'>

const usual = ['与内容无关', '不友善', '涉及他人隐私', '不实信息'] as const

/** What readers say: threads of one level, in pages. */
export function Comments({ id }: { id: string }) {
  const { me, bound } = useMe()
  const list = usePages('/articles/{id}/comments', { path: { id }, query: { limit: 30 } })
  const [answering, setAnswering] = useState<Comment>()
  const [reporting, setReporting] = useState<Comment>()
  const open = list.page?.open ?? false
  if (list.page && !open) return <Card title="评论"><Hint>本篇未开放评论。有想法可以提一条意见建议。</Hint><Button kind="plain" onTap={() => go('suggest')}>提意见建议</Button></Card>
  const all = threads(list.items ?? [])
  return (
    <Card title="评论">
      {open && bound ? <Write id={id} onWritten={() => void list.reload()} /> : null}
      {open && !bound ? <Button kind="plain" wide onTap={() => (me ? go('bind') : toSignIn())}>{me ? '绑定身份后评论' : '登录后评论'}</Button> : null}
      {list.items === undefined ? (list.error && !list.loading ? <ErrorState error={list.error} retry={() => void list.reload()} /> : <Skeleton lines={3} />) : null}
      {list.items && all.length === 0 ? <Empty title="还没有评论" text={open && bound ? '说说您的想法，或科室里的做法。' : undefined} /> : null}
      <Box className="article-comments">
        {all.map((t) => (
          <Box key={t.id} className="article-thread">
            {t.head ? <One c={t.head} mine={t.head.author.id === me?.id} can={bound} onAnswer={setAnswering} onReport={setReporting} onGone={() => void list.reload()} /> : <Hint>这条评论已删除。</Hint>}
            {t.answers.length > 0 ? (
              <Box className="article-answers">
                {t.answers.map((c) => (
                  <One key={c.id} c={c} mine={c.author.id === me?.id} can={bound} onAnswer={setAnswering} onReport={setReporting} onGone={() => void list.reload()} />
                ))}
              </Box>
            ) : null}
          </Box>
        ))}
      </Box>
      {list.more ? <Button kind="plain" wide busy={list.loadingMore} onTap={() => void list.more?.()}>看更多评论</Button> : null}
      {answering ? (
        <Sheet title={`回复 ${answering.author.name}`} onClose={() => setAnswering(undefined)}>
          <Write
            id={id} to={answering}
            onWritten={() => {
              setAnswering(undefined)
              void list.reload()
            }}
          />
        </Sheet>
      ) : null}
      {reporting ? <Report c={reporting} onClose={() => setReporting(undefined)} /> : null}
    </Card>
  )
}

function Write({ id, to, onWritten }: { id: string; to?: Comment; onWritten: () => void }) {
  const [content, setContent] = useState('')
  const send = useAction((key) => api.later('post', '/articles/{id}/comments', { path: { id }, body: { content: content.trim(), ...(to ? { reply_to: to.id } : {}) }, key, label: '评论' }), {
    done: (sent) => {
      setContent('')
      toast(sent.waiting ? '网络恢复后自动发出' : sent.answer.state === 'pending' ? '已提交，审核后显示' : '已发表')
      onWritten()
    },
  })
  return (
    <Box className="stack">
      <TextArea id={to ? 'answer' : 'content'} title={to ? '回复' : '写评论'} value={content} most={500} rows={to ? 4 : 2} onInput={setContent} placeholder="请友善交流，不写患者信息" fault={send.fault?.of('content')} />
      {content.trim() || to ? <Button kind={to ? 'primary' : 'plain'} wide busy={send.busy} disabled={!content.trim()} onTap={() => void send.act()}>发表</Button> : null}
    </Box>
  )
}

function One({ c, mine, can, onAnswer, onReport, onGone }: { c: Comment; mine: boolean; can: boolean; onAnswer: (c: Comment) => void; onReport: (c: Comment) => void; onGone: () => void }) {
  const [liked, setLiked] = useState(c.liked ?? false)
  const [likes, setLikes] = useState(c.likes)
  const like = useAction((_key, on: boolean) => (on ? api.put('/comments/{id}/like', { path: { id: c.id } }) : api.delete('/comments/{id}/like', { path: { id: c.id } })), {
    done: (_, [on]) => {
      setLiked(on)
      setLikes((n) => n + (on ? 1 : -1))
    },
  })
  const remove = useAction((_key) => api.delete('/comments/{id}', { path: { id: c.id } }), { done: onGone })
  const ask = async () => {
    if (await confirm({ title: '删除这条评论？', text: '删除后不能恢复。', ok: '删除', danger: true })) await remove.act()
  }
  return (
    <Box className="article-comment">
      <Person name={c.author.name} org={c.author.org?.name} />
      <Box className="article-words">{c.content}</Box>
      <Hint>{fromNow(c.created_at)}{c.state === 'pending' ? ' · ' : ''}{c.state === 'pending' ? <Tag tone="warn">审核中，仅您可见</Tag> : null}</Hint>
      {can && c.state === 'visible' ? (
        <Buttons>
          <Button kind="link" pressed={liked} busy={like.busy} label={`${liked ? '取消赞同' : '赞同'}，${likes} 人`} onTap={() => void like.act(!liked)}>{liked ? '已赞同' : '赞同'} {likes > 0 ? likes : ''}</Button>
          <Button kind="link" onTap={() => onAnswer(c)}>回复</Button>
          {mine ? <Button kind="link" onTap={() => void ask()}>删除</Button> : <Button kind="link" onTap={() => onReport(c)}>举报</Button>}
        </Buttons>
      ) : mine ? <Buttons><Button kind="link" onTap={() => void ask()}>删除</Button></Buttons> : null}
    </Box>
  )
}

function Report({ c, onClose }: { c: Comment; onClose: () => void }) {
  const [reason, setReason] = useState('')
  const send = useAction((key) => api.post('/comments/{id}/report', { path: { id: c.id }, body: { reason: reason.trim() }, key }), {
    done: () => {
      toast('已转交审核，感谢您的提醒')
      onClose()
    },
  })
  return (
    <Sheet title="举报评论" onClose={onClose}>
      <Hint>审核人员不会知道是谁举报的。</Hint>
      <Segments label="常见原因" value={reason} onChange={setReason} options={usual.map((text) => ({ value: text as string, text }))} />
      <Field id="reason" title="原因" value={reason} most={200} onInput={setReason} fault={send.fault?.of('reason')} />
      <Button wide busy={send.busy} disabled={!reason.trim()} onTap={() => void send.act()}>举报</Button>
    </Sheet>
  )
}
