// Writes src/api/schema.d.ts from the server's own description of its routes. Nothing runs and nothing is asked over the network.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const here = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const root = path.dirname(path.dirname(here))
const dir = mkdtempSync(path.join(tmpdir(), 'zhibu-types-'))
try {
  const document = path.join(dir, 'openapi.json')
  writeFileSync(document, execFileSync('go', ['run', '.', 'openapi'], { cwd: root, maxBuffer: 64 << 20 }))
  execFileSync(process.execPath, [path.join(here, 'node_modules/openapi-typescript/bin/cli.js'), document, '-o', path.join(here, 'src/api/schema.d.ts')], { stdio: 'inherit' })
} finally {
  rmSync(dir, { recursive: true })
}
