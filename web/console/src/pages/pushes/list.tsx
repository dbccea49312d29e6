import { PlusOutlined } from '@ant-design/icons'
import { Button, Flex, Progress, Tag, Typography } from 'antd'
import { Link } from 'react-router'
import { api } from '~/api/client'
import { usePages } from '~/api/query'
import type { components } from '~/api/schema'
import { useLinkTo } from '~/ui/link'
import { useOrgs } from '~/ui/org'
import { Nothing, Page } from '~/ui/page'
import { PagedTable } from '~/ui/table'
import { when } from '~/ui/time'
import { pushKindWords, word } from '~/ui/words'
import { PushState, tally } from './parts'

type Push = components['schemas']['PushView']

export default function PushList() {
  const to = useLinkTo()
  const { items: orgs } = useOrgs()
  const nameOf = (id: string) => orgs.find((org) => org.id === id)?.name ?? ''
  const pages = usePages<Push>(['pushes'], (cursor, signal) => api.GET('/api/v1/pushes', { params: { query: { cursor } }, signal }), { every: 20_000 })
  const title = (push: Push) => (
    <>
      <Link to={to(`/pushes/${push.id}`)}>{push.title}</Link>
      {push.urgent_reason && <Tag color="red" className="beside">紧急</Tag>}
    </>
  )
  return (
    <Page
      title="推送记录"
      lead="每一条推送都先进站内信，微信只是提醒。"
      extra={
        <Link to={to('/pushes/new')}>
          <Button type="primary" icon={<PlusOutlined />}>发推送</Button>
        </Link>
      }
    >
      <PagedTable
        label="推送记录"
        pages={pages}
        empty={
          <Nothing title="还没有推送" hint="会议通知、文章通知会自动出现在这里。">
            <Link to={to('/pushes/new')}><Button>发第一条</Button></Link>
          </Nothing>
        }
        columns={[
          { title: '标题', key: 'title', render: (_, push) => <div className="cell-wide">{title(push)}<div><Typography.Text type="secondary">{nameOf(push.org_id)}</Typography.Text></div></div> },
          { title: '类型', key: 'kind', render: (_, push) => word(pushKindWords, push.kind) },
          { title: '发送时间', key: 'at', render: (_, push) => <span className="nowrap">{when(push.send_at)}</span> },
          { title: '状态', key: 'state', render: (_, push) => <PushState push={push} /> },
          { title: '人数', key: 'recipients', align: 'right', render: (_, push) => <span className="figure">{push.counts.recipients}</span> },
          { title: '进展', key: 'progress', width: 200, render: (_, push) => <Reached push={push} /> },
        ]}
        card={(push) => (
          <Flex vertical gap={4}>
            <Flex justify="space-between" gap={8}><span>{title(push)}</span><PushState push={push} /></Flex>
            <Typography.Text type="secondary">{word(pushKindWords, push.kind)} · {nameOf(push.org_id)} · {when(push.send_at)}</Typography.Text>
            <Reached push={push} />
          </Flex>
        )}
      />
    </Page>
  )
}

function Reached({ push }: { push: Push }) {
  const { done, share } = tally(push.counts)
  return (
    <>
      <Progress percent={share} size="small" showInfo={false} aria-label={`已办结 ${share}%`} />
      <Typography.Text type="secondary" className="small">{push.counts.recipients === 0 ? '尚未展开名单' : `微信 ${push.counts.sent} · 站内信 ${push.counts.inbox_only}${push.counts.failed ? ` · 失败 ${push.counts.failed}` : ''}${push.counts.recipients > done ? ` · 等待 ${push.counts.recipients - done}` : ''}`}</Typography.Text>
    </>
  )
}
