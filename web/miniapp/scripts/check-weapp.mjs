// Holds the built mini-program against what WeChat takes: sizes, pages, that the secretary's pages are loaded later, that every interface which our
// sources call exists there, and that nothing of a browser was left in what was built of them. `node scripts/check-weapp.mjs [dist-weapp]`
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const here = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const dist = path.resolve(process.argv[2] ?? path.join(here, 'dist-weapp'))
const MAIN = 1 << 20
const SUB = 2 << 20
const faults = []

const files = readdirSync(dist, { recursive: true }).map(String).filter((name) => statSync(path.join(dist, name)).isFile()).map((name) => name.split(path.sep).join('/'))
const app = JSON.parse(readFileSync(path.join(dist, 'app.json'), 'utf8'))
const subs = app.subPackages ?? app.subpackages ?? []

// Sizes, uncompressed, as the developer tools count them.
const size = (of) => of.reduce((sum, name) => sum + statSync(path.join(dist, name)).size, 0)
const within = (root) => files.filter((name) => name.startsWith(`${root}/`))
const packages = [
  ['main package', size(files.filter((name) => !subs.some((sub) => name.startsWith(`${sub.root}/`)))), MAIN],
  ...subs.map((sub) => [`sub-package ${sub.root}`, size(within(sub.root)), SUB]),
]
for (const [name, bytes, limit] of packages) {
  console.log(`${name.padEnd(22)} ${(bytes / 1024).toFixed(1).padStart(7)} KiB of at most ${limit / 1024}`)
  if (bytes > limit) faults.push(`${name} is ${bytes} bytes, more than ${limit}`)
}

// Every page is there with all that WeChat wants of it, and no secretary's page is in the main package.
const pages = [...app.pages, ...subs.flatMap((sub) => sub.pages.map((page) => `${sub.root}/${page}`))]
for (const page of pages) for (const end of ['js', 'json', 'wxml']) if (!files.includes(`${page}.${end}`)) faults.push(`${page}.${end} is missing`)
for (const page of app.pages) if (/^(secretary|member)\//.test(page)) faults.push(`${page} is in the main package`)
if (!subs.some((sub) => sub.root === 'secretary' && sub.pages.length > 0)) faults.push('there is no sub-package of the secretary')
for (const { pagePath, iconPath, selectedIconPath } of app.tabBar?.list ?? []) {
  if (!app.pages.includes(pagePath)) faults.push(`the bar leads to ${pagePath}, which is not in the main package`)
  for (const icon of [iconPath, selectedIconPath]) if (!files.includes(icon)) faults.push(`${icon} is missing`)
}
const named = [...readFileSync(path.join(here, 'src/pages.ts'), 'utf8').matchAll(/'((?:pages|member|secretary)\/[^']+)'/g)].map(([, page]) => page)
for (const page of named) {
  if (!pages.includes(page)) faults.push(`${page} of src/pages.ts was not built`)
  if (!existsSync(path.join(here, 'src', `${page}.tsx`))) faults.push(`src/${page}.tsx does not exist`)
}

// The interfaces: what WeChat's own typings know, and the little that Taro adds by itself.
const typings = readFileSync(path.join(here, 'node_modules/miniprogram-api-typings/types/wx/lib.wx.api.d.ts'), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
const wx = /\n {4}interface Wx \{\n([\s\S]*?)\n {4}\}/.exec(typings)[1]
const known = new Set([...wx.matchAll(/^ {8}(\w+)\s*[<(?:]/gm)].map(([, name]) => name))
if (known.size < 300 || !known.has('requestSubscribeMessage')) faults.push(`WeChat's typings were not understood: ${known.size} interfaces`)
const ofTaro = new Set(['getCurrentInstance', 'getCurrentPages'])
const plain = (text) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$|\s\/\/ .*$/gm, '')
const sources = readdirSync(path.join(here, 'src'), { recursive: true }).map(String).filter((name) => /\.tsx?$/.test(name) && !/(\.h5\.tsx?|\.d\.ts)$|^h5[/\\]/.test(name))
const called = new Set()
for (const name of sources) {
  for (const [, api] of plain(readFileSync(path.join(here, 'src', name), 'utf8')).matchAll(/\b(?:Taro|wx)\.([a-zA-Z]\w*)/g)) {
    if (/^[A-Z]/.test(api)) continue // a type
    called.add(api)
    if (!known.has(api) && !ofTaro.has(api)) faults.push(`src/${name} calls ${api}, which WeChat does not have`)
  }
}
console.log(`interfaces called      ${String(called.size).padStart(7)} of ${known.size} that WeChat has`)

// What was built of our sources: Taro's own run time is in taro.js, libraries in vendors.js, and both bring their own stand-ins for a browser.
const own = files.filter((name) => name.endsWith('.js') && !/^(taro|vendors|runtime)\.js$/.test(name))
const LEFTOVERS = /\b(?:localStorage|sessionStorage|XMLHttpRequest|speechSynthesis|execCommand|matchMedia|getBoundingClientRect|querySelectorAll|createObjectURL|activeElement|isSecureContext|Intl)\b|\.clipboard\b|(?<![.\w$])fetch\(|\bnew (?:\w+\.)?(?:URLSearchParams|Blob|FormData|File|Worker)\b/g
for (const name of own) {
  const text = readFileSync(path.join(dist, name), 'utf8')
  for (const found of text.matchAll(LEFTOVERS)) faults.push(`${name} still holds "${found[0]}": …${text.slice(Math.max(0, found.index - 40), found.index + 40).replace(/\s+/g, ' ')}…`)
}
console.log(`files of our sources   ${String(own.length).padStart(7)} without a browser's leftovers`)

if (faults.length > 0) {
  console.error(faults.join('\n'))
  process.exit(1)
}
