import { expect, type Page } from '@playwright/test'
import { people, signIn, sound, test, tokenOf } from './house'

const committee = 'oDEMO000000000000cm_cardio_1'

interface Called { id: string; topic: string; token: string; me: string }

const rfc = (at: number) => new Date(at).toISOString()

async function ask(page: Page, token: string, method: string, path: string, data?: unknown, headers: Record<string, string> = {}) {
  const answer = await page.request.fetch(`/api/v1${path}`, { method, data, headers: { Authorization: `Bearer ${token}`, ...(method === 'POST' ? { 'Idempotency-Key': crypto.randomUUID() } : {}), ...headers } })
  const body = await answer.text()
  expect(answer.ok(), `${method} ${path}: ${answer.status()} ${body}`).toBe(true)
  return { body: body ? JSON.parse(body) : undefined, etag: answer.headers().etag }
}

/** call has the secretary call a meeting that begins in so many minutes: people may come half an hour before. */
async function call(page: Page, topic: string, minutes = 20, more: object = {}): Promise<Called> {
  const token = await tokenOf(page, people.secretary)
  const me = (await ask(page, token, 'GET', '/me')).body
  const starts = Date.now() + minutes * 60_000
  const { body } = await ask(page, token, 'POST', '/meetings', {
    org_id: me.memberships[0].org.id, type: 'branch_assembly', topic, starts_at: rfc(starts), ends_at: rfc(starts + 60 * 60_000), mode: 'hybrid', place: '综合楼三层', online: { provider: 'manual', join_url: 'https://meeting.example.org/j/1', code: '860 215 477' },
    agenda: [{ title: '通报情况', minutes: 10 }, { title: '表决结对安排', minutes: 20 }], override_reason: '会场只有这个时段', reminders: [30], ...more,
  })
  return { id: body.id, topic, token, me: me.id }
}

interface Row { member: { id: string; name: string }; entitled: boolean; voting: boolean }

async function everybodyComes(page: Page, m: Called, most = 1000): Promise<Row[]> {
  const rows = (await ask(page, m.token, 'GET', `/meetings/${m.id}/attendance`)).body.items as Row[]
  for (const row of rows.filter((one) => one.entitled && one.voting).slice(0, most)) await ask(page, m.token, 'PUT', `/meetings/${m.id}/attendance/${row.member.id}`, { status: 'present', reason: '现场登记' })
  return rows
}

test('a meeting: who answered, who came, by hand and several at once, and how the list was changed', async ({ page }, info) => {
  test.slow()
  const m = await call(page, `党员大会：到会登记 ${info.project.name}`)
  await signIn(page, people.secretary, `/meetings/${m.id}`)
  await expect(page.getByRole('heading', { level: 1, name: m.topic })).toBeVisible()
  await expect(page.getByText('待召开')).toBeVisible()
  await expect(page.getByText(/至少要到 \d+ 人，还差 \d+ 人/).first()).toBeVisible()
  await sound(page)
  const rows = (await ask(page, m.token, 'GET', `/meetings/${m.id}/attendance`)).body.items as Row[]
  const [one, two, three] = rows.filter((row) => row.entitled && row.voting)
  await page.getByRole('button', { name: `${one!.member.name}：出席` }).click()
  await expect(page.getByRole('button', { name: `${one!.member.name}：出席` })).toHaveCount(0)
  if (info.project.name === 'desk') {
    await page.getByRole('checkbox', { name: `选中${two!.member.name}` }).check()
    await page.getByRole('checkbox', { name: `选中${three!.member.name}` }).check()
    await page.getByRole('button', { name: '2 人出席' }).click()
    await expect(page.getByRole('button', { name: `${three!.member.name}：出席` })).toHaveCount(0)
  }
  await page.getByText(/^已到 \d+$/).click()
  await expect(page).toHaveURL(/who=present/)
  await expect(page.getByRole('button', { name: `${one!.member.name}：缺席` })).toBeVisible()
  await page.getByRole('button', { name: `${one!.member.name}：变更名单` }).click()
  const dialog = page.getByRole('dialog', { name: /变更名单/ })
  await dialog.getByLabel('原因').fill('组织关系已经转出')
  await dialog.getByRole('button', { name: '变更', exact: true }).click()
  await expect(page.getByText('应到 → 列席')).toBeVisible()
  await expect(page.getByText('组织关系已经转出').first()).toBeVisible()
  await page.getByRole('button', { name: '增加人员' }).click()
  await expect(page.getByRole('dialog', { name: '增加人员' })).toBeVisible()
  await sound(page)
})

