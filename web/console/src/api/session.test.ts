import { describe, expect, it } from 'vitest'
import { connect } from './client'
import { Problem } from './problem'
import { Session, type Drawer, type SessionView } from './session'

function drawerOf(): Drawer {
  const kept = new Map<string, string>()
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value), removeItem: (key) => void kept.delete(key) }
}

const viewOf = (n: number): SessionView => ({ access_token: `access-${n}`, refresh_token: `refresh-${n}`, expires_in: 900, token_type: 'Bearer', me: {} as SessionView['me'] })
const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json', ...headers } })

/** A server that hands out one token after another, and takes each refresh token once, as ours does. */
function serverOf() {
  let n = 1
  const used = new Set<string>()
  const log: { path: string; auth: string | null; key: string | null; body: string }[] = []
  const server = {
    log,
    down: false,
    refreshes: 0,
    answer: (_path: string): Response => json({ ok: true }),
    fetch: (async (input: RequestInfo | URL, init?: RequestInit) => {
      const request = new Request(new URL(String(input instanceof Request ? input.url : input), 'http://zhibu.test'), input instanceof Request ? input : init)
      const path = new URL(request.url).pathname
      const body = await request.clone().text()
      log.push({ path, auth: request.headers.get('Authorization'), key: request.headers.get('Idempotency-Key'), body })
      await Promise.resolve()
      if (server.down) throw new TypeError('fetch failed')
      if (path.endsWith('/auth/refresh')) {
        server.refreshes++
        const { refresh_token } = JSON.parse(body) as { refresh_token: string }
        if (used.has(refresh_token)) return json({ code: 'token_reused', detail: '登录已失效。' }, 401)
        used.add(refresh_token)
        return json(viewOf(++n))
      }
      if (request.headers.get('Authorization') !== `Bearer access-${n}`) return json({ code: 'token_expired', detail: '登录已过期。' }, 401)
      return server.answer(path)
    }) as typeof fetch,
  }
  return server
}

function houseOf(now = () => 0) {
  const server = serverOf()
  const session = new Session({ drawer: drawerOf(), fetch: server.fetch, base: 'http://zhibu.test/api/v1', now, lock: (work) => work() })
  return { server, session, ...connect(session, { baseUrl: 'http://zhibu.test', fetch: server.fetch }) }
}

describe('session', () => {
  it('sends the token along', async () => {
    const { session, client, server } = houseOf()
    session.keep(viewOf(1))
    await client.GET('/api/v1/me')
    expect(server.log.at(-1)).toMatchObject({ path: '/api/v1/me', auth: 'Bearer access-1' })
  })

  it('renews once, however many ask at once', async () => {
    let time = 0
    const { session, client, server } = houseOf(() => time)
    session.keep(viewOf(1))
    time = 890_000 // about to end
    await Promise.all([client.GET('/api/v1/me'), client.GET('/api/v1/orgs'), client.GET('/api/v1/notices')])
    expect(server.refreshes).toBe(1)
    expect(server.log.slice(1).map((entry) => entry.auth)).toEqual(Array(3).fill('Bearer access-2'))
  })

  it('sends a request again after the server refused the token, with the same key and body', async () => {
    const { session, client, server } = houseOf()
    session.keep({ ...viewOf(1), access_token: 'revoked' })
    await client.POST('/api/v1/pushes', { body: { title: '题' } as never })
    const sent = server.log.filter((entry) => entry.path === '/api/v1/pushes')
    expect(sent).toHaveLength(2)
    expect(sent[1]!.key).toBeTruthy()
    expect(sent[1]!.key).toBe(sent[0]!.key)
    expect(sent[1]!.body).toBe('{"title":"题"}')
    expect(sent[1]!.auth).toBe('Bearer access-2')
  })

  it('takes the token of another tab instead of using a refresh token twice', async () => {
    const drawer = drawerOf()
    const server = serverOf()
    const options = { drawer, fetch: server.fetch, base: 'http://zhibu.test/api/v1', now: () => 0, lock: <T>(work: () => Promise<T>) => work() }
    const [here, there] = [new Session(options), new Session(options)]
    here.keep(viewOf(1))
    expect(await there.renew('access-1')).toBe('access-2')
    expect(await here.renew('access-1')).toBe('access-2')
    expect(server.refreshes).toBe(1)
  })

  it('ends when the refresh token is refused, and says so', async () => {
    const { session, client, server } = houseOf()
    session.keep(viewOf(1))
    await session.renew('access-1')
    session.keep({ ...viewOf(1), access_token: 'stale' }) // its refresh token was used above
    await expect(client.GET('/api/v1/me')).rejects.toMatchObject({ code: 'unauthenticated' })
    expect(session.signedIn).toBe(false)
    expect(server.refreshes).toBe(2)
  })

  it('stays when the server is only away', async () => {
    let time = 0
    const { session, client, server } = houseOf(() => time)
    session.keep(viewOf(1))
    time = 1_000_000
    server.down = true
    await expect(client.GET('/api/v1/me')).rejects.toMatchObject({ code: 'offline' })
    expect(session.signedIn).toBe(true)
    server.down = false
    await client.GET('/api/v1/me')
    expect(server.log.at(-1)!.auth).toBe('Bearer access-2')
  })

  it('throws problems as the server tells them', async () => {
    const { session, client, server } = houseOf()
    session.keep(viewOf(1))
    server.answer = () => json({ status: 422, code: 'validation_failed', detail: '内容需要修改。', fields: [{ field: 'title', code: 'required', detail: '请填写标题。' }], request_id: 'r1' }, 422, { 'Retry-After': '7' })
    const problem = await client.GET('/api/v1/me').then(
      () => null,
      (error: unknown) => error,
    )
    expect(problem).toBeInstanceOf(Problem)
    expect(problem).toMatchObject({ code: 'validation_failed', requestId: 'r1', retryAfter: 7, message: '内容需要修改。' })
  })

  it('knows how long nobody has been here', () => {
    let time = 1000
    const { session } = houseOf(() => time)
    expect(session.idle()).toBe(0)
    session.touch()
    time += 31 * 60_000
    expect(session.idle()).toBe(31 * 60_000)
  })

  it('forgets the tokens on leaving even when the server does not answer', async () => {
    const { session, server } = houseOf()
    session.keep(viewOf(1))
    server.down = true
    await session.signOut()
    expect(session.signedIn).toBe(false)
  })
})
