import { describe, expect, test, vi } from 'vitest'

vi.hoisted(() => vi.stubGlobal('navigator', { userAgent: 'test' })) // older Node.js has none
vi.mock('@tarojs/taro', () => ({ default: { getStorageSync: () => '', getCurrentPages: () => [] } }))
vi.mock('../src/platform/login', () => ({ takeReturned: () => undefined, finishReturned: async () => undefined, silently: undefined }))

import { ledOrgs, mayLead, officeOrgs } from '../src/me'
import { address, withoutStamp } from '../src/nav'
import { threads } from '../src/pages/article/threads'
import { entrance } from '../src/platform/scene'
import type { Me } from '../src/session'
import { seen, worth } from '../src/text/progress'
import { readable } from '../src/ui/html'

describe('how far a text was read', () => {
  test.each([
    [100, 1000, 600, 50],
    [-400, 1000, 600, 100],
    [-2000, 1000, 600, 100],
    [900, 1000, 600, 0],
    [0, 0, 600, 0],
  ])('top %d of %d on a screen of %d: %d', (top, height, screen, percent) => expect(seen(top, height, screen)).toBe(percent))

  test('is told by tenths and at the end', () => {
    expect([worth(0, 9), worth(0, 10), worth(95, 99), worth(95, 100), worth(100, 100), worth(50, 20)]).toEqual([false, true, false, true, false, false])
  })
})

describe('what a page was opened with', () => {
  test('a link, a code with names, a code with an id', () => {
    expect(entrance({ id: '1', stamp: 'x', $taroTimestamp: '2' })).toEqual({ id: '1' })
    expect(entrance({ scene: encodeURIComponent('id=01a2&code=123456') })).toEqual({ id: '01a2', code: '123456' })
    expect(entrance({ scene: '01a20be3-3b31' })).toEqual({ id: '01a20be3-3b31' })
    expect(entrance({ q: '%E0%A4%A' })).toEqual({ q: '%E0%A4%A' })
  })

  test('addresses', () => {
    expect(address('article', { id: 'a b', empty: '', none: undefined })).toBe('/pages/article/detail?id=a%20b')
    expect(withoutStamp('/console?stamp=A1&code=x')).toBe('/console?code=x')
    expect(withoutStamp('/pages/home/index?stamp=A1')).toBe('/pages/home/index')
  })
})

describe('threads of comments', () => {
  const c = (id: string, reply_to: string | null, at: string) => ({ id, reply_to, created_at: at, author: { id: null, name: '', org: null }, content: '', state: 'visible' as const, likes: 0 })
  test('answers stand below their head, the oldest first; a deleted head leaves its place', () => {
    const got = threads([c('2', null, '2026-11-02T00:00:00Z'), c('b', '1', '2026-11-04T00:00:00Z'), c('a', '1', '2026-11-03T00:00:00Z'), c('1', null, '2026-11-01T00:00:00Z'), c('x', 'gone', '2026-11-05T00:00:00Z')])
    expect(got.map((t) => [t.id, t.head?.id, t.answers.map((x) => x.id)])).toEqual([['2', '2', []], ['1', '1', ['a', 'b']], ['gone', undefined, ['x']]])
  })
})

describe('whom the secretary\'s tools are shown to', () => {
  const org = (id: string) => ({ id, name: id, kind: 'branch' as const })
  const me = (roles: Record<string, string[]>): Me => ({
    id: 'm', name: '', bound: true, consent_required: false, party_status: null, org: null, unread: { notices: 0, required_reading: 0, todo: 0 },
    memberships: Object.entries(roles).map(([id, r]) => ({ org: org(id), ancestors: [], roles: r })),
  })
  test('who leads somewhere, or is of the office; nobody else', () => {
    expect(mayLead(undefined)).toBe(false)
    expect(mayLead(me({ a: ['member'] }))).toBe(false)
    expect(ledOrgs(me({ a: ['member'], b: ['member', 'secretary'] })).map((o) => o.id)).toEqual(['b'])
    expect(officeOrgs(me({ s: ['staff'] })).map((o) => o.id)).toEqual(['s'])
    expect(mayLead(me({ s: ['staff'] }))).toBe(true)
  })
})

test('the server\'s text has classes, and whole addresses where there is no page of its own', () => {
  expect(readable('<p>a<img src="/files/x"/></p><h2>b</h2>', 'https://s')).toBe('<p class="html-p">a<img class="html-img" src="https://s/files/x"/></p><h2 class="html-h2">b</h2>')
  expect(readable('<pre>x</pre>', '')).toBe('<pre class="html-pre">x</pre>')
})
