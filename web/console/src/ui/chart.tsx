import { Skeleton } from 'antd'
import type { EChartsCoreOption } from 'echarts/core'
import { useEffect, useRef, useState } from 'react'
import { useLook } from '~/app/theme'
import { CopyButton } from './buttons'

export interface ChartProps {
  option: EChartsCoreOption
  /** What the chart shows, for those who do not see it. */
  label: string
  height?: number
  /** The same figures as a table: columns, then rows. Shown to those who read with their ears, and to all who open it. */
  table?: { columns: string[]; rows: (string | number)[][] }
}

type Engine = typeof import('./echarts')

/** Chart draws with ECharts, which is loaded the first time that one is shown. */
export function Chart({ option, label, height = 280, table }: ChartProps) {
  const box = useRef<HTMLDivElement>(null)
  const [engine, setEngine] = useState<Engine | null>(null)
  const { dark } = useLook()
  useEffect(() => {
    let gone = false
    void import('./echarts').then((loaded) => {
      if (!gone) setEngine(loaded)
    })
    return () => {
      gone = true
    }
  }, [])
  useEffect(() => {
    if (!engine || !box.current) return undefined
    const chart = engine.draw(box.current, option, dark)
    const watch = new ResizeObserver(() => chart.resize())
    watch.observe(box.current)
    return () => {
      watch.disconnect()
      chart.dispose()
    }
  }, [engine, option, dark])
  return (
    <figure className="chart-figure" aria-label={label}>
      {!engine && <Skeleton.Node active className="chart-waiting" />}
      <div ref={box} style={{ width: '100%', height: engine ? height : 0 }} role="img" aria-label={label} />
      {table && (
        <details className="chart-table">
          <summary>看数字</summary>
          <table>
            <thead>
              <tr>{table.columns.map((name) => <th key={name} scope="col">{name}</th>)}</tr>
            </thead>
            <tbody>
              {table.rows.map((row, i) => (
                <tr key={i}>{row.map((cell, j) => (j === 0 ? <th key={j} scope="row">{cell}</th> : <td key={j}>{cell}</td>))}</tr>
              ))}
            </tbody>
          </table>
          <CopyButton size="small" type="text" className="no-print" text={[table.columns, ...table.rows].map((row) => row.join('\t')).join('\n')} what="已拷贝，可粘贴到表格">拷贝数字</CopyButton>
        </details>
      )}
    </figure>
  )
}
