import type { Schema } from '@/api'
import { Card, Facts, Hint, Row, Rows, Tag } from '@/ui'

import { choiceWords, ruleText } from './rule'

type Poll = Schema<'PollView'>

/** What came out, as the server allows it to be seen: who chose what only where the vote was open. */
export function Result({ p }: { p: Poll }) {
  const r = p.result
  if (!r) return null
  return (
    <>
      <Card title="结果" tone="accent" extra={r.options.length === 0 && r.formal ? <Tag tone={r.passed ? 'good' : 'warn'}>{r.passed ? '通过' : '未通过'}</Tag> : undefined}>
        {r.options.length > 0 ? (
          <>
            <Rows label="各项得票">
              {r.options.map((o) => <Row key={o.option} title={o.option} text={`赞成 ${o.approve} 票`} end={o.tied ? <Tag tone="warn">票数相同，再投</Tag> : p.rule === 'election' && r.formal ? <Tag tone={o.elected ? 'good' : 'plain'}>{o.elected ? '当选' : '未当选'}</Tag> : o.passed && r.formal ? <Tag tone="good">通过</Tag> : undefined} />)}
            </Rows>
            <Facts items={[['已投', `${r.cast} 票`], ['没有投', r.not_cast > 0 ? `${r.not_cast} 人` : '']]} />
          </>
        ) : <Facts items={[['赞成', `${r.approve} 票`], ['反对', `${r.against} 票`], ['弃权', `${r.abstain} 票`], ['没有投', r.not_cast > 0 ? `${r.not_cast} 人` : '']]} />}
        <Facts items={[p.rule !== 'consultative' && ['到会', `应到 ${r.entitled} 人，实到 ${r.present} 人`]]} />
        <Hint>{r.text}</Hint>
        <Hint>{ruleText(p)}</Hint>
      </Card>
      {p.ballots.length > 0 ? (
        <Card title="每个人的选择">
          <Rows label="每个人的选择">
            {p.ballots.map((b) => <Row key={b.member.id} title={b.member.name} end={b.options.length > 0 ? b.options.join('、') : (choiceWords[b.choice] ?? '')} />)}
          </Rows>
        </Card>
      ) : p.secret ? <Hint>本次无记名表决，没有谁投了什么的记录。</Hint> : null}
    </>
  )
}
