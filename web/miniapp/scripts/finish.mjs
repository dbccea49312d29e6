// Takes the last step of the browser's build: the script that Taro writes into index.html becomes a file, since the server's Content-Security-Policy
// allows none in the page, and what is not served is removed.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const dist = path.resolve(path.dirname(path.dirname(fileURLToPath(import.meta.url))), process.env.ZHIBU_OUT ?? 'dist')
const page = path.join(dist, 'index.html')
let html = readFileSync(page, 'utf8')
const first = readFileSync(path.join(path.dirname(path.dirname(fileURLToPath(import.meta.url))), 'src', 'boot.js'), 'utf8')
let boots = 0
html = html.replace(/<script>([\s\S]*?)<\/script>/g, (_, own) => {
  const code = boots++ === 0 ? first + own : own
  if (code.trim() === '') return ''
  const name = `assets/boot.${createHash('sha256').update(code).digest('hex').slice(0, 10)}.js`
  mkdirSync(path.join(dist, 'assets'), { recursive: true })
  writeFileSync(path.join(dist, name), code)
  return `<script src="/m/${name}"></script>`
})
if (boots === 0) throw new Error('index.html has lost the script that comes first')
if (/<script(?![^>]*\bsrc=)/.test(html) || /\son\w+=/.test(html)) throw new Error('index.html still holds a script of its own')
writeFileSync(page, html)

for (const entry of readdirSync(dist, { recursive: true })) {
  if (/\.(map|LICENSE\.txt)$/.test(entry)) rmSync(path.join(dist, entry))
}
