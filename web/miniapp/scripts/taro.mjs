// Runs Taro's compiler with the environment that it needs, on every shell: node scripts/taro.mjs h5|weapp [--watch]
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const cli = path.join(path.dirname(createRequire(import.meta.url).resolve('@tarojs/cli/package.json')), 'bin', 'taro')
const [type, ...rest] = process.argv.slice(2)
const { status } = spawnSync(process.execPath, [cli, 'build', '--type', type, ...rest], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, TARO_ENV: type, TARO_COMPILER: 'webpack5', NODE_ENV: rest.includes('--watch') ? 'development' : 'production', BROWSERSLIST_IGNORE_OLD_DATA: '1' },
})
process.exit(status ?? 1)
