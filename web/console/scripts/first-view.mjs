// Measures the first view: what a browser loads for index.html, the sign-in and the overview before it draws anything later. Compressed by gzip, as
// the server does it. Fails above the limit. `node scripts/first-view.mjs [dist] [limit in KB]`
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { gzipSync } from 'node:zlib'

const dist = process.argv[2] ?? 'dist'
const limit = Number(process.argv[3] ?? 500)
const PAGES = ['sign-in', 'overview']

const read = (name) => readFileSync(join(dist, name))
const html = read('index.html').toString()
const named = [...html.matchAll(/(?:src|href)="\/console\/([^"]+)"/g)].map(([, name]) => name)
const entry = named.find((name) => /^assets\/index-[^/]+\.js$/.test(name))
if (!entry) throw new Error('index.html names no entry')

// Each page's file is named by the entry, where it is imported later; what it needs itself is imported at its top.
const pages = PAGES.map((page) => {
  const found = new RegExp(`assets/${page}-[\\w-]{8}\\.js`).exec(read(entry).toString())
  if (!found) throw new Error(`the entry names no page ${page}`)
  return found[0]
})

// The styles of a page are listed beside it, in the entry's table of what to load together.
const styles = (name) => [...read(name).toString().matchAll(/["'](?:\/console\/)?(assets\/[^"']+\.css)["']/g)].map(([, css]) => css)
const imports = (name) =>
  [...read(name).toString().matchAll(/(?:^|[;}\n])\s*(?:import|export)\s*(?:[\w$*{][^;'"()]*?from\s*)?["'](\.{1,2}\/[^"']+)["']/g)].map(([, to]) => posix.join(posix.dirname(name), to))

const seen = new Set()
const walk = (name) => {
  if (seen.has(name)) return
  seen.add(name)
  if (name.endsWith('.js')) imports(name).forEach(walk)
}
;[...named, ...styles(entry), ...pages].forEach(walk)

const sizes = ['index.html', ...seen].map((name) => [name, gzipSync(read(name)).length]).sort((a, b) => b[1] - a[1])
const total = sizes.reduce((sum, [, size]) => sum + size, 0)
for (const [name, size] of sizes.slice(0, 6)) console.log(`${(size / 1024).toFixed(1).padStart(7)} KB  ${name}`)
if (sizes.length > 6) console.log(`         … and ${sizes.length - 6} smaller ones`)
console.log(`first view: ${(total / 1024).toFixed(1)} KB compressed, of at most ${limit} KB`)
if (total > limit * 1024) {
  console.error('The first view has grown too large: import what is heavy with import().')
  process.exit(1)
}
