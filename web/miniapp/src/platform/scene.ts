/** What a mini-program code or a link carries. WeChat puts the text of a code, escaped, into `scene`: id=0193…&code=123456, or only the id. */
export function entrance(params: Record<string, string | undefined>): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [k, v] of Object.entries(params)) if (v !== undefined && k !== 'scene' && !k.startsWith('$') && k !== 'stamp') out[k] = unescaped(v)
  const scene = params.scene ? unescaped(params.scene) : ''
  if (scene === '') return out
  if (!scene.includes('=')) return { ...out, id: out.id ?? scene }
  for (const pair of scene.split('&')) {
    const at = pair.indexOf('=')
    if (at > 0) out[pair.slice(0, at)] = pair.slice(at + 1)
  }
  return out
}

function unescaped(v: string): string {
  try {
    return decodeURIComponent(v)
  } catch {
    return v
  }
}
