import { CheckOutlined, EyeInvisibleOutlined } from '@ant-design/icons'
import { Button, Card, Flex, Tag, Typography } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { api, IDEMPOTENCY } from '~/api/client'
import { useAction, usePages } from '~/api/query'
import { useConfirm, useTell } from '~/ui/buttons'
import { useKeys } from '~/ui/keys'
import { Nothing, Page, ProblemPage } from '~/ui/page'
import { fromNow, when } from '~/ui/time'
import { categoryWords, word } from '~/ui/words'

const why: Record<string, string> = {
  review: '微信内容检测建议人工看', politics: '涉及时政用语，由人来看', unchecked: '微信内容检测暂不可用', console: '在电脑上发表，微信查不了', no_verdict: '微信没有给出结论', too_large: '超出微信能检测的大小',
}

/** The queue of comments that wait for a person: A lets one pass, H hides it with a reason, J and K go down and up. */
export default function Moderation() {
  const tell = useTell()
  const confirm = useConfirm()
  const [at, setAt] = useState(0)
  const list = useRef<HTMLUListElement>(null)
  const pages = usePages(['moderation', 'queue'], (cursor, signal) => api.GET('/api/v1/moderation/comments', { params: { query: { state: 'pending', cursor } }, signal }), { every: 60_000 })
  const act = useAction(
    (input: { id: string; action: 'approve' | 'hide'; reason?: string }, key) =>
      api.POST('/api/v1/comments/{id}/moderate', { params: { path: { id: input.id } }, body: { action: input.action, reason: input.reason }, headers: { [IDEMPOTENCY]: key } }),
    { changes: [['moderation']], done: (_, input) => tell.done(input.action === 'approve' ? '已通过' : '已隐藏，作者能看到理由'), failed: tell.failed },
  )
  const rows = pages.items
  const here = Math.min(at, Math.max(rows.length - 1, 0))
  const row = rows[here]
  const approve = (id: string) => void act.run({ id, action: 'approve' })
  const hide = (id: string) => confirm({
    title: '隐藏这条评论？', ok: '隐藏', danger: true,
    reason: { label: '理由（作者会看到）', required: true, placeholder: '如 含有他人的电话号码' },
    act: (reason) => act.run({ id, action: 'hide', reason }),
  })
  useKeys({
    j: () => setAt(Math.min(here + 1, rows.length - 1)),
    k: () => setAt(Math.max(here - 1, 0)),
    a: () => row && !act.running && approve(row.id),
    h: () => row && !act.running && hide(row.id),
  })
  useEffect(() => {
    list.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [here])
  return (
    <Page title="评论审核" lead="评论通过后才会公开，也才会通知别人。键盘：J 下一条，K 上一条，A 通过，H 隐藏。">
      {pages.problem && rows.length === 0 ? <ProblemPage problem={pages.problem} retry={pages.reload} /> : null}
      {!pages.loading && !pages.problem && rows.length === 0 && <Nothing title="没有等着审核的评论" hint="新的评论到了会出现在这里。" />}
      <ul className="queue" ref={list}>
        {rows.map((comment, i) => (
          <li key={comment.id} aria-current={i === here}>
            <Card size="small" className={i === here ? 'current' : undefined} onClick={() => setAt(i)}>
              <Flex justify="space-between" gap="8px 16px" wrap>
                <div className="queue-text">
                  <Typography.Paragraph className="pre tight">{comment.content}</Typography.Paragraph>
                  <div className="line-note">{comment.author.name} · {comment.author.org?.name} · <span title={when(comment.created_at)}>{fromNow(comment.created_at)}</span></div>
                  <div className="line-note">{comment.article?.title}{comment.article?.category && <Tag className="beside">{word(categoryWords, comment.article.category)}</Tag>}{comment.held_because && <Tag className="beside" color="orange">{word(why, comment.held_because)}</Tag>}</div>
                </div>
                <Flex gap={8} align="center">
                  <Button type={i === here ? 'primary' : 'default'} icon={<CheckOutlined />} disabled={act.running} onClick={() => approve(comment.id)}>通过</Button>
                  <Button danger icon={<EyeInvisibleOutlined />} disabled={act.running} onClick={() => hide(comment.id)}>隐藏…</Button>
                </Flex>
              </Flex>
            </Card>
          </li>
        ))}
      </ul>
      {pages.more && <Flex justify="center" className="more"><Button onClick={pages.loadMore} loading={pages.loadingMore}>再看一页</Button></Flex>}
    </Page>
  )
}
