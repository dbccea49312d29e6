import { expect } from '@playwright/test'
import { people, signIn, sound, test } from './house'

const sheet = (rows: string[]) => ({ name: '花名册.csv', mimeType: 'text/csv', buffer: Buffer.from(['姓名,手机号,政治面貌,单位,职务', ...rows].join('\n')) })

for (const path of ['/organisation', '/organisation/roster', '/organisation/import', '/organisation/handovers', '/settings', '/settings/templates', '/settings/policy', '/settings/switches', '/settings/calendar', '/settings/privacy']) {
  test(`${path} is sound`, async ({ page }) => {
    await signIn(page, people.office, path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await sound(page)
  })
}

test('the secretary drags a roster in, is told its faults row by row, and writes the mended one', async ({ page }, info) => {
  const phone = info.project.name === 'phone' ? '13900139771' : '13900139770'
  await signIn(page, people.secretary, '/organisation/import')
  const input = page.locator('input[type=file]')
  await input.setInputFiles(sheet([`试${info.project.name},12345,中共党员,第一医院,主任`]))
  await expect(page.getByText('有 1 处要改')).toBeVisible()
  await expect(page.getByRole('cell', { name: '2', exact: true })).toBeVisible()
  await expect(page.getByRole('button', { name: '写入花名册' })).toBeDisabled()
  await sound(page)
  await input.setInputFiles(sheet([`试${info.project.name},${phone},中共党员,第一医院,主任`]))
  await expect(page.getByText('没有发现问题，可以导入。')).toBeVisible()
  await page.getByRole('button', { name: '写入花名册' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '写入' }).click()
  await expect(page.getByText('三、已经写入')).toBeVisible()
  await page.getByRole('link', { name: '看花名册' }).click()
  await page.getByRole('searchbox', { name: '姓名、单位或职务' }).fill(`试${info.project.name}`)
  await page.getByRole('searchbox', { name: '姓名、单位或职务' }).press('Enter')
  await expect(page).toHaveURL(/q=/)
  await page.getByRole('link', { name: `试${info.project.name}` }).click()
  await expect(page.getByRole('heading', { level: 1, name: `试${info.project.name}` })).toBeVisible()
  await expect(page.getByText(`${phone.slice(0, 3)}****${phone.slice(-4)}`)).toBeVisible()
  await sound(page)
})

test('a roster is saved as a file, and printed without its buttons', async ({ page }) => {
  await signIn(page, people.secretary, '/organisation/roster')
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: '导出' }).click()
  expect((await saved).suggestedFilename()).toMatch(/\.xlsx$/)
  await page.emulateMedia({ media: 'print' })
  await expect(page.getByRole('button', { name: '导出' })).toBeHidden()
})

test('an invitation has its code, shown once', async ({ page }) => {
  await signIn(page, people.secretary, '/organisation')
  await page.getByRole('button', { name: '发邀请码' }).click()
  await page.getByRole('button', { name: '生成邀请码' }).click()
  await expect(page.getByLabel('邀请码', { exact: true })).toHaveText(/\S{6,}/)
  await sound(page)
})

test('the secretary hands over, and takes it back', async ({ page }) => {
  await signIn(page, people.secretary, '/organisation/handovers')
  await page.getByRole('button', { name: '发起交接' }).click()
  const dialog = page.getByRole('dialog', { name: '发起工作交接' })
  await dialog.getByRole('combobox', { name: '接任' }).click()
  await page.locator('.ant-select-item-option').nth(1).click()
  await dialog.getByRole('button', { name: '发起' }).click()
  await expect(page.getByText(/清单（\d+ 项）/)).toBeVisible()
  await page.getByRole('button', { name: '确认交接' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '确认' }).click()
  await expect(page.getByText('已确认')).toBeVisible()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await sound(page)
  const saved = page.waitForEvent('download')
  await page.getByRole('button', { name: '交接清单' }).click()
  expect((await saved).suggestedFilename()).toMatch(/\.xlsx$/)
  await page.getByRole('button', { name: '取消交接' }).click()
  await page.getByRole('dialog').getByRole('textbox').fill('再议')
  await page.getByRole('dialog').getByRole('button', { name: '取消交接' }).click()
  await expect(page.getByText('已取消').first()).toBeVisible()
})

test('a template is tried on oneself', async ({ page }) => {
  await signIn(page, people.office, '/settings/templates')
  await page.getByRole('button', { name: '给自己试发一条' }).first().click()
  await expect(page.getByText(/微信已接收|您没有可用的订阅次数/)).toBeVisible()
  await sound(page)
})
