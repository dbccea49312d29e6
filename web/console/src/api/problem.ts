/** One fault of a request, by its place in the body (`title`, `agenda[0].title`) or the parameter's name. */
export interface Fault {
  field: string
  code: string
  detail: string
}

interface ProblemBody {
  status?: number
  code?: string
  title?: string
  detail?: string
  fields?: Fault[] | null
  request_id?: string
  challenge?: Challenge
}

/** What a sign-in by password asks for next: digits of the app that is set up, or setting one up first. */
export interface Challenge {
  token: string
  kind: 'code' | 'enrol'
  expires_at: string
  secret?: string
  otpauth_url?: string
}

/** Problem is every error of the server (RFC 9457), and those of the way to it. `message` is a Chinese sentence for the person. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly fields: Fault[]
  readonly requestId: string
  /** Seconds after which it may be tried again; 0 when the server did not say. */
  readonly retryAfter: number
  /** With second_factor_required. */
  readonly challenge: Challenge | undefined

  constructor(body: ProblemBody, retryAfter = 0) {
    super(body.detail || '系统出错了，请稍后再试。')
    this.name = 'Problem'
    this.status = body.status ?? 0
    this.code = body.code ?? 'unknown'
    this.title = body.title || '出错了'
    this.fields = body.fields ?? []
    this.requestId = body.request_id ?? ''
    this.retryAfter = retryAfter
    this.challenge = body.challenge
  }

  /** Whether trying the same thing again may help. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

/** offline is the problem of a request that found no server. */
export function offline(): Problem {
  return new Problem({ status: 0, code: 'offline', title: '连接不上服务器', detail: '连接不上服务器，请检查网络后重试；已填写的内容不会丢失。' })
}

/** problemOf reads the answer of a failed request. */
export async function problemOf(response: Response): Promise<Problem> {
  const wait = Number(response.headers.get('Retry-After') ?? 0)
  let body: ProblemBody = {}
  try {
    body = (await response.clone().json()) as ProblemBody
  } catch {
    // A proxy's page is no answer of ours.
  }
  return new Problem({ ...body, status: response.status, request_id: body.request_id || response.headers.get('X-Request-Id') || '' }, Number.isFinite(wait) ? wait : 0)
}

/** asProblem makes a problem of whatever was thrown. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof TypeError) return offline() // what fetch throws when there is no connection
  return new Problem({ detail: error instanceof Error && error.message ? error.message : undefined })
}

/** The path of a form field as Ant Design names it: `agenda[0].title` → `['agenda', 0, 'title']`. */
export function pathOf(field: string): (string | number)[] {
  return field
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.')
    .filter((part) => part !== '')
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
}

/** What showFaults needs of Ant Design's form. */
export interface FormLike {
  getFieldsError(): { name: (string | number)[] }[]
  setFields(fields: { name: (string | number)[]; errors: string[] }[]): void
  scrollToField?(name: (string | number)[], options?: object): void
}

/**
 * showFaults puts each fault beside its field and returns those that no field of the form answers to, to be shown above the form.
 * `rename` says where a field of the body stands in the form, for instance `{ 'starts_at': 'span' }`.
 */
export function showFaults(form: FormLike, error: unknown, rename: Record<string, string> = {}): Fault[] {
  const problem = asProblem(error)
  const known = form.getFieldsError().map((entry) => entry.name)
  const beside = new Map<string, { name: (string | number)[]; errors: string[] }>()
  const rest: Fault[] = []
  for (const fault of problem.fields) {
    const path = pathOf(rename[fault.field] ?? fault.field)
    const name = nearest(known, path)
    if (!name) {
      rest.push(fault)
      continue
    }
    const key = JSON.stringify(name)
    const entry = beside.get(key) ?? { name, errors: [] }
    entry.errors.push(fault.detail)
    beside.set(key, entry)
  }
  const entries = [...beside.values()]
  if (entries.length > 0) {
    form.setFields(entries)
    form.scrollToField?.(entries[0]!.name, { block: 'center' })
  }
  return rest
}

/** The form's field of that path, or the nearest one around it. */
function nearest(known: (string | number)[][], path: (string | number)[]): (string | number)[] | undefined {
  for (let length = path.length; length > 0; length--) {
    const wanted = JSON.stringify(path.slice(0, length))
    const found = known.find((name) => JSON.stringify(name) === wanted)
    if (found) return found
  }
  return undefined
}
