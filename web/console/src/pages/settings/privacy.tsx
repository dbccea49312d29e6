import { Card, Collapse, Flex, Tag, Typography } from 'antd'
import { api } from '~/api/client'
import { useLoad } from '~/api/query'
import { CopyButton, ExportButton, PrintButton } from '~/ui/buttons'
import { Load, Nothing, Page } from '~/ui/page'
import { day, when } from '~/ui/time'

const causeWords: Record<string, string> = { withdrawn: '本人注销', office: '应本人要求由党办办理' }

export default function Privacy() {
  const retention = useLoad(['privacy', 'retention'], (signal) => api.GET('/api/v1/privacy/retention', { signal }))
  const erasures = useLoad(['privacy', 'erasures'], (signal) => api.GET('/api/v1/privacy/erasures', { signal }))
  const notices = useLoad(['privacy', 'notices'], (signal) => api.GET('/api/v1/privacy/notices', { signal }))
  return (
    <Page title="个人信息" lead="什么留多久、谁被注销过（不含是谁）、告知书的各个版本。" extra={<><ExportButton path="/api/v1/me/export" name="我的个人信息.zip">导出我自己的</ExportButton><PrintButton /></>}>
      <Flex vertical gap={16}>
        <Card title={<h2>什么保存多久</h2>}>
          <Load of={retention} rows={4}>
            {({ items }) => {
              const last = items[0]
              return !last ? <Nothing title="还没有清理过" hint="每天夜里自动清理，明早再看。" /> : (
                <>
                  <Typography.Paragraph type="secondary">上次清理：{when(last.at)}</Typography.Paragraph>
                  <ul className="lines wide">
                    {last.lines.map((line) => <li key={line.kind}><div>{line.what}<div className="line-note">{line.days === 0 ? '一直保存' : `保存 ${line.days} 天`}，上次清理 {line.removed} 条</div></div>{line.fault ? <Tag color="red">没有完成，明晚再试</Tag> : <Tag color="green">正常</Tag>}</li>)}
                  </ul>
                </>
              )
            }}
          </Load>
        </Card>
        <Card title={<h2>注销记录</h2>}>
          <Load of={erasures} rows={3}>
            {({ items }) => items.length === 0 ? <Nothing title="没有人注销" hint="本人可在手机上注销；应本人要求也可由党办办理。" /> : (
              <Collapse items={items.map((row) => ({
                key: row.receipt, label: <>{when(row.erased_at)} · {causeWords[row.cause] ?? row.cause}</>, extra: <CopyButton size="small" text={row.receipt}>复制回执编号</CopyButton>,
                children: <><h3>已删除</h3><ul className="diff">{row.erased.map((line) => <li key={line.what}>{line.what}：{line.count}</li>)}</ul><h3>依规保留</h3><ul className="diff">{row.kept.map((line) => <li key={line.what}>{line.what}：{line.count}{line.why && `（${line.why}）`}</li>)}</ul></>,
              }))} />
            )}
          </Load>
        </Card>
        <Card title={<h2>个人信息告知书</h2>}>
          <Load of={notices} rows={3}>
            {({ items }) => <ul className="lines">{items.map((notice) => <li key={notice.version}><strong>{notice.title}</strong> <Tag>{notice.version}</Tag>{notice.asks_again && <Tag color="blue">须重新同意</Tag>}<div className="line-note">{notice.holds_from ? `自${day(notice.holds_from)}起` : '随程序提供'}</div></li>)}</ul>}
          </Load>
        </Card>
      </Flex>
    </Page>
  )
}
