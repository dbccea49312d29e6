import { TreeSelect } from 'antd'
import { useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { api } from '~/api/client'
import { useLoad } from '~/api/query'
import type { components } from '~/api/schema'
import { useMe } from '~/app/me'

export type Org = components['schemas']['OrgView']

export interface OrgNode {
  value: string
  title: string
  children: OrgNode[]
}

/** treeOf keeps the order of the list, which is that of the tree. An organisation whose parent is not shown stands at the top. */
export function treeOf(orgs: Org[], keep: (org: Org) => boolean = () => true): OrgNode[] {
  const kept = orgs.filter(keep)
  const nodes = new Map(kept.map((org) => [org.id, { value: org.id, title: org.name, children: [] as OrgNode[] }]))
  const roots: OrgNode[] = []
  for (const org of kept) {
    const node = nodes.get(org.id)!
    const parent = org.parent_id ? nodes.get(org.parent_id) : undefined
    ;(parent ? parent.children : roots).push(node)
  }
  return roots
}

/** All organisations that the caller may see, parents first. */
export function useOrgs() {
  const orgs = useLoad(['orgs'], (signal) => api.GET('/api/v1/orgs', { signal }))
  return { ...orgs, items: orgs.data?.items ?? [] }
}

export const ORG = 'org'
const LAST = 'zhibu.console.org'

function lastOrg(): string {
  try {
    return localStorage.getItem(LAST) ?? ''
  } catch {
    return ''
  }
}

/** The organisation that the page is about: the one in the address (`?org=`), else the last one chosen, else the first in which the person has a role. */
export function useOrg(): { id: string; org: Org | undefined; orgs: Org[]; choose: (id: string) => void } {
  const { items } = useOrgs()
  const me = useMe()
  const [query, setQuery] = useSearchParams()
  const id = useMemo(() => {
    const known = (candidate: string | null | undefined) => !!candidate && (items.length === 0 || items.some((org) => org.id === candidate))
    const asked = query.get(ORG)
    if (known(asked)) return asked!
    const last = lastOrg()
    if (last && items.some((org) => org.id === last)) return last
    return me.homeOrg ?? items[0]?.id ?? ''
  }, [items, me.homeOrg, query])
  const choose = (next: string) => {
    try {
      localStorage.setItem(LAST, next)
    } catch {
      // The address says it anyhow.
    }
    setQuery((now) => {
      const to = new URLSearchParams(now)
      to.set(ORG, next)
      return to
    })
  }
  return { id, org: items.find((org) => org.id === id), orgs: items, choose }
}

export interface OrgPickerProps {
  value?: string
  onChange?: (id: string) => void
  id?: string
  only?: (org: Org) => boolean
  allowClear?: boolean
  placeholder?: string
  disabled?: boolean
  style?: React.CSSProperties
  'aria-label'?: string
  'data-testid'?: string
}

/** OrgPicker chooses one organisation, in the order of the tree; it can be typed into. Good as a field of a form. */
export function OrgPicker({ value, onChange, only, placeholder = '选择组织', ...rest }: OrgPickerProps) {
  const { items, loading } = useOrgs()
  const tree = useMemo(() => treeOf(items, only), [items, only])
  return (
    <TreeSelect
      {...rest}
      value={value || undefined}
      onChange={(id) => onChange?.(id ?? '')}
      treeData={tree}
      loading={loading}
      showSearch={{ treeNodeFilterProp: 'title' }}
      treeDefaultExpandAll
      treeLine
      placeholder={placeholder}
      popupMatchSelectWidth={false}
    />
  )
}
