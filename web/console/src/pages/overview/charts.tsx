import { Card, Col, Row } from 'antd'
import type { ReactNode } from 'react'
import { api } from '~/api/client'
import { useLoad, type Loaded } from '~/api/query'
import { Chart } from '~/ui/chart'
import { Load, Nothing } from '~/ui/page'
import { now } from '~/ui/time'
import { suggestionWords, word } from '~/ui/words'
import { byAge, byMonthAndHour, byWeek } from './figures'

/** What people would rather look at than read. Each has its figures as a table below. */
export function Charts({ org }: { org: string }) {
  return (
    <Row gutter={[16, 16]}>
      <Col xs={24} lg={12}><Reach /></Col>
      <Col xs={24} lg={12}><Suggestions /></Col>
      <Col xs={24}><Meetings org={org} /></Col>
    </Row>
  )
}

function Figure<T>({ title, of, children }: { title: string; of: Loaded<T>; children: (data: T) => ReactNode }) {
  return <Card title={<h2>{title}</h2>}><Load of={of} rows={4}>{children}</Load></Card>
}

const axis = { type: 'value' as const, minInterval: 1 }

function Reach() {
  const pushes = useLoad(['pushes', 'chart'], (signal) => api.GET('/api/v1/pushes', { params: { query: { limit: 100 } }, signal }))
  return (
    <Figure title="推送触达，按周" of={pushes}>
      {({ items }) => {
        const weeks = byWeek(items)
        if (weeks.length === 0) return <Nothing title="最近没有推送" />
        const series = [['微信提醒', 'sent', '#1f7a4d'], ['仅站内信', 'inbox', '#c9a227'], ['失败或存疑', 'failed', '#b3261e']] as const
        return (
          <Chart
            label="推送触达：每周经微信送达、仅站内信、失败或存疑的人次"
            option={{
              legend: { bottom: 0 }, tooltip: { trigger: 'axis' }, grid: { left: 48, right: 12, top: 16, bottom: 52 },
              xAxis: { type: 'category', data: weeks.map((week) => week.name) }, yAxis: axis,
              series: series.map(([name, key, color]) => ({ name, type: 'bar', stack: 'all', color, barMaxWidth: 36, data: weeks.map((week) => week[key]) })),
            }}
            table={{ columns: ['周（起始日）', ...series.map(([name]) => name)], rows: weeks.map((week) => [week.name, week.sent, week.inbox, week.failed]) }}
          />
        )
      }}
    </Figure>
  )
}

function Suggestions() {
  const suggestions = useLoad(['suggestions', 'chart'], (signal) => api.GET('/api/v1/suggestions', { params: { query: { box: 'inbox', limit: 100 } }, signal }))
  return (
    <Figure title="意见建议，按状态和时长" of={suggestions}>
      {({ items }) => {
        const { ages, states, counts } = byAge(items, Date.now())
        if (states.length === 0) return <Nothing title="还没有意见建议" />
        return (
          <Chart
            label="收到的意见建议：各状态的件数，按提出至今的天数"
            option={{
              legend: { bottom: 0, type: 'scroll' }, tooltip: { trigger: 'axis' }, grid: { left: 76, right: 12, top: 16, bottom: 52 },
              xAxis: axis, yAxis: { type: 'category', data: ages, inverse: true },
              series: states.map((state, i) => ({ name: word(suggestionWords, state), type: 'bar', stack: 'all', barMaxWidth: 28, data: counts[i] })),
            }}
            table={{ columns: ['提出至今', ...states.map((state) => word(suggestionWords, state))], rows: ages.map((age, i) => [age, ...states.map((_, s) => counts[s]![i]!)]) }}
          />
        )
      }}
    </Figure>
  )
}

function Meetings({ org }: { org: string }) {
  const year = now().year()
  const meetings = useLoad(['meetings', 'chart', org, year], (signal) => api.GET('/api/v1/meetings', { params: { query: { org_id: org, from: `${year}-01-01`, to: `${year}-12-31`, limit: 100 } }, signal }))
  return (
    <Figure title={`${year}年的会开在什么时候`} of={meetings}>
      {({ items }) => {
        const grid = byMonthAndHour(items.filter((meeting) => meeting.state !== 'cancelled'))
        if (grid.cells.length === 0) return <Nothing title="今年还没有会议" />
        return (
          <Chart
            label={`${year}年各月各时段的会议场次`}
            option={{
              tooltip: { formatter: (at: { value: [number, number, number] }) => `${at.value[0] + 1}月 ${grid.hours[at.value[1]]}：${at.value[2]} 场` },
              grid: { left: 64, right: 12, top: 12, bottom: 32 },
              xAxis: { type: 'category', data: Array.from({ length: 12 }, (_, i) => `${i + 1}月`), splitArea: { show: true } },
              yAxis: { type: 'category', data: grid.hours, inverse: true, splitArea: { show: true } },
              visualMap: { show: false, min: 0, max: Math.max(2, ...grid.cells.map((cell) => cell[2])), inRange: { color: ['#f6d7d4', '#b3261e'] } },
              series: [{ type: 'heatmap', data: grid.cells, label: { show: true } }],
            }}
            height={60 + grid.hours.length * 34}
            table={{ columns: ['时段', ...Array.from({ length: 12 }, (_, i) => `${i + 1}月`)], rows: grid.hours.map((hour, h) => [hour, ...Array.from({ length: 12 }, (_, m) => grid.cells.find((cell) => cell[0] === m && cell[1] === h)?.[2] ?? 0)]) }}
          />
        )
      }}
    </Figure>
  )
}
