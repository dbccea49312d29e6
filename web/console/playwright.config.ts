import { defineConfig } from '@playwright/test'

// The stories run against a real server: one that is given (ZHIBU, and STANDIN for its phone), or a fresh demonstration started here.
const base = process.env.ZHIBU ?? 'http://127.0.0.1:18080'

export default defineConfig({
  testDir: 'tests',
  fullyParallel: false,
  workers: 1,
  timeout: 45_000,
  reporter: [['list']],
  use: { baseURL: base, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', trace: 'off' },
  projects: [
    { name: 'desk', use: { viewport: { width: 1280, height: 800 } } },
    { name: 'phone', use: { viewport: { width: 390, height: 844 }, hasTouch: true } },
  ].map((project) => ({ ...project, use: { ...project.use, launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] } } })),
  webServer: process.env.ZHIBU
    ? undefined
    : {
        command: 'cd ../.. && go build -o bin/zhibu-console-test . && rm -rf bin/console-test-data && exec bin/zhibu-console-test serve --demo 2> bin/console-test.log',
        env: { ZHIBU_LISTEN: '127.0.0.1:18080', ZHIBU_ADMIN_LISTEN: '127.0.0.1:18090', ZHIBU_DATA_DIR: 'bin/console-test-data' },
        url: `${base}/readyz`,
        timeout: 180_000,
      },
})
