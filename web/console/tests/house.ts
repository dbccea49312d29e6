import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { expect, test as plain, type Page } from '@playwright/test'

/** standin is where this worker's demonstration has its WeChat: it says so when it starts, since its usual port may be taken. */
function standin(): string {
  if (process.env.ZHIBU) return process.env.STANDIN ?? 'http://127.0.0.1:8081/standin'
  const said = readFileSync(resolve(`../../bin/console-test-${process.env.TEST_PARALLEL_INDEX}.log`), 'utf8')
  return /http:\/\/127\.0\.0\.1:\d+\/standin/.exec(said)![0]
}

export const people = { office: 'oDEMO00000000000000000office', secretary: 'oDEMO0000000000000sec_cardio', member: 'oDEMO00000000000000000member' }

/** test fails on anything that the browser complains about: errors on the console, refused styles and scripts, requests to another host. */
export const test = plain.extend<{ quiet: void }>({
  quiet: [
    async ({ page, baseURL }, use, info) => {
      const complaints: string[] = []
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
      })
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('request', (request) => {
        if (!request.url().startsWith(baseURL!) && !/^(data|blob):/.test(request.url())) complaints.push(`another host: ${request.url()}`)
      })
      await use()
      // A browser writes each refused request to the console; a story about a refusal says so by its annotation.
      const refused = info.annotations.some((note) => note.type === 'refused')
      expect(complaints.filter((line) => !(refused && /status of 4\d\d/.test(line)))).toEqual([])
    },
    { auto: true },
  ],
})

/** tokenOf signs a person in on the phone, as the mini-program does. */
export async function tokenOf(page: Page, openid: string): Promise<string> {
  const { code } = (await (await page.request.post(`${standin()}/codes`, { data: { openid } })).json()) as { code: string }
  const answer = await page.request.post('/api/v1/auth/wechat', { data: { code } })
  return ((await answer.json()) as { access_token: string }).access_token
}

/** signIn scans the code on the screen with the person's phone. */
export async function signIn(page: Page, openid: string, path = '/'): Promise<void> {
  const made = page.waitForResponse((response) => response.url().endsWith('/auth/console-codes') && response.request().method() === 'POST')
  await page.goto(`/console${path}`)
  const { id } = (await (await made).json()) as { id: string }
  const token = await tokenOf(page, openid)
  const approved = await page.request.post(`/api/v1/auth/console-codes/${id}/approve`, { headers: { Authorization: `Bearer ${token}` } })
  expect(approved.ok()).toBe(true)
  await expect(page.locator('#content')).toBeVisible({ timeout: 15_000 })
}

/** sound holds a page against axe and against its own width. */
export async function sound(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle')
  // What is still fading in is paler than it will be. Spinners go on for ever and are not waited for.
  await page.evaluate(() => Promise.all(document.getAnimations().filter((one) => one.effect?.getComputedTiming().iterations !== Infinity).map((one) => one.finished.catch(() => undefined))))
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), 'wider than the screen').toBeLessThanOrEqual(0)
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.filter((violation) => violation.impact === 'serious' || violation.impact === 'critical').map((violation) => `${violation.id}: ${violation.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 200)} ${node.any[0]?.message ?? ''}`).join(' | ')}`)).toEqual([])
}
