import { Alert, Button, Flex, Form, Input, Modal, Select, Tag, Typography } from 'antd'
import { useState } from 'react'
import { api, IDEMPOTENCY } from '~/api/client'
import { showFaults, type Fault, type Problem } from '~/api/problem'
import { useAction, usePages } from '~/api/query'
import type { components } from '~/api/schema'
import { useMe } from '~/app/me'
import { CopyButton, useConfirm, useTell } from '~/ui/buttons'
import { useFilters } from '~/ui/filters'
import { useLater } from '~/ui/later'
import { OrgPicker, useOrgs } from '~/ui/org'
import { Nothing, Page, ProblemAlert } from '~/ui/page'
import { PagedTable } from '~/ui/table'
import { day, when } from '~/ui/time'
import { options, partyWords, roleWords, word } from '~/ui/words'

type Account = components['schemas']['AccountRow']
type Offer = components['schemas']['OfferView']

const stateWords: Record<Account['state'], string> = { active: '使用中', waiting: '等本人设置', expired: '链接已过期', disabled: '已停用' }
const stateColors: Partial<Record<Account['state'], string>> = { active: 'green', waiting: 'blue', expired: 'orange' }

/** Accounts are names and passwords for the console; who signs in by scanning needs none. */
export default function Accounts() {
  const { admin } = useMe()
  const tell = useTell()
  const confirm = useConfirm()
  const [filters, filter] = useFilters({ state: '', q: '' })
  const [inviting, setInviting] = useState(false)
  const [offer, setOffer] = useState<Offer | null>(null)
  const all = usePages<Account>(['accounts'], async (_, signal) => {
    const { data, response } = await api.GET('/api/v1/accounts', { signal })
    return { data: { items: data?.items ?? [], next_cursor: '' }, response }
  })
  const accounts = { ...all, items: all.items.filter((row) => (!filters.state || row.state === filters.state) && (!filters.q || row.name.includes(filters.q) || row.username.includes(filters.q))) }
  const changes = [['accounts']]
  const give = useAction((member_id: string, key) => api.POST('/api/v1/accounts', { body: { member_id }, headers: { [IDEMPOTENCY]: key } }), { changes, done: setOffer, failed: tell.failed })
  const stop = useAction((id: string) => api.DELETE('/api/v1/accounts/{id}', { params: { path: { id } } }), { changes, done: () => tell.done('账号已停用，其登录已全部结束'), failed: tell.failed })
  const reset = useAction(({ id, reason }: { id: string; reason: string }) => api.POST('/api/v1/accounts/{id}/reset-factor', { params: { path: { id } }, body: { reason } }), { changes, done: () => tell.done('动态验证码已重置，下次登录时重新设置'), failed: tell.failed })

  const marks = (row: Account) => (
    <Flex wrap gap={4}>
      <Tag color={stateColors[row.state]}>{stateWords[row.state]}</Tag>
      {row.locked && <Tag color="red">输错太多，暂时锁定</Tag>}
      {row.state === 'active' && (row.second_factor ? <Tag color="green">有动态验证码</Tag> : <Tag color={row.second_factor_required ? 'orange' : undefined}>{row.second_factor_required ? '须设动态验证码' : '没有动态验证码'}</Tag>)}
    </Flex>
  )
  const deeds = (row: Account) => !row.can_change ? <Typography.Text type="secondary" className="small">—</Typography.Text> : (
    <Flex wrap gap={8} className="no-print">
      <Button size="small" onClick={() => confirm({
        title: row.state === 'disabled' ? `重新启用${row.name}的账号？` : `给${row.name}新的设置链接？`,
        content: row.state === 'active' ? '原来的密码随即失效，要用新链接重新设定；适合本人忘记密码时。' : '会生成一个新链接，由本人设定密码；旧链接失效。',
        ok: '生成链接', danger: row.state === 'active', act: () => give.run(row.id),
      })}>{row.state === 'disabled' ? '重新启用' : row.state === 'active' ? '重设密码' : '重发链接'}</Button>
      {row.second_factor && <Button size="small" onClick={() => confirm({
        title: `重置${row.name}的动态验证码？`, content: '请先当面或打电话核实是本人。重置后，对方下次登录时重新设置，原有的恢复码作废。', ok: '重置', danger: true,
        reason: { label: '原因（记入审计）', required: true, placeholder: '例如：更换手机，恢复码遗失，已当面核实' }, act: (reason) => reset.run({ id: row.id, reason }),
      })}>重置验证码</Button>}
      {row.state !== 'disabled' && <Button size="small" danger onClick={() => confirm({ title: `停用${row.name}的账号？`, content: '对方在管理后台的登录立即结束；手机上照常使用。以后可以重新启用。', ok: '停用', danger: true, act: () => stop.run(row.id) })}>停用</Button>}
    </Flex>
  )
  return (
    <Page
      title="后台账号" lead="用户名和密码是扫码之外的另一种登录方式；开不开，由本人需要而定。"
      extra={
        <>
          {admin && <Button type="primary" onClick={() => setInviting(true)}>开设账号</Button>}
          <CopyButton text={() => ['姓名\t用户名\t职务\t状态\t动态验证码', ...accounts.items.map((row) => [row.name, row.username, row.roles.map((role) => word(roleWords, role)).join('、'), stateWords[row.state], row.second_factor ? '有' : '没有'].join('\t'))].join('\n')} what="已复制，可粘贴到表格">复制</CopyButton>
        </>
      }
    >
      {!admin && <Alert className="stack" type="info" showIcon title="开设、重置、停用由管理员办理；这里可以看。" />}
      <Flex wrap gap={8} className="filters no-print">
        <Input.Search allowClear aria-label="姓名或用户名" placeholder="姓名或用户名" defaultValue={filters.q} onSearch={(q) => filter({ q: q.trim() })} style={{ width: 'min(240px, 100%)' }} />
        <Select allowClear aria-label="状态" placeholder="全部状态" value={filters.state || undefined} onChange={(state?: string) => filter({ state: state ?? '' })} options={options(stateWords)} style={{ width: 150 }} />
      </Flex>
      <PagedTable
        label="后台账号" pages={accounts}
        empty={<Nothing title={all.items.length > 0 ? '没有符合条件的账号' : '还没有后台账号'} hint={all.items.length > 0 ? undefined : '书记和党办用手机扫码就能登录；需要密码登录的，由管理员开设。'} />}
        columns={[
          { title: '姓名', key: 'name', render: (_, row) => row.name },
          { title: '用户名', key: 'username', render: (_, row) => row.username || '—' },
          { title: '职务', key: 'roles', render: (_, row) => row.roles.map((role) => word(roleWords, role)).join('、') || '—' },
          { title: '状态', key: 'state', render: (_, row) => <>{marks(row)}{row.state === 'waiting' && <span className="line-note">{when(row.setup_expires_at)}前</span>}</> },
          { title: '开设', key: 'at', render: (_, row) => <span className="nowrap">{day(row.created_at)}</span> },
          { title: '办理', key: 'deeds', render: (_, row) => deeds(row) },
        ]}
        card={(row) => (
          <Flex vertical gap={6}>
            <div><strong>{row.name}</strong> <Typography.Text type="secondary">{row.username}</Typography.Text></div>
            <Typography.Text type="secondary">{row.roles.map((role) => word(roleWords, role)).join('、') || '没有职务'}</Typography.Text>
            {marks(row)}
            {row.can_change && deeds(row)}
          </Flex>
        )}
      />
      {inviting && <Invite close={() => setInviting(false)} done={(made) => { setInviting(false); setOffer(made) }} has={all.items} />}
      {offer && <Given offer={offer} close={() => setOffer(null)} />}
    </Page>
  )
}

