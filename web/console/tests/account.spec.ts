import { createHmac } from 'node:crypto'
import { expect, type Page } from '@playwright/test'
import { people, signIn, sound, test } from './house'

// The administrator of the demonstration's society, who keeps the accounts.
const ADMIN = `oDEMO${'admin'.padStart(23, '0')}`
const refused = { annotation: { type: 'refused' } } // a wrong password, the second step: each refusal stands in the browser's console
const PASSWORD = '红旗 跑步 茶杯 窗台'

/** digits are what a phone's app shows for a secret (RFC 6238), `later` steps on. */
function digits(secret: string, later = 0): string {
  const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => parseInt(byte, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later))
  const sum = createHmac('sha1', key).update(step).digest()
  return String((sum.readUInt32BE(sum[19]! & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

async function secretOn(page: Page): Promise<string> {
  return (await page.getByLabel('密钥').innerText()).replaceAll(/\s/g, '')
}

/** leave ends the session of this browser by the menu, as one does. */
async function leave(page: Page): Promise<void> {
  await page.getByRole('button', { name: /的账号菜单/ }).click()
  await page.getByRole('menuitem', { name: '退出登录' }).click()
  await page.getByRole('button', { name: '退出', exact: true }).click()
  await expect(page.getByText('手机扫码', { exact: true })).toBeVisible()
}

/** invite gives an account to somebody found by name, and tells the link. */
async function invite(page: Page, name: string): Promise<string> {
  await page.getByRole('button', { name: '开设账号' }).click()
  const dialog = page.getByRole('dialog', { name: '开设后台账号' })
  await dialog.getByRole('combobox', { name: '给谁' }).click()
  await dialog.getByRole('combobox', { name: '给谁' }).fill(name)
  await page.locator('.ant-select-item-option').filter({ hasText: name }).click()
  await dialog.getByRole('button', { name: '生成设置链接' }).click()
  const link = page.getByLabel('设置链接', { exact: true })
  await expect(link).toHaveText(/\/console\/setup#code=\S+/)
  await sound(page)
  const address = await link.innerText()
  await page.getByRole('button', { name: '已交给本人' }).click()
  return address.slice(address.indexOf('/console/'))
}

async function fill(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) await page.getByLabel(name, { exact: true }).fill(value)
}

for (const [path, who] of [['/settings/accounts', ADMIN], ['/account', people.office]] as const) {
  test(`${path} is sound for who signed in by scanning`, async ({ page }) => {
    await signIn(page, who, path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await sound(page)
  })
}

test('a link that opens nothing says whom to ask', refused, async ({ page }) => {
  await page.goto('/console/setup')
  await expect(page.getByText('这个链接打不开账号')).toBeVisible()
  await page.goto('/console/setup#code=nobody-has-this-one')
  await expect(page.getByText('向管理员索取新的链接')).toBeVisible()
  await expect(page).toHaveURL(/\/setup$/)
  await sound(page)
  await page.getByRole('link', { name: '去登录' }).click()
  await expect(page.getByText('手机扫码', { exact: true })).toBeVisible()
})

test('the administrator gives the office an account; its owner is led through password and second factor, signs in by both, and by a recovery code', refused, async ({ page }, info) => {
  test.setTimeout(120_000)
  const desk = info.project.name === 'desk'
  const who = desk ? '周静宜' : '韩书砚'
  await signIn(page, ADMIN, '/settings/accounts')
  const link = await invite(page, who)
  await expect(page.getByText('等本人设置').first()).toBeVisible()
  await sound(page)
  await leave(page)

  const name = desk ? 'dangban.yi' : 'dangban.er'
  await page.goto(link)
  await expect(page).toHaveURL(/\/setup$/) // the code is out of the address
  await fill(page, { 用户名: name, 密码: 'short', 再输一遍密码: 'short' })
  await page.getByRole('button', { name: '下一步' }).click()
  await expect(page.getByText(/10 ?个/).last()).toBeVisible()
  await expect(page.locator('.ant-form-item-explain-error').first()).toBeVisible() // beside its field
  await sound(page)
  await fill(page, { 密码: PASSWORD, 再输一遍密码: PASSWORD })
  await page.getByRole('button', { name: '下一步' }).click()
  const secret = await secretOn(page)
  await sound(page)
  await fill(page, { 六位验证码: '000000' })
  await page.getByRole('button', { name: '验证并登录' }).click()
  await expect(page.getByRole('alert').filter({ hasText: '验证码不正确' })).toBeVisible()
  await fill(page, { 六位验证码: digits(secret) })
  await page.getByRole('button', { name: '验证并登录' }).click()
  const codes = (await page.getByLabel('恢复码', { exact: true }).innerText()).trim().split('\n')
  expect(codes).toHaveLength(10)
  await page.emulateMedia({ media: 'print' })
  await expect(page.getByLabel('恢复码', { exact: true })).toBeVisible()
  await expect(page.getByRole('button', { name: '复制' })).toBeHidden()
  await page.emulateMedia({ media: 'screen' })
  await page.getByRole('button', { name: '已保存，进入后台' }).click()
  await expect(page.getByRole('heading', { level: 1, name: '总览' })).toBeVisible()
  await leave(page)

  await page.getByText('账号密码').click()
  await fill(page, { 账号: name, 密码: 'not the password' })
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await expect(page.getByRole('alert')).toBeVisible()
  await fill(page, { 密码: PASSWORD })
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await fill(page, { 六位验证码: digits(secret, 1) })
  await page.getByRole('button', { name: '验证并登录' }).click()
  await expect(page.getByRole('heading', { level: 1, name: '总览' })).toBeVisible()
  await leave(page)

  await page.getByText('账号密码').click()
  await fill(page, { 账号: name, 密码: PASSWORD })
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await page.getByRole('button', { name: '手机不在身边？用恢复码' }).click()
  await fill(page, { 恢复码: codes[4]! })
  await page.getByRole('button', { name: '验证并登录' }).click()
  await expect(page.getByRole('heading', { level: 1, name: '总览' })).toBeVisible()
  await page.goto('/console/account')
  await expect(page.getByText('还剩 9 个')).toBeVisible()

  await page.getByRole('button', { name: '重新生成' }).click()
  const dialog = page.getByRole('dialog', { name: '重新生成恢复码' })
  await dialog.getByLabel('密码', { exact: true }).fill(PASSWORD)
  await dialog.getByRole('button', { name: '生成' }).click()
  const fresh = (await dialog.getByLabel('恢复码', { exact: true }).innerText()).trim().split('\n')
  expect(fresh.filter((code) => codes.includes(code))).toEqual([])
  await sound(page)
  await dialog.getByRole('button', { name: '已保存' }).click()
  await expect(page.getByText('还剩 10 个')).toBeVisible()
})

test('the secretary gets an account, adds a second factor, changes the password and ends the other sessions; the administrator closes it', refused, async ({ page, browser, baseURL }, info) => {
  test.setTimeout(120_000)
  const desk = info.project.name === 'desk'
  const who = desk ? '方培元' : '苏以宁'
  const name = desk ? 'shuji.yi' : 'shuji.er'
  await signIn(page, ADMIN, '/settings/accounts')
  const link = await invite(page, who)

  const other = await browser.newContext({ baseURL, viewport: page.viewportSize(), locale: 'zh-CN' })
  const theirs = await other.newPage()
  await theirs.goto(link)
  await fill(theirs, { 用户名: name, 密码: PASSWORD, 再输一遍密码: PASSWORD })
  await theirs.getByRole('button', { name: '完成并进入' }).click()
  await expect(theirs.getByRole('heading', { level: 1, name: '总览' })).toBeVisible()

  // A second browser of the same person, to be ended from the first.
  const third = await browser.newContext({ baseURL, locale: 'zh-CN' })
  const second = await third.newPage()
  await second.goto('/console/sign-in')
  await second.getByText('账号密码').click()
  await fill(second, { 账号: name, 密码: PASSWORD })
  await second.getByRole('button', { name: '登录', exact: true }).click()
  await expect(second.getByRole('heading', { level: 1, name: '总览' })).toBeVisible()

  await theirs.goto('/console/account')
  await expect(theirs.getByText('Linux 电脑 · Chrome 浏览器')).toHaveCount(2)
  await theirs.getByRole('button', { name: '修改密码' }).click()
  const change = theirs.getByRole('dialog', { name: '修改密码' })
  await change.getByLabel('现在的密码').fill('not the password')
  await change.getByLabel('新密码', { exact: true }).fill(`${PASSWORD} 又`)
  await change.getByLabel('再输一遍新密码').fill(`${PASSWORD} 又`)
  await change.getByRole('button', { name: '修改', exact: true }).click()
  await expect(change.getByRole('alert').first()).toBeVisible() // said in the dialog: a wrong password ends no session
  await sound(theirs)
  await change.getByLabel('现在的密码').fill(PASSWORD)
  await change.getByRole('button', { name: '修改', exact: true }).click()
  await expect(change).toHaveCount(0)
  await expect(theirs.getByText('Linux 电脑 · Chrome 浏览器')).toHaveCount(1)
  await second.reload()
  await expect(second.getByText('手机扫码', { exact: true })).toBeVisible() // ended by the new password

  await theirs.getByRole('button', { name: '设置', exact: true }).click()
  const factor = theirs.getByRole('dialog', { name: '设置动态验证码' })
  await factor.getByLabel('密码', { exact: true }).fill(`${PASSWORD} 又`)
  await factor.getByRole('button', { name: '下一步' }).click()
  const secret = await secretOn(theirs)
  await sound(theirs)
  await factor.getByLabel('六位验证码').fill(digits(secret))
  await factor.getByRole('button', { name: '确认' }).click()
  await expect(theirs.getByLabel('恢复码', { exact: true })).toBeVisible()
  await theirs.getByRole('button', { name: '已保存' }).click()
  await expect(theirs.getByText('还剩 10 个')).toBeVisible()
  await sound(theirs)

  await second.getByText('账号密码').click()
  await fill(second, { 账号: name, 密码: `${PASSWORD} 又` })
  await second.getByRole('button', { name: '登录', exact: true }).click()
  await fill(second, { 六位验证码: digits(secret, 1) })
  await second.getByRole('button', { name: '验证并登录' }).click()
  await expect(second.getByRole('heading', { level: 1, name: '总览' })).toBeVisible()
  await theirs.reload()
  await theirs.getByRole('button', { name: '其他都退出' }).click()
  await theirs.getByRole('dialog').getByRole('button', { name: '全部退出' }).click()
  await expect(theirs.getByText('Linux 电脑 · Chrome 浏览器')).toHaveCount(1)

  await page.reload()
  const row = desk ? page.getByRole('row').filter({ hasText: name }) : page.getByRole('listitem').filter({ hasText: name })
  await row.getByRole('button', { name: '重置验证码' }).click()
  const reset = page.getByRole('dialog')
  await expect(reset.getByRole('button', { name: '重置' })).toBeDisabled() // not without a reason
  await reset.getByRole('textbox').fill('换了手机，已当面核实')
  await reset.getByRole('button', { name: '重置' }).click()
  await expect(row.getByText('没有动态验证码')).toBeVisible()
  await row.getByRole('button', { name: '停用' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '停用' }).click()
  await expect(row.getByText('已停用')).toBeVisible()
  await page.getByRole('combobox', { name: '状态' }).click()
  await page.locator('.ant-select-item-option').filter({ hasText: '已停用' }).click()
  await expect(page).toHaveURL(/state=disabled/)
  await sound(page)
  await theirs.reload()
  await expect(theirs.getByText('手机扫码', { exact: true })).toBeVisible()
  await other.close()
  await third.close()
})

test('an abandoned desk is asked, and then signed out, also from a page with unsaved work', async ({ page }) => {
  await page.clock.install()
  await signIn(page, people.secretary, '/reminders/new')
  await page.clock.runFor('28:10')
  await expect(page.getByRole('dialog', { name: '您还在吗？' })).toBeVisible()
  await page.getByRole('button', { name: '继续使用' }).click()
  await expect(page.getByRole('dialog', { name: '您还在吗？' })).toHaveCount(0)
  await page.getByRole('textbox', { name: '名称' }).fill('每周学习')
  await page.clock.runFor('28:10')
  await expect(page.getByRole('dialog', { name: '您还在吗？' })).toBeVisible()
  await page.clock.runFor('02:10')
  await expect(page.getByText('手机扫码', { exact: true })).toBeVisible()
  expect(await page.evaluate(() => localStorage.getItem('zhibu.console.session'))).toBeNull()
})

test('a page is shared with its branch, and a table goes into a spreadsheet', async ({ page, context }, info) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText())
  await signIn(page, people.secretary, '/organisation/roster')
  await expect(page.getByRole('region', { name: '花名册' })).toBeVisible()
  await page.getByRole('button', { name: /的账号菜单/ }).click()
  await page.getByRole('menuitem', { name: '复制本页链接' }).click()
  await expect(page.getByText(/链接已复制/)).toBeVisible()
  expect(await clipboard()).toMatch(/\/console\/organisation\/roster\?(.*&)?org=/)
  if (info.project.name === 'phone') return // there are cards, and no table
  await page.getByRole('button', { name: '拷贝本表' }).click()
  await expect(page.getByText('已拷贝，可粘贴到表格')).toBeVisible()
  const rows = (await clipboard()).split('\n')
  expect(rows[0]).toContain('\t')
  expect(rows.length).toBeGreaterThan(10)
})

test('the figures of the overview can be read and taken along', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await signIn(page, people.office)
  for (const name of [/推送触达：每周/, /未来三十天大约要发/, /收到的意见建议/, /各月各时段/]) await expect(page.getByRole('figure', { name })).toBeVisible()
  const figure = page.getByRole('figure', { name: /未来三十天/ })
  await figure.getByText('看数字').click()
  await expect(figure.getByRole('rowheader', { name: '会议通知' })).toBeVisible()
  await figure.getByRole('button', { name: '拷贝数字' }).click()
  await expect(page.getByText('已拷贝，可粘贴到表格')).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/^通知\t大约要发\t够发\t不够\t会用完的人数\n会议通知\t\d+/)
  await sound(page)
})
