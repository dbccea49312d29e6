import { expect, type Page } from '@playwright/test'
import { people, signIn, sound, test, tokenOf } from './house'

const china = (at: string) => new Date(Date.parse(at) + 8 * 3600_000).toISOString()

async function ask<T>(page: Page, path: string): Promise<T> {
  const token = await tokenOf(page, people.secretary)
  return (await (await page.request.get(`/api/v1${path}`, { headers: { Authorization: `Bearer ${token}` } })).json()) as T
}

interface Meeting { id: string; topic: string; starts_at: string; ends_at: string; counts: { invited: number }; agenda: { title: string }[]; series_id: string | null }

for (const path of ['/meetings', '/meetings?view=week', '/meetings/new', '/meetings/slots', '/meetings?view=month&day=2026-10-08']) {
  test(`${path} is sound`, async ({ page }) => {
    await signIn(page, people.secretary, path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await expect(page.locator('.ant-skeleton')).toHaveCount(0)
    await sound(page)
  })
}

test('the calendar shows meetings, holidays and make-up days, and its state stands in the address', async ({ page }, info) => {
  await signIn(page, people.secretary, '/meetings?day=2026-10-08')
  await expect(page.getByRole('heading', { name: '2026年10月' })).toBeVisible()
  const desk = info.project.name === 'desk'
  if (desk) {
    await expect(page.getByRole('gridcell', { name: /10月1日 周四，国庆节/ })).toContainText('休')
    await expect(page.getByRole('gridcell', { name: /10月10日 周六，国庆节调休上班/ })).toContainText('班')
    await page.getByRole('gridcell', { name: /10月8日/ }).focus()
    await page.keyboard.press('ArrowDown')
    await expect(page).toHaveURL(/day=2026-10-15/)
    await expect(page.getByRole('gridcell', { name: /10月15日/ })).toBeFocused()
    await page.keyboard.press('w')
  } else {
    await expect(page.getByRole('heading', { name: /10月1日 周四/ })).toContainText('休')
    await page.locator('.ant-segmented-item', { hasText: '周' }).click()
  }
  await expect(page).toHaveURL(/view=week/)
  await page.getByRole('button', { name: '今天' }).click()
  await expect(page).not.toHaveURL(/day=/)
  await expect(page.getByRole('heading', { name: /（今天）/ })).toBeVisible()
  await page.getByRole('link', { name: '线上党课：把随访电话打到患者家里' }).first().click()
  await expect(page).toHaveURL(/\/meetings\/[0-9a-f-]{36}/)
})

test('a meeting is called in three taps, to as many as was said', async ({ page }) => {
  await signIn(page, people.secretary, '/meetings/new')
  const invited = page.locator('.fig', { hasText: '请多少人' }).locator('b')
  await page.getByRole('radio', { name: /支部党员大会/ }).check()
  await expect(invited).toHaveText('133')
  const made = page.waitForResponse((response) => response.url().endsWith('/api/v1/meetings') && response.request().method() === 'POST')
  await page.getByRole('button', { name: '召集…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '召集并通知' }).click()
  const meeting = (await (await made).json()) as Meeting
  expect(meeting.counts.invited).toBe(133)
  expect(meeting.agenda.length).toBeGreaterThan(1)
  await expect(page).toHaveURL(new RegExp(`/meetings/${meeting.id}`))
  await expect(page.getByText('还有没保存的内容')).toHaveCount(0)
})

test('from the slot finder to a meeting at that hour, for full members alone', async ({ page }) => {
  await signIn(page, people.secretary, '/meetings/slots?type=training&minutes=90')
  await expect(page.getByText(/人都没有冲突|人能来/).first()).toBeVisible()
  await sound(page)
  const link = page.getByRole('link', { name: '在这时召集' }).or(page.locator('.lines.wide a')).nth(2)
  const starts = new URL((await link.getAttribute('href'))!, 'http://x').searchParams.get('starts')!
  await link.click()
  await expect(page.getByLabel('开始（北京时间）')).toHaveValue(china(starts).slice(0, 16).replace('T', ' '))
  await expect(page.getByRole('radio', { name: '培训' })).toBeChecked()
  await page.getByText('只请一部分').click()
  await page.getByRole('combobox', { name: '政治面貌' }).click()
  await page.locator('.ant-select-item-option', { hasText: '预备党员' }).click()
  await page.keyboard.press('Escape')
  const invited = page.locator('.fig', { hasText: '请多少人' }).locator('b')
  await expect(invited).not.toHaveText('133')
  const said = Number(await invited.textContent())
  await sound(page)
  const made = page.waitForResponse((response) => response.url().endsWith('/api/v1/meetings') && response.request().method() === 'POST')
  await page.getByRole('button', { name: '召集…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '召集并通知' }).click()
  const meeting = (await (await made).json()) as Meeting
  expect(meeting.counts.invited).toBe(said)
  expect(Date.parse(meeting.starts_at)).toBe(Date.parse(starts))
  expect(Date.parse(meeting.ends_at) - Date.parse(meeting.starts_at)).toBe(90 * 60_000)
})

test('a series shows its dates and what is left out, as the server plans it', async ({ page }) => {
  await signIn(page, people.secretary, '/meetings/new?type=committee&starts=2027-01-28T19:30:00%2B08:00')
  await page.getByRole('combobox', { name: '开几次' }).click()
  await page.locator('.ant-select-item-option', { hasText: '每周四' }).first().click()
  await expect(page.getByRole('textbox', { name: '主题' })).toHaveValue('{period}支委会')
  const list = page.getByRole('region', { name: '接下来的日期' })
  await expect(list.getByRole('listitem')).toHaveCount(6)
  const kept = Number(/接下来的 (\d+) 次/.exec((await list.textContent())!)![1])
  await sound(page)
  const made = page.waitForResponse((response) => response.url().endsWith('/api/v1/meetings') && response.request().method() === 'POST')
  await page.getByRole('button', { name: '召集…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '召集并通知' }).click()
  const meeting = (await (await made).json()) as Meeting
  const series = await ask<{ items: Meeting[]; left_out: unknown[] }>(page, `/meetings/${meeting.id}/series`)
  expect([series.items.length, series.left_out.length]).toEqual([kept, 6 - kept])
  expect(series.items[0]!.topic).toBe('2027年1月支委会')
})

test('faults stand beside their fields, working hours ask for the reason, unsaved work is warned of and kept', { annotation: { type: 'refused' } }, async ({ page }) => {
  await signIn(page, people.secretary, '/meetings/new?type=lecture&starts=2027-03-02T10:00:00%2B08:00')
  await expect(page.getByText(/是上班时间，多数人脱不开身/)).toBeVisible()
  await page.getByRole('textbox', { name: '主题' }).fill('')
  await page.getByRole('radio', { name: '由系统预订腾讯会议' }).check()
  await page.getByRole('button', { name: '召集…' }).click()
  await expect(page.getByText('请写主题')).toBeVisible()
  await expect(page.getByText(/上班时间开会要说明理由/)).toBeVisible()
  await page.getByRole('textbox', { name: '主题' }).fill('草稿里的党课')
  await sound(page)
  await page.getByRole('link', { name: '不召集了' }).click()
  const warned = page.getByRole('dialog')
  await expect(warned).toContainText('还有没保存的内容')
  await warned.getByRole('button', { name: '离开' }).click()
  await expect(page).toHaveURL(/\/meetings(\?|$)/)
  await page.goto('/console/meetings/new')
  await expect(page.getByText(/上次没弄完的草稿.*草稿里的党课/)).toBeVisible()
  await page.getByRole('button', { name: '接着写' }).click()
  await expect(page.getByRole('textbox', { name: '主题' })).toHaveValue('草稿里的党课')
  await expect(page.getByLabel('开始（北京时间）')).toHaveValue('2027-03-02 10:00')
})

test('a meeting is edited: a new topic quietly, a new place with a reason', async ({ page }, info) => {
  await signIn(page, people.secretary, '/meetings/new?type=other')
  await page.getByRole('textbox', { name: '主题' }).fill(`修改前${info.project.name}`)
  await page.getByRole('button', { name: '召集…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '召集并通知' }).click()
  await expect(page).toHaveURL(/\/meetings\/[0-9a-f-]{36}/)
  const id = /meetings\/([0-9a-f-]{36})/.exec(page.url())![1]!
  await page.goto(`/console/meetings/${id}/edit`)
  await page.getByRole('textbox', { name: '主题' }).fill(`修改后${info.project.name}`)
  await expect(page.getByText('没有改时间和地点，保存后不另发通知。')).toBeVisible()
  await page.getByRole('radio', { name: '现场', exact: true }).check()
  await page.getByLabel('地点').fill(`康复楼三层${info.project.name}`)
  await page.getByRole('button', { name: '保存修改' }).click()
  await expect(page.getByText('改了时间或地点，请写一句原因')).toBeVisible()
  await page.getByLabel(/修改的原因/).fill('线上会议室坏了')
  await sound(page)
  await page.getByRole('button', { name: '保存修改' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '修改并通知' }).click()
  await expect(page).toHaveURL(new RegExp(`/meetings/${id}(\\?|$)`))
  const meeting = await ask<Meeting & { place: string; mode: string }>(page, `/meetings/${id}`)
  expect([meeting.topic, meeting.mode, meeting.place]).toEqual([`修改后${info.project.name}`, 'onsite', `康复楼三层${info.project.name}`])
})
