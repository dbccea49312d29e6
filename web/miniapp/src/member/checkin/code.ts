import { entrance } from '@/platform/scene'

/** What was read from a code or typed: the six digits, and the meeting when the code names it. Undefined when it is neither. */
export function readCode(text: string): { id?: string; code?: string } | undefined {
  const plain = text.replace(/[０-９]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/[\s-]/g, '')
  if (/^\d{6}$/.test(plain)) return { code: plain }
  const at = text.indexOf('?')
  if (at < 0) return undefined
  const params: Record<string, string> = {}
  for (const pair of text.slice(at + 1).split('&')) {
    const eq = pair.indexOf('=')
    if (eq > 0) params[pair.slice(0, eq)] = pair.slice(eq + 1)
  }
  const { id, code } = entrance(params)
  if (!id && !code) return undefined
  return { ...(id ? { id } : {}), ...(code && /^\d{6}$/.test(code) ? { code } : {}) }
}

/** What remains of what was typed: at most six digits. */
export function digits(text: string): string {
  return text.replace(/[０-９]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/\D/g, '').slice(0, 6)
}
