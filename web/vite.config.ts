import { fileURLToPath } from 'node:url'
import { lingui } from '@lingui/vite-plugin'
import optimizeLocales from '@react-aria/optimize-locales-plugin'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { pack } from './pack.ts'

/** Set by `npm run mock`: answers the API from `mocks/` instead of a running `gilmok serve`. */
const mocked = process.env.GILMOK_MOCK === '1'
// Host and origin stay those of the browser: the server refuses what another site sends.
const proxy = { '/api': { target: process.env.GILMOK_URL ?? 'http://127.0.0.1:7070', changeOrigin: false } }

export default defineConfig(async () => ({
  plugins: [
    react({ babel: { plugins: ['@lingui/babel-plugin-lingui-macro'] } }),
    lingui(),
    // React Aria speaks 34 languages; two are ours.
    optimizeLocales.vite({ locales: ['ko-KR', 'en-US'] }),
    pack(),
    // Imported only here, so nothing of the mock can reach the production bundle.
    ...(mocked ? [(await import('./mocks/plugin.ts')).mockApi()] : []),
  ],
  resolve: { alias: { '~': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { port: 5173, proxy: mocked ? undefined : proxy },
  preview: { proxy: mocked ? undefined : proxy },
  build: { outDir: 'dist', emptyOutDir: true, sourcemap: false, assetsInlineLimit: 0, target: 'es2022' },
  test: { include: ['src/**/*.test.{ts,tsx}'] },
}))
