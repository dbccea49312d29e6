import { expect, test } from 'vitest'

import { ApiError } from '../src/api/errors'
import { address } from '../src/api/url'
import { ok, problem, world } from './ground'

const expired = problem(401, 'token_expired')
const renewed = ok({ access_token: 'a2', refresh_token: 'r2' })

test('ten calls with an old token share one refresh and are asked again with the new token', async () => {
  const w = world((x) => (x.url.endsWith('/auth/refresh') ? renewed : x.headers.Authorization === 'Bearer a2' ? ok({ url: x.url }) : expired))
  w.core.setTokens({ access: 'a1', refresh: 'r1' })
  await Promise.all(Array.from({ length: 10 }, (_, i) => w.core.call('get', `/articles/${i}`)))
  const refreshes = w.asked.filter((x) => x.url.endsWith('/auth/refresh'))
  expect(refreshes).toHaveLength(1)
  expect(refreshes[0]!.body).toEqual({ refresh_token: 'r1' })
  expect(w.storage.get('session')).toEqual({ access: 'a2', refresh: 'r2' })
})

test('a refresh whose answer was lost is not asked twice: a token used again would end the family', async () => {
  const w = world((x) => (x.url.endsWith('/auth/refresh') ? 'gone' : expired))
  w.core.setTokens({ access: 'a1', refresh: 'r1' })
  await expect(w.core.call('get', '/me')).rejects.toMatchObject({ code: 'offline' })
  expect(w.asked.filter((x) => x.url.endsWith('/auth/refresh'))).toHaveLength(1)
  expect(w.core.signedIn).toBe(true)
})

test('a session that cannot be had back ends, is told, and public things are still shown', async () => {
  const w = world((x) => (x.url.endsWith('/auth/refresh') ? problem(401, 'token_reused') : x.headers.Authorization ? expired : ok({ items: [] })))
  w.core.setTokens({ access: 'a1', refresh: 'r1' })
  let told = 0
  w.core.onEnd(() => told++)
  expect(await w.core.call('get', '/feed')).toEqual({ items: [] })
  expect([told, w.core.signedIn, w.storage.get('session')]).toEqual([1, false, undefined])
})

test('a busy server does not end the session', async () => {
  const w = world((x) => (x.url.endsWith('/auth/refresh') ? problem(503, 'unavailable') : expired))
  w.core.setTokens({ access: 'a1', refresh: 'r1' })
  await expect(w.core.call('get', '/me')).rejects.toMatchObject({ status: 503 })
  expect(w.core.signedIn).toBe(true)
})

test('a POST whose answer was lost is sent again with the same key; two POSTs have two', async () => {
  let first = true
  const w = world(() => {
    if (!first) return ok({})
    first = false
    return 'gone'
  })
  await w.core.call('post', '/suggestions', { body: { title: '一' } })
  await w.core.call('post', '/suggestions', { body: { title: '一' } })
  const keys = w.asked.map((x) => x.headers['Idempotency-Key'])
  expect(keys[0]).toBe(keys[1])
  expect(keys[2]).not.toBe(keys[1])
  expect(keys.every((k) => k && k.length > 20 && k.length <= 128)).toBe(true)
})

test('signing in carries no key, and a GET none', async () => {
  const w = world(() => ok({}))
  await w.core.call('post', '/auth/wechat', { body: { code: 'x' } })
  await w.core.call('get', '/feed')
  expect(w.asked.some((x) => 'Idempotency-Key' in x.headers)).toBe(false)
})

test('an answer with a tag is asked for with it, and a 304 gives the one kept, also after a restart', async () => {
  const w = world((x) => (x.headers['If-None-Match'] ? { status: 304, headers: {}, body: undefined } : ok({ items: [1] }, { ETag: '"v1"' })))
  await w.core.call('get', '/feed', { query: { limit: 20, cursor: '' } })
  expect(w.core.last('/feed', { query: { limit: 20 } })).toEqual({ items: [1] })
  const { Core } = await import('../src/api/core')
  const next = new Core(w.ground)
  expect(await next.call('get', '/feed', { query: { limit: 20 } })).toEqual({ items: [1] })
  expect(w.asked[1]!.headers['If-None-Match']).toBe('"v1"')
})

test('what was kept for one person is gone when the session ends', async () => {
  const w = world(() => ok({ name: '张三' }, { etag: '"1"' }))
  w.core.setTokens({ access: 'a', refresh: 'r' })
  await w.core.call('get', '/me')
  w.core.setTokens(undefined)
  expect(w.core.last('/me')).toBeUndefined()
  expect([...w.storage.all.values()].join('')).not.toContain('张三')
})

test('only sixty answers stay on the device', async () => {
  const w = world(() => ok({}))
  for (let i = 0; i < 70; i++) await w.core.call('get', `/articles/${i}`)
  expect([...w.storage.all.keys()].filter((k) => k.startsWith('kept:'))).toHaveLength(60)
})

test('a problem becomes an error with its sentence and every field', async () => {
  const w = world(() => ({ status: 422, headers: { 'Retry-After': '3' }, body: { code: 'validation_failed', detail: '有 1 处需要修改。', fields: [{ field: 'title', code: 'required', detail: '请填写标题。' }], request_id: 'q' } }))
  const e = (await w.core.call('post', '/suggestions', { body: {} }).catch((x: unknown) => x)) as ApiError
  expect(e).toBeInstanceOf(ApiError)
  expect([e.message, e.of('title'), e.of('content'), e.retryAfter, e.requestId, e.passing]).toEqual(['有 1 处需要修改。', '请填写标题。', '', 3, 'q', false])
})

test('an answer of a gateway that is no problem still has a sentence', async () => {
  const w = world(() => ({ status: 502, headers: {}, body: undefined }))
  await expect(w.core.call('get', '/feed')).rejects.toMatchObject({ message: '服务暂时不可用，请稍后再试。', passing: true })
})

test('addresses are filled and escaped', () => {
  expect(address('/articles/{id}/comments', { id: 'a/b' }, { limit: 20, cursor: '', q: '康复', ids: ['1', '2'], none: undefined })).toBe('/articles/a%2Fb/comments?limit=20&q=%E5%BA%B7%E5%A4%8D&ids=1%2C2')
})
