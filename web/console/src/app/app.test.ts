import { describe, expect, it } from 'vitest'
import { read, written } from '~/ui/filters'
import { treeOf, type Org } from '~/ui/org'
import type { Me } from '~/api/session'
import { myselfOf } from './me'
import { entryOf, nav, visible } from './nav'

const org = (id: string) => ({ id, name: id, kind: 'branch' as const })
const meOf = (...grants: [string, string[]][]) => ({ id: 'm', name: '甲', bound: true, memberships: grants.map(([id, roles]) => ({ org: org(id), ancestors: [], roles })) }) as unknown as Me

describe('roles', () => {
  it('open the console to those with one, and the office to staff', () => {
    expect(myselfOf(meOf(['b', ['member']])).leader).toBe(false)
    expect(myselfOf(meOf(['b', ['member', 'secretary']]))).toMatchObject({ leader: true, office: false })
    expect(myselfOf(meOf(['b', ['member']], ['s', ['staff']]))).toMatchObject({ leader: true, office: true, homeOrg: 's' })
  })

  it('hold for an organisation and all below it', () => {
    const me = myselfOf(meOf(['b', ['secretary']]))
    const up: Record<string, string | undefined> = { g: 'b', b: 's', c: 's' }
    expect(me.rankAt('g', (id) => up[id])).toBe(4)
    expect(me.rankAt('c', (id) => up[id])).toBe(0)
  })
})

describe('menu', () => {
  it('hides from a secretary what is the office\'s', () => {
    const paths = visible(nav, myselfOf(meOf(['b', ['secretary']]))).flatMap((item) => [item.path, ...(item.children ?? []).map((child) => child.path)])
    expect(paths).not.toContain('/audit')
    expect(paths).not.toContain('/settings/policy')
    expect(paths).not.toContain('/supervision')
    expect(paths).toContain('/pushes/new')
  })

  it('marks the entry that the address belongs to', () => {
    expect(entryOf(nav, '/content/abc/revisions')).toEqual({ item: '/content', group: 'content' })
    expect(entryOf(nav, '/content/new').item).toBe('/content/new')
    expect(entryOf(nav, '/').item).toBe('/')
    expect(entryOf(nav, '/account').item).toBe('')
  })
})

describe('filters', () => {
  it('come from the address and leave everything else in it alone', () => {
    const query = new URLSearchParams('org=o1&state=sent')
    expect(read({ state: '', q: '' }, query)).toEqual({ state: 'sent', q: '' })
    expect(written(query, { state: '', q: '' }, { state: '', q: '会' }).toString()).toBe('org=o1&q=%E4%BC%9A')
  })
})

describe('the tree of organisations', () => {
  it('keeps the order and puts what has no visible parent at the top', () => {
    const orgs = [
      { id: 'b', parent_id: 'unseen', kind: 'branch', name: 'B', members: 1 },
      { id: 'g2', parent_id: 'b', kind: 'group', name: 'G2', members: 1 },
      { id: 'g1', parent_id: 'b', kind: 'group', name: 'G1', members: 1 },
    ] as Org[]
    expect(treeOf(orgs)).toEqual([{ value: 'b', title: 'B', children: [{ value: 'g2', title: 'G2', children: [] }, { value: 'g1', title: 'G1', children: [] }] }])
  })
})
