/** The address of a call: parameters of the path put in, the query in the order given, what is undefined or empty left out. */
export function address(path: string, params?: Record<string, unknown>, query?: Record<string, unknown>): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params?.[name] ?? '')))
  const pairs: string[] = []
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === null || value === '') continue
    pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(Array.isArray(value) ? value.join(',') : String(value))}`)
  }
  return pairs.length > 0 ? `${filled}?${pairs.join('&')}` : filled
}
