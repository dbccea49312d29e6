import { expect } from '@playwright/test'
import { people, signIn, sound, test } from './house'

const word = `<html><head><style>p{color:red}</style></head><body><h2 style="mso-x:1">一、要求</h2><p class=MsoNormal style='color:red' onclick="x()">各支部要<b>按时</b>开展学习。</p><ul><li>读原文</li></ul><table style="width:9px"><tr><td style="a:b">时间</td><td>周五</td></tr></table><script>alert(1)</script></body></html>`

test('the list keeps its filters in the address and is sound', async ({ page }) => {
  await signIn(page, people.office, '/content')
  await expect(page.getByRole('heading', { level: 1, name: '文章' })).toBeVisible()
  await sound(page)
  await page.goto('/console/content?category=law&status=published')
  await expect(page.getByRole('button', { name: '清除筛选' }).first()).toBeVisible()
  await page.getByRole('button', { name: '清除筛选' }).first().click()
  await expect(page).not.toHaveURL(/category=/)
})

test('the secretary pastes from Word, saves, publishes, corrects, compares, restores and withdraws', async ({ page }, info) => {
  const title = `本周学习安排${info.project.name}${Date.now() % 100000}`
  await signIn(page, people.secretary, '/content/new')
  await page.getByRole('textbox', { name: '标题' }).fill(title)
  await page.getByRole('textbox', { name: '要点 1' }).fill('周五前读完')
  const text = page.getByRole('textbox', { name: '正文', exact: true })
  await text.click()
  await text.evaluate((region, html) => {
    const data = new DataTransfer()
    data.setData('text/html', html)
    region.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  }, word)
  await expect(text.getByRole('heading', { name: '一、要求' })).toBeVisible()
  expect(await text.evaluate((region) => region.querySelectorAll('[style], script, [onclick], [class]').length)).toBe(0)
  await expect(text.getByRole('cell', { name: '周五' })).toBeVisible()
  await expect(page.getByLabel('手机预览').getByText('各支部要')).toBeVisible()
  await expect(page.getByText('学习时间预算').first()).toBeVisible()
  await sound(page)
  await page.screenshot({ path: info.outputPath('editor.png'), fullPage: true })
  await page.getByRole('button', { name: '保存草稿' }).click()
  await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible()
  await page.getByRole('button', { name: '发布…' }).click()
  await page.getByRole('button', { name: '现在发布' }).click()
  await expect(page.getByRole('button', { name: '撤回…' })).toBeEnabled()
  await page.getByRole('textbox', { name: '要点 1' }).fill('周四前读完')
  await page.getByRole('button', { name: '保存修改' }).click()
  await expect(page.getByRole('button', { name: '撤回…' })).toBeEnabled()
  await page.getByRole('link', { name: '历次修改' }).first().click()
  await page.getByRole('button', { name: '改了什么' }).first().click()
  await expect(page.locator('ins').filter({ hasText: '周四前读完' })).toBeVisible()
  await sound(page)
  await page.screenshot({ path: info.outputPath('revisions.png'), fullPage: true })
  await page.getByRole('button', { name: '恢复到这一版…' }).first().click()
  await page.getByRole('dialog').getByRole('button', { name: '恢复' }).click()
  await expect(page.getByRole('textbox', { name: '要点 1' })).toHaveValue('周五前读完')
  await page.getByRole('button', { name: '撤回…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '撤回' }).click()
  await expect(page.getByText('已撤回').first()).toBeVisible()
})
