import { Card, Col, Row, Typography } from 'antd'
import type { ReactNode } from 'react'
import { api } from '~/api/client'
import { useLoad, type Loaded } from '~/api/query'
import { useMe } from '~/app/me'
import { Chart } from '~/ui/chart'
import { useOrgs } from '~/ui/org'
import { Load, Nothing } from '~/ui/page'
import { day, now } from '~/ui/time'
import { pushKindWords, suggestionWords, word } from '~/ui/words'
import { byAge, byMonthAndHour, everything } from './figures'

/** What people would rather look at than read. Each has its figures as a table below. */
export function Charts({ org }: { org: string }) {
  const me = useMe()
  const { items } = useOrgs()
  const up = new Map(items.map((row) => [row.id, row.parent_id ?? undefined]))
  const committee = items.length > 0 && me.rankAt(org, (id) => up.get(id)) >= 3 // a committee member and above
  return (
    <Row gutter={[16, 16]}>
      {committee && <Col xs={24} lg={12}><Reach org={org} /></Col>}
      {committee && <Col xs={24} lg={12}><Grants org={org} /></Col>}
      <Col xs={24} lg={12}><Suggestions /></Col>
      <Col xs={24} lg={12}><Meetings org={org} /></Col>
    </Row>
  )
}

function Figure<T>({ title, of, children }: { title: string; of: Loaded<T>; children: (data: T) => ReactNode }) {
  return <Card title={<h2>{title}</h2>}><Load of={of} rows={4}>{children}</Load></Card>
}

const axis = { type: 'value' as const, minInterval: 1 }

/** Reach is what became of the messages of each week, by the way that they took; Grants, how far the subscriptions go. */
function Reach({ org }: { org: string }) {
  const figures = useFigures(org)
  return (
    <Figure title="推送触达，按周和渠道" of={figures}>
      {({ weeks }) => {
        if (weeks.length === 0) return <Nothing title="最近十二周没有推送" />
        const series = [['小程序订阅消息', 'subscribe', '#1f7a4d'], ['公众号消息', 'official', '#1f5fa8'], ['仅站内信', 'inbox', '#c9a227'], ['失败或存疑', 'failed', '#b3261e']] as const
        const shown = series.filter(([, key]) => key !== 'official' || weeks.some((week) => week.official > 0))
        const names = weeks.map((week) => day(week.week).split(' ')[0]!)
        return (
          <Chart
            label="推送触达：每周经各渠道送达、仅站内信、失败或存疑的人次"
            option={{
              legend: { bottom: 0, type: 'scroll' }, tooltip: { trigger: 'axis' }, grid: { left: 48, right: 12, top: 16, bottom: 52 },
              xAxis: { type: 'category', data: names }, yAxis: axis,
              series: shown.map(([name, key, color]) => ({ name, type: 'bar', stack: 'all', color, barMaxWidth: 36, data: weeks.map((week) => week[key]) })),
            }}
            table={{ columns: ['周（起始日）', ...shown.map(([name]) => name)], rows: weeks.map((week, i) => [names[i]!, ...shown.map(([, key]) => week[key])]) }}
          />
        )
      }}
    </Figure>
  )
}

function Grants({ org }: { org: string }) {
  const figures = useFigures(org)
  return (
    <Figure title="订阅够不够用：未来三十天" of={figures}>
      {({ members, forecasts }) => {
        if (forecasts.length === 0) return <Nothing title="还没有设置消息模板" hint="设好之前，通知只进站内信。" />
        if (members === 0) return <Nothing title="还没有人绑定微信" />
        const names = forecasts.map((one) => one.kinds.map((kind) => word(pushKindWords, kind)).join('、'))
        const missing = forecasts.map((one) => one.needed - one.covered)
        const worst = forecasts.reduce((a, b) => (b.short > a.short ? b : a))
        return (
          <>
            <Typography.Paragraph type="secondary" className="tight">
              {worst.short === 0 ? `已绑定的 ${members} 人，各类通知的订阅都够。` : `已绑定的 ${members} 人中，有 ${worst.short} 人的“${names[forecasts.indexOf(worst)]}”订阅会用完；用完后只进站内信。`}
            </Typography.Paragraph>
            <Chart
              label="未来三十天大约要发的通知中，现有订阅够发的与不够的条数"
              option={{
                legend: { bottom: 0 }, tooltip: { trigger: 'axis' }, grid: { left: 84, right: 16, top: 8, bottom: 52 },
                xAxis: axis, yAxis: { type: 'category', data: names, inverse: true, axisLabel: { width: 76, overflow: 'truncate' } },
                series: [
                  { name: '够发', type: 'bar', stack: 'all', color: '#1f7a4d', barMaxWidth: 28, data: forecasts.map((one) => one.covered) },
                  { name: '不够', type: 'bar', stack: 'all', color: '#c9a227', barMaxWidth: 28, data: missing },
                ],
              }}
              height={240}
              table={{ columns: ['通知', '大约要发', '够发', '不够', '会用完的人数'], rows: forecasts.map((one, i) => [names[i]!, one.needed, one.covered, missing[i]!, one.short]) }}
            />
          </>
        )
      }}
    </Figure>
  )
}

function useFigures(org: string) {
  return useLoad(['pushes', 'figures', org], (signal) => api.GET('/api/v1/pushes/figures', { params: { query: { org_id: org } }, signal }))
}

function Suggestions() {
  const suggestions = useLoad(['suggestions', 'chart'], (signal) => everything((cursor) => api.GET('/api/v1/suggestions', { params: { query: { box: 'inbox', limit: 100, cursor } }, signal })))
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
  const meetings = useLoad(['meetings', 'chart', org, year], (signal) => everything((cursor) => api.GET('/api/v1/meetings', { params: { query: { org_id: org, from: `${year}-01-01`, to: `${year}-12-31`, limit: 100, cursor } }, signal })))
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
