import { useState } from 'react'

import { api, type Schema } from '@/api'
import { go } from '@/nav'
import { span, when } from '@/text/time'
import { Banner, Box, Button, Buttons, Card, confirm, Facts, Hint, Load, Page, Press, Row, Rows, Tag, Text, toast, useAction, useGet, useParams, type Loaded } from '@/ui'

import { ballotOf, ballotText, ruleText, secretText, tick, type Choice } from './rule'
import { Result } from './result'
import './index.css'

type Poll = Schema<'PollView'>
type Meeting = Schema<'MeetingView'>

/** One vote: the question, the rule in words, my ballot, and the result once it is closed. */
export default function Ballot() {
  const { id = '' } = useParams()
  const poll = useGet('/polls/{id}', { path: { id } })
  const p = poll.data
  const meeting = useGet('/meetings/{id}', { path: { id: p?.meeting_id ?? '' } }, { when: p !== undefined })
  const [choice, setChoice] = useState<Choice | ''>('')
  const [chosen, setChosen] = useState<readonly string[]>([])
  const cast = useAction((key, body: { choice?: Choice; options?: string[] }) => api.post('/polls/{id}/ballots', { path: { id }, body, key }), {
    done: (next) => {
      toast('已投票')
      poll.set(next)
    },
    failed: (e) => {
      if (e.code !== 'already_voted' && e.code !== 'not_open') return
      toast(e.message)
      void poll.reload()
    },
  })
  const mine = ballotOf(choice, chosen)
  const standing = p ? standingOf(p, meeting.data) : 'other'
  const submit = async () => {
    if (!p || !mine) return
    if (await confirm({ title: '投出这一票？', text: `${ballotText(mine, p.options.length > 0)}。投出后不能更改。`, ok: '投出' })) await cast.act(mine)
  }
  return (
    <Page title="表决" who="member" above="meetings" foot={standing === 'vote' ? <Button wide busy={cast.busy} disabled={!mine} onTap={() => void submit()}>{mine ? '投票' : '请先选择'}</Button> : undefined}>
      <Load of={poll}>
        {(p) => (
          <>
            <About p={p} m={meeting.data} />
            {cast.fault && standing === 'vote' ? <Banner tone="warn">{cast.fault.code === 'offline' ? '网络不通，还不知道这一票有没有送到。网络恢复后请再投一次，不会重复计票。' : (cast.fault.fields[0]?.detail ?? cast.fault.message)}</Banner> : null}
            {standing === 'vote' ? <Choices p={p} choice={choice} chosen={chosen} onChoice={(c) => { setChoice(c); setChosen([]) }} onChosen={(list) => { setChosen(list); setChoice('') }} /> : null}
            <Standing p={p} standing={standing} reload={() => void poll.reload()} />
            {p.state === 'closed' ? <Result p={p} /> : null}
            {p.can_manage ? <Manage poll={poll} p={p} /> : null}
            {meeting.data ? <Rows label="所在会议"><Row title={meeting.data.topic} text={span(meeting.data.starts_at, meeting.data.ends_at)} to="meeting" params={{ id: meeting.data.id }} /></Rows> : null}
          </>
        )}
      </Load>
    </Page>
  )
}

/** What there is to do for me now. */
function standingOf(p: Poll, m: Meeting | undefined): 'vote' | 'checkin' | 'none' | 'voted' | 'other' {
  if (p.state !== 'open') return 'other'
  if (p.voted) return 'voted'
  if (!p.has_vote) return 'none'
  return p.rule !== 'consultative' && m !== undefined && m.my_attendance !== 'present' ? 'checkin' : 'vote'
}

function About({ p, m }: { p: Poll; m: Meeting | undefined }) {
  const item = p.agenda_item > 0 ? m?.agenda[p.agenda_item - 1]?.title : undefined
  return (
    <Card title={p.question} extra={<Tag tone={p.state === 'open' ? 'accent' : 'plain'}>{p.state === 'draft' ? '未开始' : p.state === 'open' ? '进行中' : '已结束'}</Tag>}>
      <Facts items={[
        item ? ['议程', `第 ${p.agenda_item} 项 ${item}`] : null, ['规则', p.rule_label], ['方式', p.by_hand ? '现场表决' : p.secret ? '无记名' : '记名'],
        p.state === 'open' && ['已投', `${p.cast} 票（实到 ${p.present} 人）`], p.closed_at ? ['结束', when(p.closed_at)] : null,
      ]} />
      {p.state === 'closed' ? null : (
        <>
          <Hint>{ruleText(p)}</Hint>
          <Hint>{secretText(p.secret)}</Hint>
          {p.state === 'open' && !p.formal && p.rule !== 'consultative' ? <Hint>按现行规定，线上投票用于征求意见；正式表决在会上进行，再登记票数。</Hint> : null}
        </>
      )}
    </Card>
  )
}