function Invite({ close, done, has }: { close: () => void; done: (offer: Offer) => void; has: Account[] }) {
  const [form] = Form.useForm()
  const { items: orgs } = useOrgs()
  const [org, setOrg] = useState('')
  const [q, setQ] = useState('')
  const wanted = useLater(q)
  const at = org || orgs[0]?.id || ''
  const [failure, setFailure] = useState<{ problem: Problem; rest: Fault[] } | null>(null)
  const people = usePages(['roster', at, 'leads', wanted], (cursor, signal) => api.GET('/api/v1/orgs/{id}/members', { params: { path: { id: at }, query: { limit: 100, leads: true, q: wanted || undefined, cursor } }, signal }), { enabled: at !== '' })
  const give = useAction((body: { member_id: string; username?: string }, key) => api.POST('/api/v1/accounts', { body, headers: { [IDEMPOTENCY]: key } }), {
    changes: [['accounts']], done, failed: (problem) => setFailure({ problem, rest: showFaults(form, problem) }),
  })
  const known = new Set(has.filter((row) => row.state === 'active').map((row) => row.id))
  const choices = [...new Map(people.items.map((one) => [one.id, one])).values()].filter((one) => !known.has(one.id))
    .map((one) => ({ value: one.id, label: `${one.name} · ${one.roles.filter((role) => role !== 'member').map((role) => word(roleWords, role)).join('、') || word(partyWords, one.party_status)}` }))
  return (
    <Modal open title="开设后台账号" okText="生成设置链接" cancelText="取消" confirmLoading={give.running} onOk={() => form.submit()} onCancel={close}>
      <Typography.Paragraph type="secondary">只给担任职务的人开设。链接由您转交，密码由本人设定，您看不到。</Typography.Paragraph>
      {failure && <ProblemAlert problem={failure.problem} faults={failure.rest} />}
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values) => { setFailure(null); void give.run({ member_id: values.member_id, ...(values.username?.trim() ? { username: values.username.trim() } : {}) }) }}>
        <Form.Item label="组织" htmlFor="account-org"><OrgPicker id="account-org" value={at} onChange={(id) => { setOrg(id); form.resetFields(['member_id']) }} style={{ width: '100%' }} /></Form.Item>
        <Form.Item name="member_id" label="给谁" rules={[{ required: true, message: '请选择一个人' }]}>
          <Select showSearch={{ filterOption: false, onSearch: setQ }} loading={people.loading} placeholder="输入姓名查找" options={choices} notFoundContent={people.loading ? '正在查找…' : '没有找到担任职务的人；已有账号的不再列出。'} />
        </Form.Item>
        <Form.Item name="username" label="用户名（可不填，由本人选）"><Input autoComplete="off" autoCapitalize="none" maxLength={50} /></Form.Item>
      </Form>
    </Modal>
  )
}

/** Given shows the link, once. */
function Given({ offer, close }: { offer: Offer; close: () => void }) {
  return (
    <Modal open title={`${offer.account.name}的设置链接`} onCancel={close} mask={{ closable: false }} footer={<Button type="primary" onClick={close}>已交给本人</Button>}>
      <Flex vertical gap={12}>
        <Alert type="warning" showIcon title="只显示这一次" description="请当面或用只有本人看得到的方式交给对方，不要发到群里。" />
        <code className="hash" aria-label="设置链接">{offer.url}</code>
        <Flex gap={8} wrap align="center"><CopyButton text={offer.url} what="链接已复制">复制链接</CopyButton><Typography.Text type="secondary">{when(offer.expires_at)}前有效，用一次。</Typography.Text></Flex>
      </Flex>
    </Modal>
  )
}
