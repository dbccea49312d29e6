import { fetchWithSession } from './client'
import { asProblem, problemOf } from './problem'

export interface ServerEvent {
  event: string
  data: string
  id: string
}

/** Parser takes the text of a stream of server-sent events as it arrives, in pieces of any size. */
export class EventParser {
  private rest = ''
  private event = ''
  private id = ''
  private data: string[] = []

  push(chunk: string): ServerEvent[] {
    const out: ServerEvent[] = []
    this.rest += chunk
    let end = this.rest.search(/\r\n|\n|\r(?!$)/)
    while (end >= 0) {
      const line = this.rest.slice(0, end)
      this.rest = this.rest.slice(end + (this.rest.startsWith('\r\n', end) ? 2 : 1))
      const done = this.line(line)
      if (done) out.push(done)
      end = this.rest.search(/\r\n|\n|\r(?!$)/)
    }
    return out
  }

  private line(line: string): ServerEvent | undefined {
    if (line === '') {
      const whole = this.data.length > 0 ? { event: this.event || 'message', data: this.data.join('\n'), id: this.id } : undefined
      this.event = ''
      this.data = []
      return whole
    }
    if (line.startsWith(':')) return undefined
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (name === 'event') this.event = value
    if (name === 'data') this.data.push(value)
    if (name === 'id') this.id = value
    return undefined
  }
}

/**
 * listen follows a stream of events until `take` answers false or the signal ends it. The server closes a stream now and then: it is opened again, and
 * after an error ever more slowly. It is read with fetch, because EventSource cannot carry the token.
 */
export async function listen(path: string, signal: AbortSignal, take: (event: ServerEvent) => boolean | void): Promise<void> {
  let wait = 1000
  let over = false
  while (!signal.aborted && !over) {
    try {
      const response = await fetchWithSession(new URL(path, window.location.origin), { signal, headers: { Accept: 'text/event-stream' } })
      if (!response.ok) throw await problemOf(response)
      if (!response.body) return
      const parser = new EventParser()
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
      for (;;) {
        const { value, done } = await reader.read()
        if (done) break
        wait = 1000
        for (const event of parser.push(value)) over = take(event) === false || over
      }
    } catch (error) {
      if (signal.aborted) return
      const problem = asProblem(error)
      if (!problem.passing) throw problem
      await new Promise((resolve) => setTimeout(resolve, wait))
      wait = Math.min(wait * 2, 30_000)
    }
  }
}
