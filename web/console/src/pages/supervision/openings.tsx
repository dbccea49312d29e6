import { Button, Flex, Typography } from 'antd'
import { Link } from 'react-router'
import { api } from '~/api/client'
import { useLoad } from '~/api/query'
import type { components } from '~/api/schema'
import { useLinkTo } from '~/ui/link'
import { Load, Nothing } from '~/ui/page'
import { span } from '~/ui/time'

export type Obligation = components['schemas']['ObligationView']

export function useObligations(org: string, year: string) {
  return useLoad(['obligations', org, year], (signal) => api.GET('/api/v1/orgs/{id}/obligations', { params: { path: { id: org }, query: { year: Number(year) } }, signal }), { keep: false, enabled: !!org })
}

/** SlotOf proposes when it could still be held. */
export function SlotOf({ item }: { item: Obligation }) {
  const to = useLinkTo()
  if (!item.slot) return null
  const { slot } = item
  return (
    <Flex wrap gap={8} align="center">
      <Typography.Text>建议 {span(slot.starts_at, slot.ends_at)}{slot.conflicts > 0 ? `，同时有 ${slot.conflicts} 个会议` : ''}{slot.provisional ? '（放假安排未公布）' : ''}</Typography.Text>
      <Link className="no-print" to={to('/meetings/new', { org: item.org.id, type: item.type, starts_at: slot.starts_at, ends_at: slot.ends_at })}><Button size="small">召集</Button></Link>
    </Flex>
  )
}

/** Openings are what a branch can still hold in time. */
export function Openings({ org, year }: { org: string; year: string }) {
  const loaded = useObligations(org, year)
  return (
    <Load of={loaded} rows={2}>
      {({ items }) => {
        const open = items.filter((item) => item.state === 'open')
        return open.length === 0 ? <Nothing title="没有还可安排的" /> : <ul className="lines wide">{open.map((item) => <li key={item.org.id + item.key}><span>{item.period} {item.type_label}{item.org.id !== org && `（${item.org.name}）`}</span><SlotOf item={item} /></li>)}</ul>
      }}
    </Load>
  )
}
