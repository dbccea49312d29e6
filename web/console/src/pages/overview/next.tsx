import { Card, Col, Row, Skeleton, Tag, Typography } from 'antd'
import { useQueries } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { api } from '~/api/client'
import { asProblem } from '~/api/problem'
import { useLoad, type Loaded } from '~/api/query'
import type { components } from '~/api/schema'
import { useLinkTo } from '~/ui/link'
import { useOrgs } from '~/ui/org'
import { ProblemAlert } from '~/ui/page'
import { day, fromNow, now, when } from '~/ui/time'
import { meetingWords, word } from '~/ui/words'

type Meeting = components['schemas']['MeetingView']

/** NextThings are what waits for the branch, the most pressing of each kind; nothing is counted that nobody has to do. */
export function NextThings({ org }: { org: string }) {
  return (
    <Row gutter={[16, 16]}>
      <Cell><Suggestions org={org} /></Cell>
      <Cell><Moderation /></Cell>
      <Cell><ComingMeetings org={org} /></Cell>
      <Cell><OpenMinutes org={org} /></Cell>
      <Cell><Actions org={org} /></Cell>
      <Cell><Owed org={org} /></Cell>
    </Row>
  )
}

function Cell({ children }: { children: ReactNode }) {
  return <Col xs={24} md={12} xxl={8}>{children}</Col>
}

interface Line {
  key: string
  to: string
  text: ReactNode
  note?: ReactNode
  late?: boolean
}

