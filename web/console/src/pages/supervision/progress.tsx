import { Card, Collapse, Flex, Tag, Typography } from 'antd'
import { api } from '~/api/client'
import { useLoad } from '~/api/query'
import { ExportButton, PrintButton } from '~/ui/buttons'
import { useFilters } from '~/ui/filters'
import { Load, Nothing, Page } from '~/ui/page'
import { now } from '~/ui/time'
import { RecordLines } from './lines'
import { kindOf, periodKey } from './period'
import { PeriodPicker, periodQuery } from './period-picker'

export default function ProgressReport() {
  const [filters, filter] = useFilters({ period: periodKey('month', now()) })
  const loaded = useLoad(['progress-report', filters.period], (signal) => api.GET('/api/v1/supervision/progress-report', { params: { query: periodQuery(filters.period) }, signal }), { keep: false })
  const file = (kind: string) => `/api/v1/supervision/progress-report.${kind}?${kindOf(filters.period)}=${filters.period}`
  return (
    <Page title="进程反馈表" lead="各支部按组织顺序，分类列出；没有记录的也列着。" extra={<><ExportButton path={file('docx')} name="进程反馈表.docx">Word</ExportButton><ExportButton path={file('xlsx')} name="进程反馈表.xlsx">Excel</ExportButton><PrintButton /></>}>
      <div className="filters no-print"><PeriodPicker value={filters.period} onChange={(period) => filter({ period })} /></div>
      <Load of={loaded}>
        {(report) => (
          <Flex vertical gap={16}>
            <Typography.Text>{report.period.label}（{report.period.from} 至 {report.period.to}）</Typography.Text>
            {report.kinds.map((kind) => (
              <Card key={kind.kind} title={<h2>{kind.kind_text}</h2>}>
                {kind.branches.length === 0 ? <Nothing title="还没有支部" /> : (
                  <Collapse ghost size="small" defaultActiveKey={kind.branches.filter((branch) => branch.lines.length > 0).map((branch) => branch.org.id)} items={kind.branches.map((branch) => ({
                    key: branch.org.id, collapsible: branch.lines.length === 0 ? 'disabled' as const : undefined, label: <>{branch.org.name} <Tag>{branch.lines.length === 0 ? '暂无记录' : '有记录'}</Tag></>,
                    children: <><RecordLines lines={branch.lines} />{branch.note && <Typography.Text type="secondary">支部说明：{branch.note.text}</Typography.Text>}</>,
                  }))} />
                )}
              </Card>
            ))}
          </Flex>
        )}
      </Load>
    </Page>
  )
}
