import { InboxOutlined } from '@ant-design/icons'
import { Alert, Card, Flex, Tag, Upload } from 'antd'
import { api } from '~/api/client'
import { useAction, useLoad, usePages } from '~/api/query'
import type { components } from '~/api/schema'
import { PrintButton, useTell } from '~/ui/buttons'
import { useFilters } from '~/ui/filters'
import { MonthGrid } from '~/ui/month'
import { Load, Nothing, Page, ProblemAlert } from '~/ui/page'
import { day, now } from '~/ui/time'
import { YearPicker } from '../supervision/year'

export default function CalendarSettings() {
  const tell = useTell()
  const [filters, filter] = useFilters({ year: String(now().year()) })
  const year = Number(filters.year)
  const loaded = useLoad(['calendar', year], (signal) => api.GET('/api/v1/calendar', { params: { query: { year } }, signal }), { keep: false })
  const load = useAction(async (text: string) => api.PUT('/api/v1/calendar/{year}', { params: { path: { year } }, body: JSON.parse(text) as never }), { changes: [['calendar'], ['supervision'], ['obligations']], done: () => tell.done('已导入，期限和可选时间已按它重算') })
  const take = async (file: File) => {
    const text = await file.text()
    try {
      JSON.parse(text)
    } catch {
      tell.failed(new Error('这不是 JSON 文件，请选择当年的放假安排文件。'))
      return
    }
    void load.run(text)
  }
  return (
    <Page title="放假安排与活动" lead="国务院公布放假安排后导入；工作日、期限和会议时间都按它算。" extra={<><YearPicker value={filters.year} onChange={(next) => filter({ year: next })} /><PrintButton /></>}>
      <Flex vertical gap={16}>
        <Load of={loaded}>
          {(calendar) => (
            <>
              {calendar.provisional && <Alert type="warning" showIcon title={`${calendar.year} 年的放假安排还没有导入，暂按周一至周五为工作日。`} />}
              <Card title={<h2>{calendar.year} 年</h2>}>
                {calendar.days.length === 0 ? <Nothing title="还没有导入" /> : (
                  <Flex vertical gap={16}>
                    <MonthGrid most={12} marks={calendar.days.map((one) => ({ day: one.date, text: one.kind === 'holiday' ? '休' : '班', title: one.name, faded: one.kind === 'makeup' }))} />
                    <ul className="lines">{calendar.days.map((one) => <li key={one.date}>{day(one.date)} {one.name} <Tag color={one.kind === 'holiday' ? 'red' : 'blue'} className="beside">{one.kind === 'holiday' ? '放假' : '调休上班'}</Tag></li>)}</ul>
                  </Flex>
                )}
              </Card>
            </>
          )}
        </Load>
        <Card title={<h2>导入 {year} 年</h2>} className="no-print">
          <Upload.Dragger accept=".json" maxCount={1} showUploadList={false} disabled={load.running} beforeUpload={(file) => { void take(file); return false }}>
            <p className="ant-upload-drag-icon"><InboxOutlined /></p><p className="ant-upload-text">把 {year}.json 拖到这里，或点一下选择</p><p className="ant-upload-hint">holiday-cn 格式：{'{ year, days: [{ name, date, isOffDay }] }'}</p>
          </Upload.Dragger>
          {load.problem && <div className="gap-top"><ProblemAlert problem={load.problem} faults={load.problem.fields} /></div>}
        </Card>
        <Events />
      </Flex>
    </Page>
  )
}

function Events() {
  const pages = usePages<components['schemas']['EventView']>(['events'], (cursor, signal) => api.GET('/api/v1/events', { params: { query: { cursor } }, signal }))
  return (
    <Card title={<h2>学会活动</h2>}>
      {pages.items.length === 0 ? <Nothing title="没有登记的活动" /> : <ul className="lines">{pages.items.map((event) => <li key={event.id}><strong>{event.name}</strong> {day(event.starts_on)} 至 {day(event.ends_on)}{event.place && ` · ${event.place}`}<div className="line-note">日程 {event.sessions.length} 场{event.sessions.some((session) => session.for_branches) && '，有留给各支部的时间'}</div></li>)}</ul>}
    </Card>
  )
}
