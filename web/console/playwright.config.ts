import { defineConfig } from '@playwright/test'

// The stories run against real servers: one that is given (ZHIBU, and STANDIN for its phone), or fresh demonstrations started here, one for each of two
// workers, so that no story meets what another does at the same moment. tests/house.ts finds the stand-in of each in its log.
const places = process.env.ZHIBU ? [process.env.ZHIBU] : [18080, 18081].map((port) => `http://127.0.0.1:${port}`)
const mine = Number(process.env.TEST_PARALLEL_INDEX ?? 0)

export default defineConfig({
  testDir: 'tests',
  fullyParallel: false,
  workers: places.length,
  timeout: 45_000,
  expect: { timeout: 10_000 },
  retries: 1, // a browser on a busy machine drops a click now and then; what fails twice is red, and what passed the second time is listed as flaky
  reporter: [['list']],
  use: { baseURL: places[mine], locale: 'zh-CN', timezoneId: 'Asia/Shanghai', trace: 'off' },
  projects: [
    { name: 'desk', use: { viewport: { width: 1280, height: 800 } } },
    { name: 'phone', use: { viewport: { width: 390, height: 844 }, hasTouch: true } },
  ].map((project) => ({ ...project, use: { ...project.use, launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] } } })),
  webServer: process.env.ZHIBU
    ? undefined
    : places.map((place, n) => ({
        command: `cd ../.. && mkdir -p bin && go build -o bin/console-test-${n} . && rm -rf bin/console-test-${n}-data && exec bin/console-test-${n} serve --demo > bin/console-test-${n}.log 2>&1`,
        env: { ZHIBU_LISTEN: new URL(place).host, ZHIBU_ADMIN_LISTEN: `127.0.0.1:${18090 + n}`, ZHIBU_DATA_DIR: `bin/console-test-${n}-data` },
        url: `${place}/readyz`,
        timeout: 180_000,
      })),
})
