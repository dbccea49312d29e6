import { Core, type Storage, type Transport, type Wire, type WireAnswer } from '../src/api/core'

/** A device that forgets when the test ends. */
export function memory(): Storage & { all: Map<string, string> } {
  const all = new Map<string, string>()
  return {
    all,
    get: <T>(k: string) => (all.has(k) ? (JSON.parse(all.get(k)!) as T) : undefined),
    set: (k, v) => void all.set(k, JSON.stringify(v)),
    remove: (k) => void all.delete(k),
  }
}

/** A server that is a function; `gone` stands for no answer. */
export function world(answer: (w: Wire) => WireAnswer | 'gone' | Promise<WireAnswer | 'gone'>, more: { signInAgain?: () => Promise<boolean> } = {}) {
  const asked: Wire[] = []
  const storage = memory()
  const transport: Transport = async (w) => {
    asked.push(w)
    const a = await answer(w)
    if (a === 'gone') throw new Error('no network')
    return a
  }
  const ground = { base: '/api/v1', storage, transport, now: () => 1_000, wait: () => Promise.resolve(), ...more }
  return { asked, storage, ground, core: new Core(ground) }
}

export const ok = (body: unknown, headers: Record<string, string> = {}): WireAnswer => ({ status: 200, headers, body })
export const problem = (status: number, code: string, detail = ''): WireAnswer => ({ status, headers: {}, body: { code, detail, fields: null } })
