import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'
import type { Options } from './e2e/fixtures.ts'

const executablePath = ['/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path))

/**
 * Drives the real binary, in Korean and in English. Each project has a server of its own with a fresh data folder, unless
 * `GILMOK_URL` names one that runs.
 */
export default defineConfig<Options, Options>({
  testDir: 'e2e',
  // A scan, a browser and a server share the machine: one test after the other is quicker than all slowed down.
  workers: 1,
  // A second try on CI, reported as flaky: a busy machine must not hide behind a red run.
  retries: process.env.CI ? 1 : 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    viewport: { width: 1440, height: 1000 },
    // A trace of every test costs more than the test: it is taken where one is tried again.
    trace: 'on-first-retry',
    screenshot: 'only-on-failure',
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: {
      executablePath,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'ko', use: { lang: 'ko', locale: 'ko-KR', timezoneId: 'Asia/Seoul' } },
    // What axe finds does not depend on the language, and looking at every page four times takes minutes.
    {
      name: 'en',
      testIgnore: /accessibility/,
      use: { lang: 'en', locale: 'en-US', timezoneId: 'America/New_York' },
    },
  ],
})
