/** One fault of a request, by its place in the body. */
export interface FieldFault {
  field: string
  code: string
  detail: string
}

/** What the server answers, or why it could not be asked. `message` is a Chinese sentence for the person. */
export class ApiError extends Error {
  /** A stable word of the contract; `offline` when no answer came. */
  readonly code: string
  readonly status: number
  readonly fields: FieldFault[]
  readonly retryAfter: number
  readonly requestId: string
  /** What the problem says beyond that, such as an address to go to. */
  readonly extra: Record<string, unknown>

  constructor(p: { code: string; status?: number; detail: string; fields?: FieldFault[] | null; retryAfter?: number; requestId?: string; extra?: Record<string, unknown> }) {
    super(p.detail)
    this.name = 'ApiError'
    this.code = p.code
    this.status = p.status ?? 0
    this.fields = p.fields ?? []
    this.retryAfter = p.retryAfter ?? 0
    this.requestId = p.requestId ?? ''
    this.extra = p.extra ?? {}
    Object.setPrototypeOf(this, ApiError.prototype)
  }

  /** The sentence for one field, empty when there is nothing wrong with it. */
  of(field: string): string {
    return this.fields.find((f) => f.field === field)?.detail ?? ''
  }

  /** Whether trying again later may help without changing anything. */
  get passing(): boolean {
    return this.code === 'offline' || this.status === 429 || this.status >= 500
  }
}

/** An error of any kind as one of ours, so that a page always has a sentence to show. */
export function asApiError(e: unknown): ApiError {
  if (e instanceof ApiError) return e
  return new ApiError({ code: 'client', detail: '出了点问题，请稍后再试。' })
}
