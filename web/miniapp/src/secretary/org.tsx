import { useState } from 'react'

import { useMe, type Org } from '@/me'
import { device } from '@/platform/storage'
import { Select } from '@/ui'

const KEPT = 'secretary:org'

/** The organisation that the secretary works for: the one chosen last, and a field to choose another where there are several. */
export function useWorkplace(): { org: Org | undefined; chooser: JSX.Element | null } {
  const { led, office } = useMe()
  const all = [...led, ...office].filter((o, i, list) => list.findIndex((p) => p.id === o.id) === i)
  const [chosen, choose] = useState(() => device.get<string>(KEPT) ?? '')
  const org = all.find((o) => o.id === chosen) ?? all[0]
  const chooser = all.length > 1 && org ? (
    <Select title="组织" id="org_id" value={org.id} options={all.map((o) => ({ value: o.id, text: o.name }))} onChange={(id) => {
      device.set(KEPT, id)
      choose(id)
    }} />
  ) : null
  return { org, chooser }
}
