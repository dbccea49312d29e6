import type { Core, Storage } from './core'
import { ApiError, asApiError } from './errors'
import { newKey } from './key'

/** A write that may wait for the network. */
export interface Waiting {
  key: string
  owner: string
  method: string
  path: string
  params?: Record<string, unknown>
  body?: unknown
  /** What it is, for the person: 评论, 参会答复. */
  label: string
  /** Later writes of the same place take the place of earlier ones, such as how far an article was read. */
  place?: string
  at: number
}

/** Whether a write reached the server, or waits. */
export type Sent<T> = { waiting: false; answer: T } | { waiting: true }

const storageKey = 'queue'
const longest = 23 * 3600 * 1000 // the server forgets an idempotency key after a day

/** Keeps writes in order until the network is back. Each goes out with the key of its first try, so that nothing is done twice. */
export class Queue {
  private running: Promise<void> | undefined
  private readonly heard = new Set<(w: Waiting, e: ApiError) => void>()
  private readonly watching = new Set<() => void>()

  constructor(
    private readonly core: Core,
    private readonly storage: Storage,
    private readonly owner: () => string,
    private readonly now: () => number = Date.now,
  ) {}

  /** What waits, the oldest first. */
  get waiting(): Waiting[] {
    return this.storage.get<Waiting[]>(storageKey) ?? []
  }

  /** Tells of writes that the server refused when they came at last. */
  onRefused(f: (w: Waiting, e: ApiError) => void): () => void {
    this.heard.add(f)
    return () => this.heard.delete(f)
  }

  /** Tells when something was queued or sent. */
  onChange(f: () => void): () => void {
    this.watching.add(f)
    return () => this.watching.delete(f)
  }

  /** Sends now, or keeps the write when there is no network or others wait before it. A refusal by the server is thrown. */
  async send<T>(w: { method: string; path: string; params?: Record<string, unknown>; body?: unknown; label: string; place?: string; key?: string }): Promise<Sent<T>> {
    const item: Waiting = { ...w, key: w.key ?? newKey(this.now), owner: this.owner(), at: this.now() }
    if (this.waiting.some((x) => x.owner === item.owner)) await this.flush()
    if (this.waiting.some((x) => x.owner === item.owner)) {
      this.add(item)
      return { waiting: true }
    }
    try {
      return { waiting: false, answer: await this.core.call<T>(item.method, item.path, { path: item.params, body: item.body, key: item.key }) }
    } catch (e) {
      if (asApiError(e).code !== 'offline') throw e
      this.add(item)
      return { waiting: true }
    }
  }

  /** Sends what waits, in order, until the network fails again. Several callers share one run. */
  flush(): Promise<void> {
    this.running ??= this.run().finally(() => {
      this.running = undefined
    })
    return this.running
  }

  private async run(): Promise<void> {
    for (;;) {
      const owner = this.owner()
      const item = this.waiting.find((x) => x.owner === owner)
      if (!item) return
      let refused: ApiError | undefined
      if (this.now() - item.at > longest) {
        refused = new ApiError({ code: 'expired', detail: `一天前的${item.label}未能发出，请重新提交。` })
      } else {
        try {
          await this.core.call(item.method, item.path, { path: item.params, body: item.body, key: item.key })
        } catch (e) {
          const fault = asApiError(e)
          if (fault.passing || fault.status === 401) return
          refused = fault
        }
      }
      this.write(this.waiting.filter((x) => x.key !== item.key))
      if (refused) for (const f of this.heard) f(item, refused)
    }
  }

  private add(item: Waiting): void {
    const rest = item.place ? this.waiting.filter((x) => x.place !== item.place || x.owner !== item.owner) : this.waiting
    this.write([...rest, item])
  }

  private write(list: Waiting[]): void {
    if (list.length > 0) this.storage.set(storageKey, list)
    else this.storage.remove(storageKey)
    for (const f of this.watching) f()
  }
}
