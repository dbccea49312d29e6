import { Fragment } from 'react'
import dayjs from 'dayjs'

export interface Mark {
  /** 2026-11-24 */
  day: string
  text: string
  title?: string
  faded?: boolean
}

const HEAD = ['一', '二', '三', '四', '五', '六', '日']

/** MonthGrid shows days on calendar sheets, as many months as they span. It is read out as the list that stands beside it. */
export function MonthGrid({ marks, most = 3 }: { marks: Mark[]; most?: number }) {
  const months = [...new Set(marks.map((mark) => mark.day.slice(0, 7)))].sort().slice(0, most)
  return (
    <div className="months" aria-hidden>
      {months.map((month) => {
        const first = dayjs(`${month}-01`)
        const lead = (first.day() + 6) % 7
        return (
          <table key={month} className="month">
            <caption>{first.format('YYYY年M月')}</caption>
            <thead><tr>{HEAD.map((name) => <th key={name}>{name}</th>)}</tr></thead>
            <tbody>
              {Array.from({ length: Math.ceil((lead + first.daysInMonth()) / 7) }, (_, week) => (
                <tr key={week}>
                  {HEAD.map((name, column) => {
                    const date = week * 7 + column - lead + 1
                    const inside = date >= 1 && date <= first.daysInMonth()
                    const day = `${month}-${String(date).padStart(2, '0')}`
                    const here = inside ? marks.filter((mark) => mark.day === day) : []
                    return (
                      <td key={name} className={here.length === 0 ? undefined : here.every((mark) => mark.faded) ? 'faded' : 'marked'} title={here.map((mark) => mark.title ?? mark.text).join('\n') || undefined}>
                        {inside && date}
                        {here.map((mark, i) => <Fragment key={i}><br /><small>{mark.text}</small></Fragment>)}
                      </td>
                    )
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        )
      })}
    </div>
  )
}
