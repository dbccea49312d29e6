import { Card, Descriptions, Tag, Typography } from 'antd'
import { day, span, when } from '~/ui/time'
import type { Minutes } from './minutes-text'

type Person = Minutes['facts']['attending'][number]

const nameOf = (one: Person) => (one.reason ? `${one.name}（${one.reason}）` : one.name)

/** Many names are folded away behind their number, so that what is to be written stays in sight. */
function Names({ list }: { list: Person[] }) {
  if (list.length === 0) return <>无</>
  const text = list.map(nameOf).join('、')
  return list.length <= 20 ? <>{text}</> : <details><summary>{list.length} 人（展开姓名）</summary>{text}</details>
}

/** Known is what the system knows of the meeting; nobody has to write it. */
export function Known({ minutes: m }: { minutes: Minutes }) {
  const f = m.facts
  return (
    <Card title={<h2>系统已填好的</h2>} extra={<Typography.Text type="secondary" className="small">{m.state === 'locked' ? '定稿时的情况' : '随签到和表决更新'}</Typography.Text>}>
      <Descriptions column={1} size="small" items={[
        { key: 'at', label: '原定时间', children: span(f.starts_at, f.ends_at) },
        { key: 'where', label: '地点与方式', children: f.where || '—' },
        { key: 'n', label: '人数', children: `应到 ${f.entitled} 人，实到 ${f.present} 人；应到有表决权 ${f.voting_entitled} 人，实到 ${f.voting_present} 人` },
        { key: 'in', label: '出席', children: <Names list={f.attending} /> },
        ...(f.observers.length > 0 ? [{ key: 'ob', label: '列席', children: <Names list={f.observers} /> }] : []),
        { key: 'leave', label: '请假', children: <Names list={f.absent.filter((one) => one.leave)} /> },
        { key: 'out', label: '缺席', children: <Names list={f.absent.filter((one) => !one.leave)} /> },
        { key: 'agenda', label: '议程', children: f.agenda.length > 0 ? <ol className="agenda">{f.agenda.map((item, i) => <li key={i}>{item.title}</li>)}</ol> : '—' },
        ...(f.polls.length > 0 ? [{ key: 'polls', label: '表决', children: <ul className="plain">{f.polls.map((poll) => <li key={poll.id}>{poll.question}：{pollWords(poll)}</li>)}</ul> }] : []),
        ...(f.unclosed.length > 0 ? [{ key: 'open', label: '以前未办结的', children: <ul className="plain">{f.unclosed.map((one, i) => <li key={i}>{one.text}（{one.owner.name}，{day(one.due_on)}前）</li>)}</ul> }] : []),
      ]} />
    </Card>
  )
}

function pollWords({ result: r }: Minutes['facts']['polls'][number]): string {
  const counts = r.options.length > 0 ? r.options.map((one) => `${one.option} ${one.approve} 票${one.elected ? '（当选）' : ''}`).join('，') : `赞成 ${r.approve}，反对 ${r.against}，弃权 ${r.abstain}${r.not_cast > 0 ? `，未投 ${r.not_cast}` : ''}`
  return r.rule === 'consultative' ? counts : `${counts}；${r.passed ? '通过' : '未通过'}`
}

/** Paper is the minutes to be read. */
export function Paper({ minutes: m }: { minutes: Minutes }) {
  return (
    <Card title={<h2>会议记录</h2>} className="paper">
      <Descriptions column={{ xs: 1, md: 2 }} size="small" items={[
        { key: 'h', label: '主持人', children: m.host.member?.name ?? '—' }, { key: 'r', label: '记录人', children: m.recorder.member?.name ?? '—' },
        { key: 'b', label: '实际开始', children: m.began_at ? when(m.began_at) : '按原定时间' }, { key: 'e', label: '实际结束', children: m.ended_at ? when(m.ended_at) : '按原定时间' },
      ]} />
      <h3>传达学习</h3><p>{m.passed_on || '无'}</p>
      <h3>会议经过</h3><p>{m.summary || '无'}</p>
      <h3>讨论发言</h3>
      {m.discussion.length === 0 ? <p>无</p> : m.discussion.map((d, i) => <p key={i}>{d.speaker && <strong>{d.speaker.name}：</strong>}{d.text}{d.dissent && <Tag color="orange" className="beside">不同意见</Tag>}</p>)}
      <h3>决议</h3>
      {m.resolutions.length === 0 ? <p>无</p> : <ol className="agenda">{m.resolutions.map((r, i) => <li key={i}>{r.text} <span className="line-note">{r.no_follow_up ? '无后续' : `${r.owner?.name ?? '责任人未定'}，${r.due_on ? `${day(r.due_on)}前` : '时限未定'}`}</span></li>)}</ol>}
    </Card>
  )
}