test('the agenda is saved as a file, the invitation copied', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const m = await call(page, '党员大会：议程和邀请')
  await signIn(page, people.secretary, `/meetings/${m.id}`)
  for (const [name, end] of [['Word', 'docx'], ['PDF', 'pdf']]) {
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: new RegExp(`${name}$`) }).click()
    expect((await saved).suggestedFilename()).toMatch(new RegExp(`\\.${end}$`))
  }
  const letter = page.locator('.letter')
  await expect(letter).toContainText(m.topic)
  await page.locator('.ant-card', { has: letter }).getByRole('button', { name: '复制' }).click()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('请在小程序中答复参加或请假')
})

test('a meeting is put off and called off, each with its reason', async ({ page }, info) => {
  test.slow()
  info.annotations.push({ type: 'refused' })
  const m = await call(page, '党员大会：改期', 3 * 24 * 60)
  await signIn(page, people.secretary, `/meetings/${m.id}`)
  await page.getByRole('button', { name: '改期' }).click()
  const dialog = page.getByRole('dialog', { name: '改期' })
  const starts = dialog.getByLabel('开始')
  const pick = async (time: string) => {
    await starts.click()
    await starts.fill(`2027年3月10日 ${time}`) // a Wednesday
    await starts.press('Enter')
  }
  await pick('10:00')
  await dialog.getByLabel('改期的原因').fill('会场临时占用')
  await dialog.getByLabel('占用上班时间的理由').fill('')
  await dialog.getByRole('button', { name: '改期并通知' }).click()
  await expect(dialog.getByText(/请改在下班后/).first()).toBeVisible()
  await sound(page)
  await pick('19:30')
  await dialog.getByRole('button', { name: '改期并通知' }).click()
  await expect(page.getByText('已改期，已通知受邀的人')).toBeVisible()
  await expect(page.getByText(/3月10日 周三 19:30–20:30/).first()).toBeVisible()
  await page.getByRole('button', { name: '取消会议' }).click()
  const sure = page.getByRole('dialog', { name: /取消这次会议/ })
  await expect(sure.getByRole('button', { name: '取消会议' })).toBeDisabled()
  await sure.getByRole('textbox').fill('并入下月支部大会')
  await sure.getByRole('button', { name: '取消会议' }).click()
  await expect(page.getByText('会议已取消：并入下月支部大会')).toBeVisible()
  await expect(page.getByRole('button', { name: '改期' })).toHaveCount(0)
  await sound(page)
})

test('votes: the rule is explained, the quorum holds, nobody reads a count before the close', async ({ page }, info) => {
  test.slow()
  const m = await call(page, `党员大会：表决 ${info.project.name}`)
  await signIn(page, people.secretary, `/meetings/${m.id}`)
  await page.getByRole('button', { name: '新建表决' }).click()
  const dialog = page.getByRole('dialog', { name: '新建表决' })
  await dialog.getByLabel('表决事项').fill('同意与县医院结对一年')
  await expect(dialog.getByText('到会的有表决权党员不少于应到的半数')).toBeVisible()
  await dialog.getByRole('switch', { name: '无记名投票' }).click()
  await sound(page)
  await dialog.getByRole('button', { name: '建好' }).click()
  const poll = page.getByRole('region', { name: '同意与县医院结对一年' })
  await expect(poll.getByRole('button', { name: '发起线上投票' })).toBeDisabled()
  await expect(poll.getByText(/还差 \d+ 人/)).toBeVisible()
  await everybodyComes(page, m)
  await page.reload()
  await expect(poll.getByText(/已达到法定人数/)).toBeVisible()
  await poll.getByRole('button', { name: '发起线上投票' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '发起' }).click()
  await expect(poll.getByText('正在投票')).toBeVisible()
  const id = (await ask(page, m.token, 'GET', `/meetings/${m.id}/polls`)).body.items[0].id as string
  await ask(page, m.token, 'POST', `/polls/${id}/ballots`, { choice: 'approve' })
  await ask(page, await tokenOf(page, committee), 'POST', `/polls/${id}/ballots`, { choice: 'against' })
  await expect(poll.locator('.ant-statistic', { hasText: '已投票' })).toContainText('2', { timeout: 15_000 })
  await expect(poll.getByText(/赞成 \d|反对 \d/)).toHaveCount(0)
  await sound(page)
  await poll.getByRole('button', { name: '结束投票' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '结束并公布' }).click()
  await expect(poll.getByText(/赞成 1 票，反对 1 票/)).toBeVisible()
  await expect(poll.getByText('未通过', { exact: true })).toBeVisible()
  await expect(poll.getByText(/记名票/)).toHaveCount(0)

  // An election, held by hand in the room.
  await page.getByRole('button', { name: '新建表决' }).click()
  await dialog.getByLabel('表决事项').fill('选举支部委员')
  await dialog.getByRole('combobox', { name: '规则' }).click()
  await page.locator('.ant-select-item-option', { hasText: '选举' }).click()
  await expect(dialog.getByText('不少于应到的五分之四')).toBeVisible()
  await dialog.getByLabel('候选人（一行一个）').fill('甲同志\n乙同志\n丙同志')
  await dialog.getByLabel('应选名额').fill('2')
  await dialog.getByRole('button', { name: '建好' }).click()
  const election = page.getByRole('region', { name: '选举支部委员' })
  await election.getByRole('button', { name: '登记现场票数' }).click()
  const tally = page.getByRole('dialog', { name: /登记现场票数/ })
  const present = (await ask(page, m.token, 'GET', `/meetings/${m.id}/attendance`)).body.present as number
  await tally.getByLabel('收回选票').fill(String(present))
  await tally.getByLabel('甲同志').fill(String(present))
  await tally.getByLabel('乙同志').fill(String(present - 1))
  await tally.getByLabel('丙同志').fill('1')
  await tally.getByRole('button', { name: '登记并公布' }).click()
  await expect(election.getByText('选出应选名额')).toBeVisible()
  await expect(election.getByText('当选', { exact: true })).toHaveCount(2)
  await sound(page)
})

