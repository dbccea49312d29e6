import { ApiError, type FieldFault } from './errors'
import { newKey } from './key'
import { address } from './url'

/** A request as it goes over the wire. */
export interface Wire {
  method: string
  url: string
  headers: Record<string, string>
  body?: unknown
}

/** An answer of any status. */
export interface WireAnswer {
  status: number
  headers: Record<string, string>
  body: unknown
}

/** Carries one request; it rejects only when no answer came. */
export type Transport = (w: Wire) => Promise<WireAnswer>

/** Keeps small values on the device. */
export interface Storage {
  get<T>(key: string): T | undefined
  set(key: string, value: unknown): void
  remove(key: string): void
}

/** The pair of tokens that make a session. */
export interface Tokens {
  access: string
  refresh: string
}

/** What a call takes, whatever the call. */
export interface CallInput {
  path?: Record<string, unknown>
  query?: Record<string, unknown>
  body?: unknown
  /** The idempotency key of a POST; one is made when none is given. */
  key?: string
  /** The version that an edit holds for the present one. */
  ifMatch?: string
}

/** An answer kept on the device. */
interface Kept {
  etag: string
  body: unknown
  at: number
}

/** What the core needs of the outside. */
export interface Ground {
  base: string
  transport: Transport
  storage: Storage
  now: () => number
  wait: (ms: number) => Promise<void>
  /** Signs in without the person, where that can be done (wx.login); false where it cannot. */
  signInAgain?: () => Promise<boolean>
}

const tokensKey = 'session'
const keptIndex = 'kept'
const keptMost = 60
const keptLongest = 120_000

/** Speaks the contract: tokens, one refresh for all who wait, keys for what is created, answers kept for when the network is away. */
export class Core {
  private tokens: Tokens | undefined
  private refreshing: Promise<boolean> | undefined
  private readonly memory = new Map<string, Kept>()
  private readonly ended = new Set<() => void>()

  constructor(private readonly ground: Ground) {
    this.tokens = ground.storage.get<Tokens>(tokensKey)
  }

  /** Whether there is a session, a visitor's too. */
  get signedIn(): boolean {
    return this.tokens !== undefined
  }

  /** The header that uploads and downloads need. */
  authorization(): Record<string, string> {
    return this.tokens ? { Authorization: `Bearer ${this.tokens.access}` } : {}
  }

  /** Takes over a new session; undefined ends it and forgets what was kept for it. */
  setTokens(t: Tokens | undefined, keep = false): void {
    this.tokens = t
    if (t) this.ground.storage.set(tokensKey, t)
    else this.ground.storage.remove(tokensKey)
    if (!keep) this.forget()
  }

  /** Tells when the server has ended the session and it cannot be had back. */
  onEnd(f: () => void): () => void {
    this.ended.add(f)
    return () => this.ended.delete(f)
  }

  /** One call of the contract. */
  async call<T>(method: string, path: string, input: CallInput = {}): Promise<T> {
    const verb = method.toUpperCase()
    const url = address(path, input.path, input.query)
    const headers: Record<string, string> = {}
    if (input.ifMatch) headers['If-Match'] = input.ifMatch
    if (verb === 'POST' && !path.startsWith('/auth/')) headers['Idempotency-Key'] = input.key ?? newKey(this.ground.now)
    if (input.body !== undefined) headers['Content-Type'] = 'application/json'
    const kept = verb === 'GET' ? this.kept(url) : undefined
    if (kept?.etag) headers['If-None-Match'] = kept.etag
    const answer = await this.authorized({ method: verb, url: this.ground.base + url, headers, body: input.body }, path)
    if (answer.status === 304 && kept) return kept.body as T
    if (answer.status >= 400 || answer.status < 200) throw problemOf(answer)
    if (verb === 'GET') this.keep(url, { etag: header(answer, 'etag'), body: answer.body, at: this.ground.now() })
    return (answer.status === 204 ? undefined : answer.body) as T
  }

  /** The last answer to a GET, at once and however old; undefined when there is none. */
  last<T>(path: string, input: CallInput = {}): T | undefined {
    return this.kept(address(path, input.path, input.query))?.body as T | undefined
  }

