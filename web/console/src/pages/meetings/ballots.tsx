import { PlusOutlined } from '@ant-design/icons'
import { Alert, Button, Card, Flex, Statistic, Table, Tag, Typography } from 'antd'
import { useState } from 'react'
import { api, IDEMPOTENCY } from '~/api/client'
import { useAction, useLoad } from '~/api/query'
import { CopyButton, useConfirm, useTell } from '~/ui/buttons'
import { Load, Nothing } from '~/ui/page'
import { when } from '~/ui/time'
import { useSheet, type Meeting } from './meeting-parts'
import { NewPoll, TallyForm } from './poll-forms'
import { RuleCard } from './rule-card'
import { quorum, voters, type Poll } from './vote-rules'

/** The votes of a meeting. How many voted what is told when a vote is closed, and never before. */
export function Ballots({ meeting: m }: { meeting: Meeting }) {
  const [adding, setAdding] = useState(false)
  const [open, setOpen] = useState(false)
  const polls = useLoad(['polls', m.id], async (signal) => {
    const answer = await api.GET('/api/v1/meetings/{id}/polls', { params: { path: { id: m.id } }, signal })
    setOpen(!!answer.data?.items.some((poll) => poll.state === 'open'))
    return answer
  }, { keep: false, every: open ? 4000 : undefined })
  return (
    <Card title={<h2>表决</h2>} extra={m.can_manage && m.state !== 'cancelled' && <Button size="small" className="no-print" icon={<PlusOutlined />} onClick={() => setAdding(true)}>新建表决</Button>}>
      <Load of={polls} rows={3}>
        {({ items }) => (items.length === 0 ? <Nothing title="没有表决事项" hint={m.can_manage ? '可以先建好，会上达到人数后再发起。' : undefined} /> : <>{items.map((poll) => <One key={poll.id} poll={poll} meeting={m} />)}</>)}
      </Load>
      {adding && <NewPoll meeting={m} close={() => setAdding(false)} />}
    </Card>
  )
}

function One({ poll, meeting: m }: { poll: Poll; meeting: Meeting }) {
  const item = poll.agenda_item > 0 ? m.agenda[poll.agenda_item - 1] : undefined
  return (
    <section className="poll" aria-label={poll.question}>
      <Flex vertical gap={10}>
        <Flex justify="space-between" gap={8} wrap>
          <h3>{poll.question}</h3>
          <span>
            <Tag>{poll.rule_label}</Tag><Tag>{poll.secret ? '无记名' : '记名'}</Tag>
            {poll.by_hand && <Tag>现场表决</Tag>}
            {poll.state === 'draft' ? <Tag>待发起</Tag> : poll.state === 'open' ? <Tag color="processing">正在投票</Tag> : <Tag color="default">已结束</Tag>}
          </span>
        </Flex>
        {item && <Typography.Text type="secondary">议程第 {poll.agenda_item} 项：{item.title}</Typography.Text>}
        {poll.options.length > 0 && poll.state !== 'closed' && <div>候选：{poll.options.join('、')}；应选 {poll.seats} 名，每票最多选 {poll.seats} 个。</div>}
        {poll.state !== 'closed' && <RuleCard rule={poll.rule} />}
        {poll.secret && poll.state !== 'closed' && <Typography.Text type="secondary" className="small">无记名：只记谁投过票，不记谁投了什么；结束以后也查不到。</Typography.Text>}
        {poll.state === 'draft' && <Draft poll={poll} meeting={m} />}
        {poll.state === 'open' && <Open poll={poll} />}
        {poll.state === 'closed' && <Closed poll={poll} />}
      </Flex>
    </section>
  )
}

function Draft({ poll, meeting: m }: { poll: Poll; meeting: Meeting }) {
  const tell = useTell()
  const confirm = useConfirm()
  const [counting, setCounting] = useState(false)
  const sheet = useSheet(m.id, poll.can_manage)
  const changes = [['polls', m.id], ['minutes', m.id]]
  const open = useAction((_: string, key) => api.POST('/api/v1/polls/{id}/open', { params: { path: { id: poll.id } }, headers: { [IDEMPOTENCY]: key } }), { changes, done: () => tell.done('表决已发起，请大家在小程序里投票'), failed: tell.failed })
  const drop = useAction((_: string) => api.DELETE('/api/v1/polls/{id}', { params: { path: { id: poll.id } } }), { changes, done: () => tell.done('已删除'), failed: tell.failed })
  if (!poll.can_manage) return <Typography.Text type="secondary">达到人数后由召集人发起。</Typography.Text>
  const here = sheet.data && voters(sheet.data.items)
  const state = here && quorum(poll.rule, here.entitled, here.present)
  return (
    <>
      {state && <Alert type={state.met ? 'success' : 'warning'} showIcon title={state.text} description={poll.rule === 'committee' ? '支委会按全体委员计，以发起时核对为准。' : undefined} />}
      <Flex gap={8} wrap className="no-print">
        <Button type="primary" disabled={state && !state.met} loading={open.running} onClick={() => confirm({ title: `发起表决：${poll.question}`, content: '发起以后应到人数和规则不再改变，每人一票，投出不能更改。', ok: '发起', act: () => open.run('') })}>发起线上投票</Button>
        <Button onClick={() => setCounting(true)}>登记现场票数</Button>
        <Button danger loading={drop.running} onClick={() => confirm({ title: '删除这项表决？', content: poll.question, ok: '删除', danger: true, act: () => drop.run('') })}>删除</Button>
      </Flex>
      {counting && <TallyForm poll={poll} close={() => setCounting(false)} />}
    </>
  )
}

