import { expect, test } from 'vitest'

import { Queue } from '../src/api/queue'
import { ok, problem, world } from './ground'

function queued(answer: Parameters<typeof world>[0]) {
  const w = world(answer)
  const at = { now: 1_000, owner: 'me' }
  return { ...w, at, queue: new Queue(w.core, w.storage, () => at.owner, () => at.now) }
}

const comment = (content: string) => ({ method: 'post', path: '/articles/{id}/comments', params: { id: '1' }, body: { content }, label: '评论' })

test('without a network writes wait, and go out in order with the keys of their first try', async () => {
  const net = { up: false }
  const w = queued(() => (net.up ? ok({}) : 'gone'))
  expect(await w.queue.send(comment('一'))).toEqual({ waiting: true })
  const first = w.asked[0]!.headers['Idempotency-Key']
  expect(await w.queue.send(comment('二'))).toEqual({ waiting: true })
  net.up = true
  w.asked.length = 0
  await w.queue.flush()
  expect(w.asked.map((x) => (x.body as { content: string }).content)).toEqual(['一', '二'])
  expect(w.asked[0]!.headers['Idempotency-Key']).toBe(first)
  expect(w.queue.waiting).toEqual([])
})

test('a write does not overtake those that wait', async () => {
  const net = { up: false }
  const w = queued(() => (net.up ? ok({}) : 'gone'))
  await w.queue.send(comment('一'))
  net.up = true
  w.asked.length = 0
  expect(await w.queue.send(comment('二'))).toMatchObject({ waiting: false })
  expect(w.asked.map((x) => (x.body as { content: string }).content)).toEqual(['一', '二'])
})

test('flushes at the same moment send nothing twice', async () => {
  const net = { up: false }
  const w = queued(() => (net.up ? ok({}) : 'gone'))
  await w.queue.send(comment('一'))
  net.up = true
  w.asked.length = 0
  await Promise.all([w.queue.flush(), w.queue.flush(), w.queue.flush()])
  expect(w.asked).toHaveLength(1)
})

test('of how far an article was read only the last waits', async () => {
  const w = queued(() => 'gone')
  for (const percent of [10, 40, 90]) await w.queue.send({ method: 'post', path: '/articles/{id}/reads', params: { id: '1' }, body: { percent }, label: '阅读进度', place: 'read:1' })
  expect(w.queue.waiting.map((x) => x.body)).toEqual([{ percent: 90 }])
})

test('a refusal at once is thrown and not kept', async () => {
  const w = queued(() => problem(422, 'content_rejected', '内容未通过检测。'))
  await expect(w.queue.send(comment('一'))).rejects.toMatchObject({ code: 'content_rejected' })
  expect(w.queue.waiting).toEqual([])
})

test('a refusal at last is told, and the next goes on; a busy server leaves everything waiting', async () => {
  const net = { answer: 'gone' as 'gone' | 'busy' | 'up' }
  const w = queued((x) => (net.answer === 'gone' ? 'gone' : net.answer === 'busy' ? problem(503, 'unavailable') : (x.body as { content: string }).content === '一' ? problem(404, 'not_found', '文章已撤回。') : ok({})))
  const told: string[] = []
  w.queue.onRefused((x, e) => told.push(`${x.label}：${e.message}`))
  await w.queue.send(comment('一'))
  await w.queue.send(comment('二'))
  net.answer = 'busy'
  await w.queue.flush()
  expect(w.queue.waiting).toHaveLength(2)
  net.answer = 'up'
  await w.queue.flush()
  expect(told).toEqual(['评论：文章已撤回。'])
  expect(w.queue.waiting).toEqual([])
})

test('what waited longer than the server remembers keys is not sent blindly, but told', async () => {
  const w = queued(() => 'gone')
  const told: string[] = []
  w.queue.onRefused((_, e) => told.push(e.code))
  await w.queue.send(comment('一'))
  w.asked.length = 0
  w.at.now += 24 * 3600 * 1000
  await w.queue.flush()
  expect([told, w.asked.length, w.queue.waiting.length]).toEqual([['expired'], 0, 0])
})

test('what one person left waiting is not sent by another', async () => {
  const net = { up: false }
  const w = queued(() => (net.up ? ok({}) : 'gone'))
  await w.queue.send(comment('一'))
  w.at.owner = 'another'
  net.up = true
  w.asked.length = 0
  await w.queue.flush()
  expect(w.asked).toHaveLength(0)
  w.at.owner = 'me'
  await w.queue.flush()
  expect(w.asked).toHaveLength(1)
})