function Choices({ p, choice, chosen, onChoice, onChosen }: { p: Poll; choice: Choice | ''; chosen: readonly string[]; onChoice: (c: Choice) => void; onChosen: (list: readonly string[]) => void }) {
  const with_ = p.options.length > 0
  const full = p.seats > 1 && chosen.length >= p.seats
  return (
    <Card title={with_ ? (p.seats > 1 ? `请选择，最多 ${p.seats} 个` : '请选择 1 个') : '您的意见'}>
      <Box className="ballot-choices" role="group" label="选项">
        {p.options.map((o) => <Option key={o} text={o} many={p.seats > 1} on={chosen.includes(o)} disabled={full && !chosen.includes(o)} onTap={() => onChosen(tick(chosen, o, p.seats))} />)}
        {with_ ? null : <Option text="赞成" on={choice === 'approve'} onTap={() => onChoice('approve')} />}
        <Option text={with_ ? '都不赞成' : '反对'} on={choice === 'against'} onTap={() => onChoice('against')} />
        <Option text="弃权" on={choice === 'abstain'} onTap={() => onChoice('abstain')} />
      </Box>
      {full ? <Hint>已选满 {p.seats} 个。要换人，请先点一下已选的取消。</Hint> : null}
    </Card>
  )
}

function Option({ text, on, many, disabled, onTap }: { text: string; on: boolean; many?: boolean; disabled?: boolean; onTap: () => void }) {
  return (
    <Press className={`ballot-choice${on ? ' on' : ''}`} pressed={on} disabled={disabled} onTap={onTap}>
      {many ? <Text className={`tick-box${on ? ' on' : ''}`} hidden>{on ? '✓' : ''}</Text> : <Text className="ballot-sign" hidden>{on ? '●' : '○'}</Text>}
      <Box className="row-main">{text}</Box>
    </Press>
  )
}

/** Why there is nothing to choose, and what to do. */
function Standing({ p, standing, reload }: { p: Poll; standing: ReturnType<typeof standingOf>; reload: () => void }) {
  if (p.state === 'draft') return p.can_manage ? null : <Banner action="刷新" onAction={reload}>表决还没有开始，请等主持人发起。</Banner>
  if (p.by_hand && p.state === 'open') return <Banner>本次在会场举手或投纸质票，不用在手机上投。</Banner>
  if (standing === 'voted') return <Banner tone="good" action="刷新" onAction={reload}>您已投票，不能更改。结束后这里显示结果。</Banner>
  if (standing === 'none') return <Banner action="刷新" onAction={reload}>您在这次会议没有表决权（应到名单里的正式党员才有），结束后可以看结果。</Banner>
  if (standing === 'checkin') return <Banner tone="warn" action="去签到" onAction={() => go('checkin', { id: p.meeting_id })}>签到以后才能投票。</Banner>
  if (p.state === 'closed' && p.has_vote && !p.voted && !p.by_hand) return <Hint>您没有投这一票。</Hint>
  return null
}

/** For whoever runs the meeting: begins and ends the vote. */
function Manage({ poll, p }: { poll: Loaded<Poll>; p: Poll }) {
  const step = useAction((key, to: 'open' | 'close') => api.post(to === 'open' ? '/polls/{id}/open' : '/polls/{id}/close', { path: { id: p.id }, key }), { done: (next, [to]) => {
    toast(to === 'open' ? '表决已发起' : '表决已结束')
    poll.set(next)
  } })
  if (p.state === 'closed' || p.by_hand) return null
  const begin = async () => {
    if (await confirm({ title: '发起表决？', text: '按现在的签到情况确定应到、实到人数，之后不再变动。', ok: '发起' })) await step.act('open')
  }
  const end = async () => {
    if (await confirm({ title: '结束表决？', text: `已投 ${p.cast} 票（实到 ${p.present} 人）。结束后不能再投，并公布结果。`, ok: '结束表决', danger: true })) await step.act('close')
  }
  return (
    <Card title="主持人">
      <Buttons>{p.state === 'draft' ? <Button busy={step.busy} onTap={() => void begin()}>发起表决</Button> : <Button kind="danger" busy={step.busy} onTap={() => void end()}>结束表决</Button>}</Buttons>
      {step.fault ? <Hint>{step.fault.message}</Hint> : null}
    </Card>
  )
}

