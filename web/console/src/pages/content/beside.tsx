import { Alert, Button, Card, Flex, Typography } from 'antd'
import { Link } from 'react-router'
import { api, IDEMPOTENCY } from '~/api/client'
import { useAction } from '~/api/query'
import type { components } from '~/api/schema'
import { useConfirm, useTell } from '~/ui/buttons'
import { useLinkTo } from '~/ui/link'
import { ProblemAlert } from '~/ui/page'
import type { Problem } from '~/api/problem'
import { categoryWords, word } from '~/ui/words'
import { SHORT, type Values } from './article-form'
import { held } from './markup'

type Assess = components['schemas']['AssessView']

/** What the server says of the text while it is written: its length, the month's budget, what there is of the kind already. */
export function Assessment({ data, problem, minutes, org }: { data: Assess | undefined; problem: Problem | null; minutes: number | null; org: string }) {
  const tell = useTell()
  const confirm = useConfirm()
  const to = useLinkTo()
  const relay = useAction((input: { id: string; note: string }, key) => api.POST('/api/v1/articles/{id}/relay', { params: { path: { id: input.id } }, body: { org_id: org, note: input.note }, headers: { [IDEMPOTENCY]: key } }), {
    changes: [['articles']], done: () => tell.done('已转发给本组织'), failed: tell.failed,
  })
  if (!data) return <Card title={<h2>写作提示</h2>}>{problem ? <ProblemAlert problem={problem} /> : <Typography.Text type="secondary">写了标题和正文后，这里会提示。</Typography.Text>}</Card>
  const takes = minutes || data.reading_minutes
  return (
    <Card title={<h2>写作提示</h2>} aria-live="polite">
      <Flex vertical gap={12}>
        <div>{data.chars} 字，读完约 <b className="figure">{takes}</b> 分钟</div>
        {takes > SHORT && <Alert type="warning" showIcon title={`超过 ${SHORT} 分钟，多数人读不完。把结论写进要点，细节放附件。`} />}
        <div>{data.budget.month} 学习时间预算 {data.budget.minutes} 分钟：已用 {data.budget.used}（本级 {data.budget.own}，上级 {data.budget.above}），{data.budget.left >= 0 ? `还剩 ${data.budget.left}` : `超出 ${-data.budget.left}`}</div>
        {data.budget.left < takes && <Alert type="warning" showIcon title="发布后会超出本月的学习时间预算。" />}
        {data.warnings.length > 0 && <ul className="plain">{data.warnings.map((line) => <li key={line}>{line}</li>)}</ul>}
        {data.similar.length > 0 && (
          <div>
            <strong>已有同类内容</strong>
            <ul className="plain">
              {data.similar.map((row) => (
                <li key={row.id}>
                  <Link to={to(`/content/${row.id}`)} target="_blank">{row.title}</Link>
                  <div className="line-note">{row.org?.name} · {row.why.join('；')}</div>
                  {row.relayable && <Button size="small" disabled={relay.running} onClick={() => confirm({ title: `转发“${row.title}”？`, content: '转发给本组织的成员，不必再写一篇。', ok: '转发', reason: { label: '加一句自己的话（可不填）', placeholder: '如 请重点看第二条' }, act: (note) => relay.run({ id: row.id, note }) })}>转发这一篇…</Button>}
                </li>
              ))}
            </ul>
          </div>
        )}
      </Flex>
    </Card>
  )
}

/** The article as a reader's phone shows it; its text is the one that the server has cleaned. */
export function Preview({ values, data, orgName }: { values: Values; data: Assess | undefined; orgName: string }) {
  const points = values.key_points.filter((point) => point.trim())
  return (
    <Card title={<h2>手机上看到的</h2>}>
      <section className="phone" aria-label="手机预览" tabIndex={0}>
        <p className="phone-title">{values.title || '（未写标题）'}</p>
        <div className="line-note">{orgName} · {word(categoryWords, values.category)} · 约 {values.reading_minutes || data?.reading_minutes || 1} 分钟</div>
        {points.length > 0 && <ol className="phone-points">{points.map((point, i) => <li key={i}>{point}</li>)}</ol>}
        <div className="article-text" dangerouslySetInnerHTML={{ __html: held(data?.body_html ?? '') }} />
        {values.source_name && <div className="line-note">来源：{values.source_name}{values.doc_no ? ` · ${values.doc_no}` : ''}</div>}
        {values.attachments.map((file) => <div key={file.id}>附件：{file.name}</div>)}
      </section>
    </Card>
  )
}
