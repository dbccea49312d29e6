import type { components } from './schema'
import { offline, Problem, problemOf } from './problem'

export type Me = components['schemas']['MeView']
export type SessionView = components['schemas']['SessionView']

/** What the browser keeps of a session. */
export interface Tokens {
  access: string
  refresh: string
  /** Milliseconds since 1970 at which the access token ends. */
  endsAt: number
}

/** Where tokens are kept: the browser's storage, or a map in tests. */
export interface Drawer {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

type Lock = <T>(work: () => Promise<T>) => Promise<T>

/** The browser's lock holds for all tabs, so that two of them never use one refresh token: that would end the whole session. */
export const browserLock: Lock = (work) =>
  typeof navigator !== 'undefined' && 'locks' in navigator ? (navigator.locks.request('zhibu.console.refresh', work) as ReturnType<typeof work>) : work()

const KEY = 'zhibu.console.session'
const ACTIVE = 'zhibu.console.active'
/** A token that ends within this time is renewed first. */
const EARLY = 20_000

export interface SessionOptions {
  base?: string
  drawer: Drawer
  fetch?: typeof fetch
  now?: () => number
  lock?: Lock
}

/** Session keeps the tokens, renews them once however many ask, and knows when somebody was last here. */
export class Session {
  private readonly base: string
  private readonly drawer: Drawer
  private readonly now: () => number
  private readonly lock: Lock
  private readonly ask: typeof fetch
  private readonly listeners = new Set<() => void>()
  private renewing: Promise<string | null> | null = null

  constructor(options: SessionOptions) {
    this.base = options.base ?? '/api/v1'
    this.drawer = options.drawer
    this.now = options.now ?? Date.now
    this.lock = options.lock ?? browserLock
    this.ask = options.fetch ?? ((...args) => fetch(...args))
  }

  tokens(): Tokens | null {
    const text = this.drawer.getItem(KEY)
    if (!text) return null
    try {
      const kept = JSON.parse(text) as Tokens
      return typeof kept.access === 'string' && typeof kept.refresh === 'string' ? kept : null
    } catch {
      return null
    }
  }

  get signedIn(): boolean {
    return this.tokens() !== null
  }

  /** keep notes a new session, as the sign-in answered it. */
  keep(view: SessionView): void {
    const tokens: Tokens = { access: view.access_token, refresh: view.refresh_token, endsAt: this.now() + view.expires_in * 1000 }
    this.drawer.setItem(KEY, JSON.stringify(tokens))
    this.touch()
    this.tell()
  }

  /** forget ends the session in this browser; the server is told by signOut. */
  forget(): void {
    this.drawer.removeItem(KEY)
    this.drawer.removeItem(ACTIVE)
    this.tell()
  }

  /** onChange is called after sign-in and sign-out, also of another tab. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener)
    const storage = (event: StorageEvent) => {
      if (event.key === KEY || event.key === null) listener()
    }
    if (typeof window !== 'undefined') window.addEventListener('storage', storage)
    return () => {
      this.listeners.delete(listener)
      if (typeof window !== 'undefined') window.removeEventListener('storage', storage)
    }
  }

  private tell() {
    for (const listener of this.listeners) listener()
  }

  /** token gives an access token that still holds, renewing it when it is about to end; null when nobody is signed in. */
  async token(): Promise<string | null> {
    const kept = this.tokens()
    if (!kept) return null
    if (kept.endsAt - this.now() > EARLY) return kept.access
    return this.renew(kept.access)
  }

  /** renew replaces the given access token. Whoever asks meanwhile gets the same answer; when another tab was faster, its token is taken. */
  renew(stale: string): Promise<string | null> {
    this.renewing ??= this.lock(() => this.renewNow(stale)).finally(() => {
      this.renewing = null
    })
    return this.renewing
  }

  private async renewNow(stale: string): Promise<string | null> {
    const kept = this.tokens()
    if (!kept) return null
    if (kept.access !== stale) return kept.access
    let response: Response
    try {
      response = await this.ask(`${this.base}/auth/refresh`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ refresh_token: kept.refresh }),
      })
    } catch {
      throw offline()
    }
    if (response.ok) {
      const view = (await response.json()) as SessionView
      this.drawer.setItem(KEY, JSON.stringify({ access: view.access_token, refresh: view.refresh_token, endsAt: this.now() + view.expires_in * 1000 }))
      return view.access_token
    }
    const problem = await problemOf(response)
    if (response.status === 401) {
      this.forget()
      return null
    }
    throw problem // a server that is away for a moment ends no session
  }

  /** touch notes that somebody is here. */
  touch(): void {
    this.drawer.setItem(ACTIVE, String(this.now()))
  }

  /** idle is how many milliseconds nobody has been here, in any tab. */
  idle(): number {
    const at = Number(this.drawer.getItem(ACTIVE) ?? 0)
    return at > 0 ? this.now() - at : 0
  }

  /** signOut ends the session at the server and here. */
  async signOut(): Promise<void> {
    const kept = this.tokens()
    this.forget()
    if (!kept) return
    try {
      await this.ask(`${this.base}/auth/logout`, { method: 'POST', headers: { Authorization: `Bearer ${kept.access}` } })
    } catch {
      // The token ends by itself; here it is forgotten.
    }
  }
}

/** ended is the problem of a request without a session. */
export function ended(): Problem {
  return new Problem({ status: 401, code: 'unauthenticated', title: '需要登录', detail: '登录已过期，请重新登录；已填写的内容保存在草稿中。' })
}
