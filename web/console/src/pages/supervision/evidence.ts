/** Where in the console the API's path of some evidence is read; undefined where the console has no page of it. */
export function pageOf(path: string): string | undefined {
  const bare = path.replace(/^\/api\/v1/, '')
  const [, noun, id] = bare.split('?')[0]!.split('/')
  if (!noun || !id) return undefined
  const pages: Record<string, string> = { meetings: '/meetings/', articles: '/content/', suggestions: '/suggestions/', pushes: '/pushes/', handovers: '/organisation/handovers/' }
  if (noun === 'actions') return '/actions'
  return pages[noun] ? pages[noun] + id : undefined
}
