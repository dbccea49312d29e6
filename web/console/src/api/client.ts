import createClient, { type Middleware } from 'openapi-fetch'
import { Keys } from './keys'
import { asProblem, problemOf } from './problem'
import type { paths } from './schema'
import { type Drawer, ended, Session } from './session'

/** A drawer for browsers that refuse storage: the session ends with the page. */
function memoryDrawer(): Drawer {
  const kept = new Map<string, string>()
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value), removeItem: (key) => void kept.delete(key) }
}

function browserDrawer(): Drawer {
  try {
    const store = window.localStorage
    store.setItem('zhibu.console.probe', '1')
    store.removeItem('zhibu.console.probe')
    return store
  } catch {
    return memoryDrawer()
  }
}

/** The header that forms give to a creating request, taken from Keys; see useAction. */
export const IDEMPOTENCY = 'Idempotency-Key'

/**
 * connect makes a client for a session: the token goes along, one that has ended is renewed and the request sent once more, and every POST
 * carries an idempotency key, the same one when it is sent again.
 */
export function connect(session: Session, options: { baseUrl?: string; fetch?: typeof fetch } = {}) {
  const send = options.fetch ?? ((...args: Parameters<typeof fetch>) => fetch(...args))
  const keys = new Keys()

  const withSession = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init)
    if (request.method === 'POST' && !request.headers.has(IDEMPOTENCY)) request.headers.set(IDEMPOTENCY, keys.fresh())
    if (isSignIn(request.url)) return send(request)
    const token = await session.token()
    if (token) request.headers.set('Authorization', `Bearer ${token}`)
    const again = token && request.method !== 'HEAD' ? request.clone() : null
    const response = await send(request)
    if (response.status !== 401 || !token || !again || (provesPassword(request.url) && (await refusedProof(response)))) return response
    const renewed = await session.renew(token)
    if (!renewed) throw ended()
    again.headers.set('Authorization', `Bearer ${renewed}`)
    const second = await send(again)
    if (second.status === 401) session.forget()
    return second
  }

  const client = createClient<paths>({ baseUrl: options.baseUrl ?? '', fetch: withSession })
  const told: Middleware = {
    async onResponse({ response }) {
      if (!response.ok && response.status !== 304) throw await problemOf(response)
      return undefined
    },
    onError: ({ error }) => asProblem(error),
  }
  client.use(told)
  return { client, fetch: withSession }
}

function isSignIn(url: string): boolean {
  return /\/auth\/(password|refresh|factor|console-codes|setup)(\b|\/)/.test(new URL(url).pathname) && !url.endsWith('/approve')
}

/** Where one's own password is asked for again: a wrong one is answered by 401 too, and ends no session. */
function provesPassword(url: string): boolean {
  return /\/me\/(password|second-factor|recovery-codes)(\/|$)/.test(new URL(url).pathname)
}

async function refusedProof(response: Response): Promise<boolean> {
  return ['unauthenticated', 'second_factor_invalid'].includes((await problemOf(response)).code)
}

export const session = new Session({ drawer: typeof window === 'undefined' ? memoryDrawer() : browserDrawer() })

const connection = connect(session, { baseUrl: typeof window === 'undefined' ? '' : window.location.origin })

/** The typed client. Errors are thrown as Problem, so that `data` is always there: `const { data } = await api.GET('/api/v1/me')`. */
export const api = connection.client

/** fetch with the session, for files and streams. */
export const fetchWithSession = connection.fetch

/** The version of the row that an answer carried, for If-Match. */
export function etagOf(response: Response): string | undefined {
  return response.headers.get('ETag') ?? undefined
}

/** Saves a file of the API, under the name that the server gave it. */
export async function download(path: string, fallbackName: string): Promise<void> {
  const response = await fetchWithSession(new URL(path, window.location.origin))
  if (!response.ok) throw await problemOf(response)
  const blob = await response.blob()
  saveFile(blob, fileNameOf(response.headers.get('Content-Disposition')) ?? fallbackName)
}

/** Saves what the browser has. */
export function saveFile(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  document.body.append(link)
  link.click()
  link.remove()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

/** The name within a Content-Disposition, the Chinese one first. */
export function fileNameOf(header: string | null): string | undefined {
  if (!header) return undefined
  const long = /filename\*=UTF-8''([^;]+)/i.exec(header)
  if (long?.[1]) {
    try {
      return decodeURIComponent(long[1])
    } catch {
      // The plain name follows.
    }
  }
  return /filename="?([^";]+)"?/i.exec(header)?.[1]
}
