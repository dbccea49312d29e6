import { Tag } from 'antd'
import { Link } from 'react-router'
import type { components } from '~/api/schema'
import { useLinkTo } from '~/ui/link'
import { day } from '~/ui/time'
import { pageOf } from './evidence'

export type Line = components['schemas']['RecordLineView']

export function RecordLines({ lines }: { lines: Line[] }) {
  const to = useLinkTo()
  return (
    <ul className="lines">
      {lines.map((line, i) => {
        const page = pageOf(line.evidence.path)
        return (
          <li key={i}>
            <div><span className="line-note nowrap">{day(line.on)}</span> {page ? <Link to={to(page)} className="plain-link">{line.title}</Link> : line.title}{line.late && <Tag color="gold" className="beside">{line.late.text}</Tag>}</div>
            {line.text && <div className="line-note">{line.text}</div>}
          </li>
        )
      })}
    </ul>
  )
}