test("the host's screen shows the code, and counts who checks in with it", async ({ page }, info) => {
  const m = await call(page, `党员大会：签到 ${info.project.name}`, 15, { checkin_code: true })
  await signIn(page, people.secretary, `/meetings/${m.id}`)
  await page.getByRole('link', { name: '主持人屏幕' }).click()
  const code = page.getByTestId('code')
  await expect(code).toHaveText(/^\d{6}$/)
  await expect(page.getByTestId('present')).toHaveText('0')
  await sound(page)
  const shown = await code.textContent()
  const member = await tokenOf(page, committee)
  await ask(page, member, 'POST', `/meetings/${m.id}/checkin`, { code: shown })
  await expect(page.getByTestId('present')).toHaveText('1', { timeout: 15_000 })
  const size = await code.evaluate((element) => Number.parseFloat(getComputedStyle(element).fontSize))
  expect(size).toBeGreaterThan(info.project.name === 'desk' ? 200 : 70)
  await expect(code).not.toHaveText(shown!, { timeout: 45_000 }) // it changes by itself
})

/** The page of axe took the front, and a page behind draws no motion: the sign of the wait before would stay on the button. */
async function sign(page: Page): Promise<void> {
  await page.bringToFront()
  await page.getByRole('button', { name: /(^|\s)签名$/ }).click()
}

