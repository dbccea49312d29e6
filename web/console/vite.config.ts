import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// The server answers under /console/. `npm run dev` hands what is not the console's to a server started with `go run . serve --demo`.
export default defineConfig({
  base: '/console/',
  plugins: [react()],
  // The server puts a fresh nonce in its place with each page; style sheets made in the browser carry it.
  html: { cspNonce: '__CSP_NONCE__' },
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2022',
    sourcemap: false,
    // Nothing may be inlined as data: what the page shows comes from files that the content security policy knows.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    chunkSizeWarningLimit: 1200,
  },
  server: {
    proxy: Object.fromEntries(['/api', '/files', '/openapi.json'].map((path) => [path, process.env.ZHIBU ?? 'http://127.0.0.1:8080'])),
  },
  test: { include: ['src/**/*.test.ts', 'src/**/*.test.tsx'] },
})