  /** Sends with the token, and once more with a new one when the old has run out. */
  private async authorized(w: Wire, path: string): Promise<WireAnswer> {
    const used = this.tokens
    const first = await this.send({ ...w, headers: { ...w.headers, ...this.authorization() } })
    if (first.status !== 401 || !used || path.startsWith('/auth/')) return first
    if (this.tokens?.access === used.access) await this.renew(used)
    const now = this.tokens as Tokens | undefined
    if (!now && w.method !== 'GET') return first
    return this.send({ ...w, headers: { ...w.headers, ...this.authorization() } })
  }

  /** Gets new tokens, once for everybody who waits. */
  private renew(used: Tokens): Promise<boolean> {
    this.refreshing ??= this.refresh(used).finally(() => {
      this.refreshing = undefined
    })
    return this.refreshing
  }

  private async refresh(used: Tokens): Promise<boolean> {
    const answer = await this.send({
      method: 'POST', url: `${this.ground.base}/auth/refresh`, headers: { 'Content-Type': 'application/json' }, body: { refresh_token: used.refresh },
    })
    if (answer.status === 200) {
      const b = answer.body as { access_token: string; refresh_token: string }
      this.setTokens({ access: b.access_token, refresh: b.refresh_token }, true)
      return true
    }
    if (answer.status !== 401) throw problemOf(answer) // the server is busy: the session may still hold
    this.setTokens(undefined)
    if (this.ground.signInAgain && (await this.ground.signInAgain().catch(() => false))) return true
    for (const f of this.ended) f()
    return false
  }

  /** Sends over the wire. What a lost answer leaves open is asked once more: a GET, PUT or DELETE says the same twice, and a POST has its key. */
  private async send(w: Wire): Promise<WireAnswer> {
    try {
      return await this.ground.transport(w)
    } catch {
      if (w.url.endsWith('/auth/refresh')) throw offline() // the first may have used the token up
      await this.ground.wait(400)
      return this.ground.transport(w).catch(() => {
        throw offline()
      })
    }
  }

  private kept(url: string): Kept | undefined {
    const here = this.memory.get(url)
    if (here) return here
    const stored = this.ground.storage.get<Kept>(`kept:${url}`)
    if (stored) this.memory.set(url, stored)
    return stored
  }

  private keep(url: string, k: Kept): void {
    this.memory.set(url, k)
    if (JSON.stringify(k.body ?? null).length > keptLongest) return
    const order = (this.ground.storage.get<string[]>(keptIndex) ?? []).filter((u) => u !== url)
    order.push(url)
    while (order.length > keptMost) this.ground.storage.remove(`kept:${order.shift()}`)
    this.ground.storage.set(`kept:${url}`, k)
    this.ground.storage.set(keptIndex, order)
  }

  /** Forgets every answer kept: another person may sign in on the same device. */
  forget(): void {
    this.memory.clear()
    for (const url of this.ground.storage.get<string[]>(keptIndex) ?? []) this.ground.storage.remove(`kept:${url}`)
    this.ground.storage.remove(keptIndex)
  }
}

/** The error for an answer that is none of the good ones. */
export function problemOf(a: WireAnswer): ApiError {
  const b = (a.body ?? {}) as { code?: string; detail?: string; fields?: FieldFault[] | null; request_id?: string }
  return new ApiError({
    code: b.code ?? (a.status >= 500 ? 'unavailable' : 'client'),
    status: a.status,
    detail: b.detail ?? (a.status >= 500 ? '服务暂时不可用，请稍后再试。' : '请求没有成功，请稍后再试。'),
    fields: b.fields,
    retryAfter: Number(header(a, 'retry-after')) || 0,
    requestId: b.request_id,
    extra: { ...b },
  })
}

function offline(): ApiError {
  return new ApiError({ code: 'offline', detail: '网络不通，请检查网络后再试。' })
}

function header(a: WireAnswer, name: string): string {
  for (const [k, v] of Object.entries(a.headers)) if (k.toLowerCase() === name) return String(v)
  return ''
}