function Open({ poll }: { poll: Poll }) {
  const tell = useTell()
  const confirm = useConfirm()
  const close = useAction((_: string, key) => api.POST('/api/v1/polls/{id}/close', { params: { path: { id: poll.id } }, headers: { [IDEMPOTENCY]: key } }), { changes: [['polls', poll.meeting_id], ['minutes', poll.meeting_id]], done: () => tell.done('表决已结束'), failed: tell.failed })
  const all = poll.rule === 'consultative' ? poll.entitled : poll.present
  return (
    <>
      <div className="figures" aria-live="polite"><Statistic title="应到有表决权" value={poll.entitled} /><Statistic title="发起时在场" value={poll.present} /><Statistic title="已投票" value={poll.cast} /></div>
      <Typography.Text type="secondary">结束以前不显示赞成、反对各多少，谁也看不到。{when(poll.opened_at)}发起。</Typography.Text>
      {!poll.formal && <Alert type="info" showIcon title="按现行规定，线上投票用于征求意见；正式表决请在会上进行后登记票数。" />}
      {poll.has_vote && !poll.voted && <Typography.Text>您有表决权，请在手机小程序上投票：这块屏幕可能有别人看着。</Typography.Text>}
      {poll.can_manage && <div className="no-print"><Button type="primary" loading={close.running} onClick={() => confirm({ title: '结束投票？', content: poll.cast < all ? `在场的还有 ${all - poll.cast} 人没有投。结束后不能重新开始，没投的按未投票计。` : '在场的都已投票。结束后当即公布结果，不能重新开始。', ok: '结束并公布', danger: poll.cast < all, act: () => close.run('') })}>结束投票</Button></div>}
    </>
  )
}

function Closed({ poll }: { poll: Poll }) {
  const result = poll.result
  if (!result) return null
  const words = result.options.length > 0
    ? result.options.map((one) => `${one.option} ${one.approve} 票${one.elected ? '（当选）' : one.tied ? '（并列，需再投）' : ''}`).join('，')
    : `赞成 ${result.approve} 票，反对 ${result.against} 票，弃权 ${result.abstain} 票${result.not_cast > 0 ? `，未投 ${result.not_cast} 人` : ''}`
  const verdict = poll.rule === 'consultative' ? '意见已收集' : result.passed ? (poll.rule === 'election' ? '选出应选名额' : '通过') : poll.rule === 'election' ? '没有选足' : '未通过'
  const opinion = poll.rule === 'consultative'
  return (
    <>
      <Alert type={opinion ? 'info' : result.passed ? 'success' : 'warning'} showIcon title={<strong>{verdict}</strong>} description={<>{words}。{!opinion && `应到有表决权 ${result.entitled} 人，实到 ${result.present} 人，赞成至少 ${result.needed} 票为通过。`}{result.text}</>} />
      {result.options.length > 0 && (
        <Table size="small" pagination={false} rowKey="option" dataSource={result.options} columns={[
          { title: '候选', dataIndex: 'option' }, { title: '得票', dataIndex: 'approve', align: 'right' },
          { title: '结果', key: 'r', render: (_, one) => (one.elected ? <Tag color="green">当选</Tag> : one.tied ? <Tag color="orange">并列，需再投</Tag> : opinion ? '—' : one.passed ? '过半数，未入选' : '未过半数') },
        ]} />
      )}
      {poll.ballots.length > 0 && (
        <details><summary>记名票 {poll.ballots.length} 张</summary><ul className="plain">{poll.ballots.map((ballot) => <li key={ballot.member.id}>{ballot.member.name}：{ballot.options.length > 0 ? ballot.options.join('、') : choiceWords[ballot.choice] ?? ballot.choice}</li>)}</ul></details>
      )}
      <Flex gap={8} align="center" wrap className="no-print"><CopyButton size="small" text={`${poll.question}：${verdict}。${words}。${result.text}`}>复制结果</CopyButton><Typography.Text type="secondary" className="small">{when(poll.closed_at)}结束</Typography.Text></Flex>
    </>
  )
}

const choiceWords: Record<string, string> = { approve: '赞成', against: '反对', abstain: '弃权' }
