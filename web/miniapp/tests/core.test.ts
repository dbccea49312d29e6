import { describe, expect, it } from 'vitest'

import { Core, type Storage, type Wire, type WireAnswer } from '@/api/core'
import { asApiError } from '@/api/errors'
import { Queue } from '@/api/queue'

class Memory implements Storage {
  readonly kept = new Map<string, string>()
  get<T>(key: string): T | undefined {
    const s = this.kept.get(key)
    return s === undefined ? undefined : (JSON.parse(s) as T)
  }
  set(key: string, value: unknown): void {
    this.kept.set(key, JSON.stringify(value))
  }
  remove(key: string): void {
    this.kept.delete(key)
  }
}

const ok = (body: unknown, headers: Record<string, string> = {}): WireAnswer => ({ status: 200, headers, body })
const fault = (status: number, code: string): WireAnswer => ({ status, headers: {}, body: { code, detail: '说明' } })

/** A core over a server that is a function; `asked` is what went over the wire. */
function house(server: (w: Wire) => WireAnswer | Promise<WireAnswer>) {
  const asked: Wire[] = []
  const storage = new Memory()
  const core = new Core({
    base: '/api/v1', storage, now: () => 1_000, wait: () => Promise.resolve(),
    transport: async (w) => {
      asked.push(w)
      return server(w)
    },
  })
  return { core, storage, asked }
}

describe('the session', () => {
  it('is renewed once for all who wait', async () => {
    let refreshed = 0
    const h = house(async (w) => {
      if (w.url.endsWith('/auth/refresh')) {
        refreshed++
        await Promise.resolve()
        return ok({ access_token: 'new', refresh_token: 'r2' })
      }
      return w.headers.Authorization === 'Bearer new' ? ok({ path: w.url }) : fault(401, 'token_expired')
    })
    h.core.setTokens({ access: 'old', refresh: 'r1' })
    const answers = await Promise.all([h.core.call('get', '/me'), h.core.call('get', '/feed'), h.core.call('get', '/notices')])
    expect(refreshed).toBe(1)
    expect(answers).toEqual([{ path: '/api/v1/me' }, { path: '/api/v1/feed' }, { path: '/api/v1/notices' }])
    expect(h.storage.get('session')).toEqual({ access: 'new', refresh: 'r2' })
  })

  it('ends when it cannot be renewed, and forgets what was kept', async () => {
    let open = true
    const h = house((w) => (open && !w.url.includes('/auth/') ? ok({ secret: 1 }, { ETag: '"1"' }) : fault(401, 'token_reused')))
    h.core.setTokens({ access: 'a', refresh: 'r' })
    await h.core.call('get', '/me')
    expect(h.core.last('/me')).toEqual({ secret: 1 })
    let ended = 0
    h.core.onEnd(() => ended++)
    open = false
    await expect(h.core.call('get', '/me')).rejects.toMatchObject({ status: 401 })
    expect([ended, h.core.signedIn, h.core.last('/me')]).toEqual([1, false, undefined])
  })

  it('is not given up while the server is busy', async () => {
    const h = house((w) => (w.url.endsWith('/auth/refresh') ? fault(503, 'unavailable') : fault(401, 'token_expired')))
    h.core.setTokens({ access: 'a', refresh: 'r' })
    await expect(h.core.call('get', '/me')).rejects.toMatchObject({ status: 503 })
    expect(h.core.signedIn).toBe(true)
  })
})

describe('a call', () => {
  it('asks with the version it has, and shows it again when nothing changed', async () => {
    const h = house((w) => (w.headers['If-None-Match'] === '"7"' ? { status: 304, headers: {}, body: undefined } : ok({ n: 7 }, { etag: '"7"' })))
    expect(await h.core.call('get', '/articles/{id}', { path: { id: 'a/b' } })).toEqual({ n: 7 })
    expect(await h.core.call('get', '/articles/{id}', { path: { id: 'a/b' } })).toEqual({ n: 7 })
    expect(h.asked.map((w) => [w.url, w.headers['If-None-Match']])).toEqual([['/api/v1/articles/a%2Fb', undefined], ['/api/v1/articles/a%2Fb', '"7"']])
  })

  it('whose answer was lost goes out once more with the same key', async () => {
    let tries = 0
    const h = house(() => {
      if (++tries === 1) throw new Error('reset')
      return { status: 201, headers: {}, body: { id: '1' } }
    })
    await h.core.call('post', '/suggestions', { body: { title: 'x' } })
    const keys = h.asked.map((w) => w.headers['Idempotency-Key'])
    expect(keys.length).toBe(2)
    expect(keys[0]).toBe(keys[1])
    expect(keys[0]).toBeTruthy()
  })

  it('that was refused names each field', async () => {
    const h = house(() => ({ status: 422, headers: {}, body: { code: 'validation_failed', detail: '内容需要修改', fields: [{ field: 'title', code: 'required', detail: '请填写标题。' }] } }))
    const e = asApiError(await h.core.call('post', '/suggestions', { body: {} }).catch((x: unknown) => x))
    expect([e.code, e.of('title'), e.of('content'), e.passing]).toEqual(['validation_failed', '请填写标题。', '', false])
  })
})

describe('what waits for the network', () => {
  function waiting() {
    const net = { up: false, refuse: '' }
    const h = house((w) => {
      if (!net.up) throw new Error('no network')
      return net.refuse && w.url.endsWith(net.refuse) ? fault(409, 'conflict') : ok({})
    })
    const queue = new Queue(h.core, h.storage, () => 'me', () => 1_000)
    return { ...h, net, queue }
  }
  const write = (path: string, place?: string) => ({ method: 'post', path, body: { path }, label: '评论', place })

  it('goes out in its order, each with the key of its first try', async () => {
    const h = waiting()
    expect(await h.queue.send(write('/a'))).toEqual({ waiting: true })
    expect(await h.queue.send(write('/b'))).toEqual({ waiting: true })
    const first = h.asked.find((w) => w.url.endsWith('/a'))?.headers['Idempotency-Key']
    h.net.up = true
    h.asked.length = 0
    await Promise.all([h.queue.flush(), h.queue.flush()])
    expect(h.asked.map((w) => w.url)).toEqual(['/api/v1/a', '/api/v1/b'])
    expect(h.asked[0].headers['Idempotency-Key']).toBe(first)
    expect(h.queue.waiting).toEqual([])
  })

  it('gives its place to a later one of the same kind', async () => {
    const h = waiting()
    await h.queue.send(write('/reads', 'read 1'))
    await h.queue.send(write('/reads', 'read 1'))
    expect(h.queue.waiting.length).toBe(1)
  })

  it('is told of when the server refuses it, and does not hold up the rest', async () => {
    const h = waiting()
    await h.queue.send(write('/a'))
    await h.queue.send(write('/b'))
    Object.assign(h.net, { up: true, refuse: '/a' })
    const refused: string[] = []
    h.queue.onRefused((w, e) => refused.push(`${w.path} ${e.code}`))
    await h.queue.flush()
    expect(refused).toEqual(['/a conflict'])
    expect(h.queue.waiting).toEqual([])
  })
})
