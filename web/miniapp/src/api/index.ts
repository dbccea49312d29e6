import Taro from '@tarojs/taro'

import { device } from '@/platform/storage'
import { Core, type CallInput, type WireAnswer } from './core'
import { ApiError } from './errors'
import { problemOf } from './core'
import { Queue, type Sent } from './queue'
import type { Answer, Input, Method, PathOf } from './types'

export { ApiError, asApiError } from './errors'
export type { Answer, Input, ListPath, Method, PathOf, Query, Row, Schema } from './types'
export type { Sent } from './queue'

const base = `${SERVER}/api/v1`

const door: { signInAgain?: () => Promise<boolean>; owner: () => string } = { owner: () => '' }

/** The one door to the server. */
export const core = new Core({
  base,
  storage: device,
  now: Date.now,
  wait: (ms) => new Promise((done) => setTimeout(done, ms)),
  signInAgain: () => door.signInAgain?.() ?? Promise.resolve(false),
  transport: async (w): Promise<WireAnswer> => {
    const r = await Taro.request({
      url: w.url,
      method: w.method as 'GET',
      header: { Accept: 'application/json, text/plain;q=0.5', ...w.headers },
      data: w.body === undefined ? undefined : JSON.stringify(w.body),
      dataType: 'text',
      responseType: 'text',
      timeout: 15_000,
    })
    return { status: r.statusCode, headers: (r.header ?? {}) as Record<string, string>, body: parsed(r.data, r.header as Record<string, string>) }
  },
})

/** Writes that may wait for the network. */
export const queue = new Queue(core, device, () => door.owner())

/** Plugs in what the platform knows: how to sign in without the person, and who is signed in. */
export function plugIn(p: { signInAgain?: () => Promise<boolean>; owner?: () => string }): void {
  Object.assign(door, p)
}

function parsed(data: unknown, headers: Record<string, string> = {}): unknown {
  if (typeof data !== 'string') return data
  if ((headers['content-type'] ?? headers['Content-Type'] ?? '').startsWith('text/plain')) return data
  try {
    return data === '' ? undefined : JSON.parse(data)
  } catch {
    return undefined
  }
}

type Rest<M extends Method, P extends PathOf<M>> = Input<M, P> & Pick<CallInput, 'key' | 'ifMatch'>
/** A call without parameters needs no second argument. */
type Args<M extends Method, P extends PathOf<M>> = object extends Rest<M, P> ? [input?: Rest<M, P>] : [input: Rest<M, P>]

/** The contract, typed: `await api.get('/articles/{id}', { path: { id } })`. */
export const api = {
  get: <P extends PathOf<'get'>>(path: P, ...input: Args<'get', P>) => core.call<Answer<'get', P>>('get', path, input[0] as CallInput),
  post: <P extends PathOf<'post'>>(path: P, ...input: Args<'post', P>) => core.call<Answer<'post', P>>('post', path, input[0] as CallInput),
  put: <P extends PathOf<'put'>>(path: P, ...input: Args<'put', P>) => core.call<Answer<'put', P>>('put', path, input[0] as CallInput),
  patch: <P extends PathOf<'patch'>>(path: P, ...input: Args<'patch', P>) => core.call<Answer<'patch', P>>('patch', path, input[0] as CallInput),
  delete: <P extends PathOf<'delete'>>(path: P, ...input: Args<'delete', P>) => core.call<Answer<'delete', P>>('delete', path, input[0] as CallInput),

  /** A write that may wait for the network: kept on the device when there is none, sent in order when it is back, never twice. */
  later<M extends 'post' | 'put' | 'delete', P extends PathOf<M>>(method: M, path: P, input: Input<M, P> & { label: string; place?: string; key?: string }): Promise<Sent<Answer<M, P>>> {
    const i = input as unknown as CallInput & { label: string; place?: string }
    return queue.send({ method, path, params: i.path, body: i.body, label: i.label, place: i.place, key: i.key })
  },

  /** Sends one file of the device; the answer is what to put among the attachments. */
  async upload(filePath: string, onProgress?: (percent: number) => void): Promise<Answer<'post', '/uploads'>> {
    const send = () => {
      const task = Taro.uploadFile({ url: `${base}/uploads`, filePath, name: 'file', header: core.authorization(), timeout: 120_000 })
      if (onProgress) task.progress?.((p) => onProgress(p.progress))
      return task
    }
    const r = await send().catch(() => {
      throw new ApiError({ code: 'offline', detail: '上传没有成功，请检查网络后再试。' })
    })
    const answer: WireAnswer = { status: r.statusCode, headers: {}, body: parsed(r.data) }
    if (answer.status >= 400) throw problemOf(answer)
    return answer.body as Answer<'post', '/uploads'>
  },

  /** The address of something that is no JSON, such as a PDF, below the base path. */
  address: (path: string) => base + path,
}