test('minutes: two hands, saved by themselves, signed by both, locked, added to; what was resolved is seen to', async ({ page }, info) => {
  test.setTimeout(240_000) // a whole evening's work in one story
  info.annotations.push({ type: 'refused' })
  const m = await call(page, `党员大会：记录 ${info.project.name}`)
  await everybodyComes(page, m, 3)
  const other = await tokenOf(page, committee)
  const recorder = (await ask(page, other, 'GET', '/me')).body as { id: string; name: string }
  await signIn(page, people.secretary, `/meetings/${m.id}/minutes`)
  await expect(page.getByText('系统已填好的')).toBeVisible()
  await page.getByRole('combobox', { name: '记录人' }).fill(recorder.name)
  await page.locator('.ant-select-item-option', { hasText: recorder.name }).click()
  await page.getByRole('textbox', { name: '会议经过' }).fill('通报了情况。')
  const kept = page.getByTestId('kept')
  await expect(kept).toHaveText(/已保存 \d\d:\d\d/, { timeout: 15_000 })
  await sound(page)

  // The recorder writes at the same moment: another part is taken over, the same part is left to a person.
  const read = await ask(page, other, 'GET', `/meetings/${m.id}/minutes`)
  await ask(page, other, 'PUT', `/meetings/${m.id}/minutes`, { mode: 'full', host_id: m.me, recorder_id: recorder.id, summary: '记录人写的经过。', passed_on: '领学了文件。' }, { 'If-Match': read.etag! })
  await page.getByRole('textbox', { name: '会议经过' }).fill('书记写的经过。')
  await expect(page.getByText('另一位同志同时改了同一处，请选定留哪一份。')).toBeVisible({ timeout: 15_000 })
  await expect(page.getByRole('textbox', { name: '传达学习' })).toHaveValue('领学了文件。')
  await expect(page.getByRole('region', { name: '会议经过' }).getByText('记录人写的经过。')).toBeVisible()
  await sound(page)
  await page.getByRole('button', { name: '两份都留，接在后面' }).click()
  await expect(page.getByRole('textbox', { name: '会议经过' })).toHaveValue('书记写的经过。\n记录人写的经过。')

  // A resolution without owner and day is not signed.
  await page.getByRole('button', { name: '加一项决议' }).click()
  await page.getByLabel('决议 1', { exact: true }).fill(`与县医院结对 ${info.project.name}`)
  await expect(kept).toHaveText(/已保存/, { timeout: 15_000 })
  await sign(page)
  await page.getByRole('dialog').getByRole('button', { name: '签名' }).click()
  await expect(page.getByText('每项决议须写明责任人和完成时限，或注明“无后续”。').first()).toBeVisible()
  const owner = page.getByRole('combobox', { name: '责任人' })
  await expect(async () => {
    await owner.fill(recorder.name)
    await expect(page.locator('.ant-select-item-option-active', { hasText: recorder.name }).last()).toBeVisible({ timeout: 2000 })
    await owner.press('Enter')
    await expect(page.locator('.opinion', { hasText: '责任人' })).toContainText(recorder.name, { timeout: 2000 })
  }).toPass({ timeout: 20_000 })
  await page.getByLabel('完成时限').fill('2027年12月1日')
  await page.getByLabel('完成时限').press('Enter')
  await expect(kept).toHaveText(/已保存/, { timeout: 15_000 })
  await sign(page)
  await page.getByRole('dialog').getByRole('button', { name: '签名' }).click()
  await expect(page.getByText('已签名，已请另一位签名')).toBeVisible()
  await expect(page.getByRole('button', { name: '修改（签名将撤回）' })).toBeVisible()
  await sound(page)
  const signed = await ask(page, other, 'GET', `/meetings/${m.id}/minutes`)
  await ask(page, other, 'POST', `/meetings/${m.id}/minutes/sign`, undefined, { 'If-Match': signed.etag! })
  await page.reload()
  await expect(page.getByText(/签署定稿，不能再改/)).toBeVisible()
  await page.getByLabel('写一条补记').fill('结对协议已寄出。')
  await page.getByRole('button', { name: '写入补记' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '写入' }).click()
  await expect(page.locator('.ant-timeline').getByText('结对协议已寄出。')).toBeVisible()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await sound(page)
  for (const [name, end] of [['Word', 'docx'], ['PDF', 'pdf']]) {
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: new RegExp(`${name}$`) }).click()
    expect((await saved).suggestedFilename()).toMatch(new RegExp(`\\.${end}$`))
  }

  // What was resolved stands on the list by its day, and ends with what was done.
  await page.goto('/console/actions')
  await expect(page.getByText(`与县医院结对 ${info.project.name}`)).toBeVisible()
  await sound(page)
  const row = page.locator(info.project.name === 'desk' ? 'tr' : '[role=listitem]', { hasText: `与县医院结对 ${info.project.name}` })
  await expect(row).toContainText(recorder.name)
  await row.getByRole('button', { name: '办结' }).click()
  await page.getByRole('dialog').getByRole('textbox').fill('已签协议')
  await page.getByRole('dialog').getByRole('button', { name: '办结' }).click()
  await expect(page.getByText(`与县医院结对 ${info.project.name}`)).toHaveCount(0)
  await page.getByText('已办结', { exact: true }).first().click()
  await expect(page).toHaveURL(/state=closed/)
  await expect(page.getByText('办理结果：已签协议').first()).toBeVisible()
})

test('minutes of a meeting that has not begun say so, and the office reads what it may', async ({ page }) => {
  const m = await call(page, '党员大会：还没有开始', 2 * 24 * 60)
  await signIn(page, people.secretary, `/meetings/${m.id}/minutes`)
  await expect(page.getByText(/会议还没有开始/)).toBeVisible()
  await sound(page)
  await page.goto(`/console/meetings/${m.id}/host`)
  await expect(page.getByText('请打开小程序签到')).toBeVisible()
  await sound(page)
})
