import { Flex, Segmented, Tag, Typography } from 'antd'
import { Link } from 'react-router'
import { api } from '~/api/client'
import { usePages } from '~/api/query'
import type { components } from '~/api/schema'
import { useFilters } from '~/ui/filters'
import { useLinkTo } from '~/ui/link'
import { Nothing, Page } from '~/ui/page'
import { PagedTable } from '~/ui/table'
import { day, fromNow } from '~/ui/time'
import { suggestionWords, word } from '~/ui/words'

type Item = components['schemas']['SuggestionItem']
type State = Item['state']

export function StateTag({ row }: { row: Pick<Item, 'state' | 'overdue'> }) {
  const colour: Partial<Record<State, string>> = { submitted: 'orange', escalated: 'red', accepted: 'blue', replied: 'green' }
  return <>{<Tag color={colour[row.state]}>{word(suggestionWords, row.state)}</Tag>}{row.overdue && <Tag color="red">超期</Tag>}</>
}

/** The clock of a suggestion in words: until when it is to be taken up, or answered. */
export function clock(row: Pick<Item, 'state' | 'accept_by' | 'due_at' | 'replied_at'>): string {
  if (row.state === 'submitted') return `${day(row.accept_by)}前受理`
  if (row.state === 'accepted' || row.state === 'escalated') return row.due_at ? `${day(row.due_at)}前答复` : '—'
  return row.replied_at ? `${day(row.replied_at)}已答复` : '—'
}

const from = (row: Item) => (row.anonymous ? '匿名' : (row.author?.name ?? '—'))

export default function SuggestionList() {
  const [filters, filter] = useFilters({ state: '' })
  const to = useLinkTo()
  const pages = usePages<Item>(['suggestions', 'inbox', filters.state], (cursor, signal) => api.GET('/api/v1/suggestions', { params: { query: { box: 'inbox', cursor, state: (filters.state || undefined) as State | undefined } }, signal }))
  return (
    <Page title="意见建议" lead="五个工作日内受理，十五个工作日内答复；到期没办的会自动上报。">
      <div className="filters scroll-x">
        <Segmented aria-label="按状态筛选" value={filters.state} onChange={(state) => filter({ state })} options={[{ value: '', label: '全部' }, ...(['submitted', 'accepted', 'escalated', 'replied', 'closed', 'declined'] as State[]).map((state) => ({ value: state, label: word(suggestionWords, state) }))]} />
      </div>
      <PagedTable
        label="意见建议" pages={pages}
        empty={<Nothing title={filters.state ? '没有这种状态的意见建议' : '还没有意见建议'} />}
        columns={[
          { title: '标题', key: 'title', render: (_, row) => <div className="cell-wide"><Link to={to(`/suggestions/${row.id}`)}>{row.title}</Link></div> },
          { title: '提出人', key: 'from', render: (_, row) => from(row) },
          { title: '提给', key: 'org', render: (_, row) => row.org.name },
          { title: '状态', key: 'state', render: (_, row) => <StateTag row={row} /> },
          { title: '时限', key: 'clock', render: (_, row) => clock(row) },
          { title: '经办', key: 'assignee', render: (_, row) => row.assignee?.name ?? '—' },
        ]}
        card={(row) => (
          <Flex vertical gap={2}>
            <Link to={to(`/suggestions/${row.id}`)}>{row.title}</Link>
            <div><StateTag row={row} />{clock(row)}</div>
            <Typography.Text type="secondary">{from(row)} · {row.org.name} · {fromNow(row.created_at)}</Typography.Text>
          </Flex>
        )}
      />
    </Page>
  )
}
