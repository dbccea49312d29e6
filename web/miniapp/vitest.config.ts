import { fileURLToPath } from 'node:url'

import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { extensions: ['.h5.ts', '.h5.tsx', '.ts', '.tsx', '.mjs', '.js', '.json'], alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: { SERVER: '""' },
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
})
