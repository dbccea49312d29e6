import { Alert, Button, Card, Flex, Tag, Typography } from 'antd'
import { useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { api } from '~/api/client'
import { useAction, useLoad, usePages } from '~/api/query'
import type { components } from '~/api/schema'
import { useConfirm, useTell } from '~/ui/buttons'
import { useLinkTo } from '~/ui/link'
import { Load, Nothing, Page, ProblemPage } from '~/ui/page'
import { when } from '~/ui/time'
import './content.css'

type Revision = components['schemas']['RevisionView']

const fieldWords: Record<string, string> = { title: '标题', digest: '摘要', key_points: '要点', body: '正文' }
const kindWords: Record<string, string> = { added: '加了', removed: '删了', changed: '改了' }

/** Every edit of an article, the newest first: what it changed, and the way back to it. */
export default function ArticleRevisions() {
  const { id = '' } = useParams()
  const tell = useTell()
  const confirm = useConfirm()
  const go = useNavigate()
  const to = useLinkTo()
  const [open, setOpen] = useState(0)
  const article = useLoad(['article', id], (signal) => api.GET('/api/v1/articles/{id}', { params: { path: { id } }, signal }))
  const pages = usePages<Revision>(['article', id, 'revisions'], (cursor, signal) => api.GET('/api/v1/articles/{id}/revisions', { params: { path: { id }, query: { cursor } }, signal }))
  const restore = useAction(
    (row: Revision) => api.PATCH('/api/v1/articles/{id}', { params: { path: { id }, header: { 'If-Match': article.etag } }, body: { title: row.title, digest: row.digest, key_points: row.key_points, body_html: row.body_html } }),
    {
      changes: [['article', id], ['articles']],
      done: () => { tell.done('已恢复，成为最新的一次修改'); void go(to(`/content/${id}`)) },
      failed: (problem) => {
        if (problem.status === 412) { tell.note('文章刚刚又有改动，已重新载入，请再看一眼'); article.reload(); pages.reload() } else tell.failed(problem)
      },
    },
  )
  const newest = pages.items[0]?.version
  const title = article.data?.title ?? ''
  return (
    <Page title="历次修改" tab={title ? `历次修改：${title}` : '历次修改'} trail={[['文章', '/content'], [title || '文章', `/content/${id}`]]} lead={title} extra={<Link to={to(`/content/${id}`)}><Button>回到文章</Button></Link>}>
      {pages.problem && pages.items.length === 0 && <ProblemPage problem={pages.problem} retry={pages.reload} />}
      {!pages.loading && !pages.problem && pages.items.length === 0 && <Nothing title="还没有修改记录" />}
      <Flex vertical gap={12} role="list" aria-label="历次修改">
        {pages.items.map((row) => (
          <Card key={row.version} size="small" role="listitem">
            <Flex wrap justify="space-between" align="center" gap="8px 16px">
              <div>
                <strong>第 {row.version} 版</strong>{row.version === newest && <Tag className="beside" color="green">现在的</Tag>}
                <div className="line-note">{row.editor} · {when(row.created_at)}</div>
              </div>
              <Flex gap={8} wrap>
                <Button aria-expanded={open === row.version} onClick={() => setOpen(open === row.version ? 0 : row.version)}>{open === row.version ? '收起' : '改了什么'}</Button>
                {row.version !== newest && (
                  <Button disabled={!article.etag || restore.running} onClick={() => confirm({
                    title: `恢复到第 ${row.version} 版？`, ok: '恢复',
                    content: `标题、摘要、要点和正文回到 ${when(row.created_at)} 的样子；中间的修改仍留在记录里，可以再恢复回来。${article.data?.status === 'published' ? '文章已发布，读者会立刻看到。' : ''}`,
                    act: () => restore.run(row),
                  })}>恢复到这一版…</Button>
                )}
              </Flex>
            </Flex>
            {row.correction && <Alert type="info" className="gap-top" title={`更正说明：${row.correction}`} />}
            {open === row.version && <Differences id={id} version={row.version} />}
          </Card>
        ))}
      </Flex>
      {pages.more && <Flex justify="center" className="more"><Button onClick={pages.loadMore} loading={pages.loadingMore}>再看一页</Button></Flex>}
    </Page>
  )
}

function Differences({ id, version }: { id: string; version: number }) {
  const loaded = useLoad(['article', id, 'diff', version], (signal) => api.GET('/api/v1/articles/{id}/revisions/{version}/diff', { params: { path: { id, version } }, signal }), { keep: false })
  return (
    <div className="gap-top" aria-live="polite">
      <Load of={loaded} rows={2}>
        {(d) => (
          <>
            <Typography.Paragraph type="secondary">{d.against ? `和第 ${d.against} 版相比` : '第一版，全文都是新写的'}</Typography.Paragraph>
            {d.items.length === 0 && <Typography.Text>文字没有变，只改了设置。</Typography.Text>}
            {d.items.map((item, i) => (
              <div key={i} className="difference">
                <strong>{fieldWords[item.field] ?? item.field} {kindWords[item.kind]}</strong>
                {item.was && <del>{item.was}</del>}
                {item.is && <ins>{item.is}</ins>}
              </div>
            ))}
          </>
        )}
      </Load>
    </div>
  )
}