/** Waiting is one kind of thing to do: how many, the first few, and where the rest is. */
function Waiting({ title, of, lines, more, all, none }: { title: string; of: Pick<Loaded<unknown>, 'problem' | 'loading' | 'reload'>; lines: Line[]; more?: boolean; all: string; none: string }) {
  const to = useLinkTo()
  const shown = lines.slice(0, 4)
  return (
    <Card
      size="small" className="waiting"
      title={<h2>{title}{lines.length > 0 && <Tag className="beside" color={lines.some((line) => line.late) ? 'red' : undefined}>{lines.length}{more ? '+' : ''}</Tag>}</h2>}
      extra={<Link to={to(all)} aria-label={`${title}：全部`}>全部</Link>}
    >
      {of.loading ? (
        <Skeleton active paragraph={{ rows: 2 }} title={false} aria-busy />
      ) : of.problem ? (
        of.problem.status === 403 ? <Typography.Text type="secondary">不在您的职责内。</Typography.Text> : <ProblemAlert problem={of.problem} retry={of.reload} />
      ) : shown.length === 0 ? (
        <Typography.Text type="secondary">{none}</Typography.Text>
      ) : (
        <ul className="lines">
          {shown.map((line) => (
            <li key={line.key}>
              <Link to={to(line.to)}>{line.text}</Link>
              <span className="line-note">{line.late && <Tag color="red">超期</Tag>}{line.note}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

function Suggestions({ org }: { org: string }) {
  const { items: orgs } = useOrgs()
  const below = useBelow(org, orgs)
  const ask = (state: 'submitted' | 'accepted' | 'escalated') => (signal: AbortSignal) => api.GET('/api/v1/suggestions', { params: { query: { box: 'inbox', state, limit: 50 } }, signal })
  const submitted = useLoad(['suggestions', 'next', 'submitted'], ask('submitted'))
  const accepted = useLoad(['suggestions', 'next', 'accepted'], ask('accepted'))
  const escalated = useLoad(['suggestions', 'next', 'escalated'], ask('escalated'))
  const rows = [...(escalated.data?.items ?? []), ...(submitted.data?.items ?? []), ...(accepted.data?.items ?? [])].filter((row) => below(row.org.id))
  const clock = (row: (typeof rows)[number]) => (row.state === 'submitted' ? row.accept_by : (row.due_at ?? row.accept_by))
  const lines = rows.sort((a, b) => clock(a).localeCompare(clock(b))).map((row) => ({
    key: row.id, to: `/suggestions/${row.id}`, text: row.title, late: Date.parse(clock(row)) < Date.now(),
    note: row.state === 'submitted' ? `待受理，${day(row.accept_by)}前` : `待答复，${day(row.due_at)}前`,
  }))
  return <Waiting title="待办的意见建议" of={submitted.data && accepted.data ? accepted : submitted} lines={lines} all="/suggestions" none="没有等着办的意见建议。" />
}

function Moderation() {
  const comments = useLoad(['moderation', 'next'], (signal) => api.GET('/api/v1/moderation/comments', { params: { query: { state: 'pending', limit: 50 } }, signal }))
  const lines = (comments.data?.items ?? []).map((row) => ({ key: row.id, to: '/moderation', text: row.content, note: `${fromNow(row.created_at)} · ${row.article?.title ?? ""}` }))
  return <Waiting title="待审核的评论" of={comments} lines={lines} more={!!comments.data?.next_cursor} all="/moderation" none="没有等着审核的评论。" />
}

function ComingMeetings({ org }: { org: string }) {
  const from = now().format('YYYY-MM-DD')
  const meetings = useLoad(['meetings', 'next', org, from], (signal) => api.GET('/api/v1/meetings', { params: { query: { org_id: org, from, to: now().add(60, 'day').format('YYYY-MM-DD'), limit: 50 } }, signal }))
  const lines = (meetings.data?.items ?? []).filter((row) => row.state === 'planned').map((row) => ({
    key: row.id, to: `/meetings/${row.id}`, text: nameOf(row), note: `${when(row.starts_at)} · 参加 ${row.counts.accept}，请假 ${row.counts.leave}，未答复 ${row.counts.none}`,
  }))
  return <Waiting title="要开的会" of={meetings} lines={lines} all="/meetings" none="两个月内没有安排会议。" />
}

/** Meetings of the last two months whose minutes are not signed; their state is asked for one by one, since the list does not tell it. */
function OpenMinutes({ org }: { org: string }) {
  const from = now().subtract(60, 'day').format('YYYY-MM-DD')
  const meetings = useLoad(['meetings', 'past', org, from], (signal) => api.GET('/api/v1/meetings', { params: { query: { org_id: org, from, to: now().format('YYYY-MM-DD'), limit: 50 } }, signal }))
  const held = (meetings.data?.items ?? []).filter((row) => row.state === 'over').slice(-12)
  const minutes = useQueries({
    queries: held.map((row) => ({
      queryKey: ['minutes', row.id, 'state'], staleTime: 60_000, retry: false,
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        try {
          return (await api.GET('/api/v1/meetings/{id}/minutes', { params: { path: { id: row.id } }, signal })).data?.state ?? 'none'
        } catch (error) {
          const problem = asProblem(error)
          if (problem.status === 404) return 'none'
          if (problem.status === 403) return 'others'
          throw error
        }
      },
    })),
  })
  const lines = held.flatMap((row, i) => {
    const state = minutes[i]?.data
    if (!state || state === 'locked' || state === 'others') return []
    return [{ key: row.id, to: `/meetings/${row.id}/minutes`, text: nameOf(row), note: `${day(row.starts_at)} · ${state === 'signed' ? '还差一人签名' : state === 'draft' ? '待写完并签名' : '还没有会议记录'}` }]
  })
  const of = { ...meetings, loading: meetings.loading || minutes.some((query) => query.isPending) }
  return <Waiting title="待签的会议记录" of={of} lines={lines} all="/meetings" none="最近两个月的会议记录都已签好。" />
}

function Actions({ org }: { org: string }) {
  const actions = useLoad(['actions', 'next', org], (signal) => api.GET('/api/v1/actions', { params: { query: { org_id: org, state: 'open', limit: 50 } }, signal }))
  const lines = (actions.data?.items ?? []).map((row) => ({ key: row.id, to: '/actions', text: row.text, late: row.overdue, note: `${row.owner.name}，${day(row.due_on)}前` }))
  return <Waiting title="督办事项" of={actions} lines={lines} more={!!actions.data?.next_cursor} all="/actions" none="没有未办结的督办事项。" />
}

function Owed({ org }: { org: string }) {
  const { items: orgs } = useOrgs()
  const kind = orgs.find((row) => row.id === org)?.kind
  const own = kind === 'branch' || kind === 'group'
  const owed = useLoad(['obligations', org], (signal) => api.GET('/api/v1/orgs/{id}/obligations', { params: { path: { id: org } }, signal }), { enabled: own })
  if (!own) return null
  const lines = (owed.data?.items ?? []).filter((row) => row.state === 'open').map((row) => ({
    key: row.key + row.org.id, to: '/supervision/obligations', text: `${row.type_label}（${row.period}）`, note: `${day(row.until)}前${row.slot ? ` · 可在 ${when(row.slot.starts_at)}` : ''}`,
  }))
  return <Waiting title="还要安排的组织生活" of={owed} lines={lines} all="/supervision/obligations" none="本期该开的都已开过或排定。" />
}

function nameOf(row: Meeting): string {
  return row.topic || word(meetingWords, row.type)
}

/** Whether an organisation is the chosen one or below it. */
function useBelow(org: string, orgs: { id: string; parent_id: string | null }[]): (id: string) => boolean {
  const up = new Map(orgs.map((row) => [row.id, row.parent_id]))
  return (id) => {
    for (let at: string | null | undefined = id; at; at = up.get(at)) if (at === org) return true
    return false
  }
}
