import { BarChart, HeatmapChart, LineChart, PieChart } from 'echarts/charts'
import { CalendarComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent } from 'echarts/components'
import { init, use, type ECharts, type EChartsCoreOption } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'

use([BarChart, LineChart, PieChart, HeatmapChart, GridComponent, LegendComponent, TooltipComponent, CalendarComponent, VisualMapComponent, CanvasRenderer])

/** Tooltips are drawn on the canvas: those of HTML carry style attributes, which the content security policy refuses. */
export function draw(box: HTMLElement, option: EChartsCoreOption, dark: boolean): ECharts {
  const chart = init(box, dark ? 'dark' : undefined, { renderer: 'canvas' })
  chart.setOption({
    backgroundColor: 'transparent',
    animation: !window.matchMedia('(prefers-reduced-motion: reduce)').matches,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    ...option,
    tooltip: { renderMode: 'richText', confine: true, ...(option.tooltip as object | undefined) },
  })
  return chart
}
