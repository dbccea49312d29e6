import { expect } from '@playwright/test'
import { people, signIn, sound, test, tokenOf } from './house'

for (const path of ['/supervision', '/supervision/obligations', '/supervision/work-record', '/supervision/annual-check', '/supervision/progress']) {
  test(`${path} is sound`, async ({ page }) => {
    await signIn(page, people.office, path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await sound(page)
  })
}

test('from the radar to the work record, which is saved as Word and Excel', async ({ page }) => {
  await signIn(page, people.office, '/supervision')
  const links = page.getByRole('link', { name: /专业委员会党支部$/ })
  await expect(links.first()).toBeVisible()
  expect(await links.allTextContents()).toEqual(['心肺康复专业委员会党支部', '神经康复专业委员会党支部', '儿童康复专业委员会党支部'])
  await links.first().click()
  await expect(page.getByText('全年应开')).toBeVisible()
  await sound(page)
  await page.goto(page.url().replace('/supervision/obligations', '/supervision/work-record'))
  for (const [name, end] of [['Word', /\.docx$/], ['Excel', /\.xlsx$/]] as const) {
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name }).click()
    expect((await saved).suggestedFilename()).toMatch(end)
  }
  await page.getByText('年', { exact: true }).click()
  await expect(page).toHaveURL(/period=\d{4}(&|$)/)
})

test('a policy file with a fault is told line and reason; the mended one is tried, and then holds', { annotation: { type: 'refused' } }, async ({ page }, info) => {
  await signIn(page, people.office, '/settings/policy')
  const token = await tokenOf(page, people.office)
  const text = await (await page.request.get('/api/v1/policy?format=yaml', { headers: { Authorization: `Bearer ${token}` } })).text()
  const today = new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10)
  const next = text.replace(/^version: .*$/m, `version: 试行-${info.project.name}`).replace(/^holds_from: .*$/m, `holds_from: "${today}"`).replace(/accept_days: \d+/, info.project.name === 'phone' ? 'accept_days: 3' : 'accept_days: 4')
  const input = page.locator('input[type=file]')
  const file = (body: string) => ({ name: '制度参数.yaml', mimeType: 'application/yaml', buffer: Buffer.from(body) })
  await input.setInputFiles(file(next.replace(/accept_days: \d+/, 'accept_days: 四')))
  await expect(page.getByText(/第 \d+ 行/).first()).toBeVisible()
  await input.setInputFiles(file(next))
  await expect(page.getByText(/意见受理时限：由\d个工作日改为\d个工作日/)).toBeVisible()
  await sound(page)
  await page.getByRole('button', { name: '启用', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: '启用', exact: true }).click()
  await expect(page.getByText(`“试行-${info.project.name}”`).first()).toBeVisible()
  await expect(page.getByText('试算：')).toHaveCount(0)
})
