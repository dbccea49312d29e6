import { PlusOutlined } from '@ant-design/icons'
import { Button, Flex, Input, Select, Tag, Typography } from 'antd'
import { Link } from 'react-router'
import { api } from '~/api/client'
import { usePages } from '~/api/query'
import type { components } from '~/api/schema'
import { useFilters } from '~/ui/filters'
import { useLinkTo } from '~/ui/link'
import { OrgPicker } from '~/ui/org'
import { Nothing, Page } from '~/ui/page'
import { PagedTable } from '~/ui/table'
import { when } from '~/ui/time'
import { categoryWords, options, visibilityWords, word } from '~/ui/words'
import { stateWords } from './article-form'

type Row = components['schemas']['ArticleRow']

const colours: Record<string, string> = { draft: 'default', scheduled: 'blue', published: 'green', withdrawn: 'orange' }

export function ArticleState({ state }: { state: string }) {
  return <Tag color={colours[state]}>{word(stateWords, state)}</Tag>
}

const timeOf = (row: Row) => (row.status === 'scheduled' ? `定于 ${when(row.publish_at)}` : row.published_at ? when(row.published_at) : `改于 ${when(row.updated_at)}`)

export default function ArticleList() {
  const to = useLinkTo()
  const [filters, filter, clear] = useFilters({ status: '', category: '', within: '', q: '' })
  const pages = usePages<Row>(['articles', filters], (cursor, signal) =>
    api.GET('/api/v1/articles', { params: { query: { cursor, org_id: filters.within || undefined, status: filters.status || undefined, category: filters.category || undefined, q: filters.q || undefined } }, signal }))
  const filtered = Object.values(filters).some(Boolean)
  const title = (row: Row) => (
    <>
      <Link to={to(`/content/${row.id}`)}>{row.title || '（未写标题）'}</Link>
      {row.pinned && <Tag color="red" className="beside">置顶</Tag>}
      {row.required && <Tag color="gold" className="beside">必学{row.due_at ? ` · ${when(row.due_at)}前` : ''}</Tag>}
    </>
  )
  return (
    <Page title="文章" lead="一篇讲清一件事，三分钟能看完。" extra={<Link to={to('/content/new')}><Button type="primary" icon={<PlusOutlined />}>写文章</Button></Link>}>
      <Flex wrap gap={8} className="stack no-print" role="search" aria-label="筛选文章">
        <Input.Search key={filters.q} defaultValue={filters.q} allowClear placeholder="标题中的字" aria-label="标题中的字" maxLength={100} onSearch={(q) => filter({ q: q.trim() })} style={{ width: 'min(240px, 100%)' }} />
        <Select aria-label="状态" value={filters.status} onChange={(status) => filter({ status })} options={[{ value: '', label: '全部状态' }, ...options(stateWords)]} style={{ width: 130 }} />
        <Select aria-label="栏目" value={filters.category} onChange={(category) => filter({ category })} options={[{ value: '', label: '全部栏目' }, ...options(categoryWords)]} style={{ width: 130 }} />
        <OrgPicker aria-label="组织（含下级）" value={filters.within} onChange={(within) => filter({ within })} allowClear placeholder="全部组织" style={{ width: 'min(240px, 100%)' }} />
        {filtered && <Button onClick={clear}>清除筛选</Button>}
      </Flex>
      <PagedTable
        label="文章"
        pages={pages}
        empty={filtered ? <Nothing title="没有符合的文章"><Button onClick={clear}>清除筛选</Button></Nothing> : <Nothing title="还没有文章"><Link to={to('/content/new')}><Button>写第一篇</Button></Link></Nothing>}
        columns={[
          { title: '标题', key: 'title', render: (_, row) => <div className="cell-wide">{title(row)}<div><Typography.Text type="secondary">{row.org?.name} · {word(visibilityWords, row.visibility)}</Typography.Text></div></div> },
          { title: '栏目', key: 'category', render: (_, row) => <span className="nowrap">{word(categoryWords, row.category)}</span> },
          { title: '状态', key: 'state', render: (_, row) => <ArticleState state={row.status} /> },
          { title: '时间', key: 'at', render: (_, row) => timeOf(row) },
          { title: '读完约', key: 'minutes', align: 'right', render: (_, row) => <span className="figure nowrap">{row.reading_minutes} 分钟</span> },
          { title: '阅读', key: 'views', align: 'right', render: (_, row) => <span className="figure">{row.counts.views}</span> },
        ]}
        card={(row) => (
          <Flex vertical gap={4}>
            <Flex justify="space-between" gap={8}><span>{title(row)}</span><ArticleState state={row.status} /></Flex>
            <Typography.Text type="secondary">{word(categoryWords, row.category)} · {row.org?.name} · {timeOf(row)}</Typography.Text>
            <Typography.Text type="secondary">约 {row.reading_minutes} 分钟 · {row.counts.views} 次阅读</Typography.Text>
          </Flex>
        )}
      />
    </Page>
  )
}
