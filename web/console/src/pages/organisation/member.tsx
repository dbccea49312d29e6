import { Button, Card, Checkbox, Col, Descriptions, Flex, Form, Input, Modal, Row, Select, Tag, Timeline, Typography } from 'antd'
import { useState } from 'react'
import { useNavigate, useParams } from 'react-router'
import { api, IDEMPOTENCY } from '~/api/client'
import { showFaults, type Fault, type Problem } from '~/api/problem'
import { useAction, useLoad, usePages } from '~/api/query'
import type { components } from '~/api/schema'
import { useMe } from '~/app/me'
import { CopyButton, useConfirm, useTell } from '~/ui/buttons'
import { useLinkTo } from '~/ui/link'
import { OrgPicker, useOrg, useOrgs } from '~/ui/org'
import { Load, Page, ProblemAlert } from '~/ui/page'
import { day, when } from '~/ui/time'
import { deliveryWords, options, partyWords, roleWords, word } from '~/ui/words'
import type { Person } from './roster'

/** The roles that may be held at an organisation of each kind. */
export const rolesAt: Record<string, string[]> = {
  association: ['staff', 'admin'], society: ['staff', 'admin', 'committee_member', 'secretary'], branch: ['secretary', 'committee_member'], group: ['group_leader'],
}

export default function MemberPage() {
  const { id = '' } = useParams()
  const loaded = useLoad(['member', id], (signal) => api.GET('/api/v1/members/{id}', { params: { path: { id } }, signal }), { keep: false })
  return <Load of={loaded}>{(person) => <Inside person={person} etag={loaded.etag} />}</Load>
}

function Inside({ person, etag }: { person: Person; etag: string | undefined }) {
  const to = useLinkTo()
  const go = useNavigate()
  const tell = useTell()
  const confirm = useConfirm()
  const { office } = useMe()
  const { items: orgs } = useOrgs()
  const nameOf = (id: string) => orgs.find((org) => org.id === id)?.name ?? '全部组织'
  const [phone, setPhone] = useState('')
  const [form, setForm] = useState<'edit' | 'roles' | 'move' | null>(null)
  const changes = [['member', person.id], ['roster'], ['orgs']]
  const path = { path: { id: person.id } }
  const reveal = useAction((_: string, key) => api.POST('/api/v1/members/{id}/reveal-phone', { params: path, headers: { [IDEMPOTENCY]: key } }), { done: (view) => setPhone(view.phone), failed: tell.failed })
  const unbind = useAction((_: string, key) => api.POST('/api/v1/members/{id}/unbind', { params: path, headers: { [IDEMPOTENCY]: key } }), { changes, done: () => tell.done('已解除绑定'), failed: tell.failed })
  const remove = useAction((_: string) => api.DELETE('/api/v1/members/{id}', { params: { ...path, query: { org_id: person.org_id } } }), { changes: [['roster'], ['orgs']], done: () => { tell.done('已移出'); void go(to('/organisation/roster')) }, failed: tell.failed })
  const right = useAction(({ grant }: { grant: boolean }) => (grant ? api.PUT : api.DELETE)('/api/v1/orgs/{id}/members/{member_id}/phone-right', { params: { path: { id: person.org_id, member_id: person.id } } }), { changes, done: () => tell.done('已办'), failed: tell.failed })
  return (
    <Page
      title={person.name} trail={[['花名册', '/organisation/roster']]}
      extra={<>
        <Button type="primary" onClick={() => setForm('edit')}>改资料</Button>
        <Button onClick={() => setForm('roles')}>设角色</Button>
        <Button onClick={() => setForm('move')}>转支部</Button>
        <Button danger loading={remove.running} onClick={() => confirm({ title: `把${person.name}移出${nameOf(person.org_id)}？`, content: '在这里的角色一并取消；其他支部的身份和以往的会议记录都保留。', ok: '移出', danger: true, act: () => remove.run('') })}>移出组织</Button>
      </>}
    >
      <Row gutter={[16, 16]}>
        <Col xs={24} lg={13}>
          <Flex vertical gap={16}>
            <Card title={<h2>资料</h2>}>
              <Descriptions column={1} size="small" items={[
                { key: 'org', label: '所在组织', children: nameOf(person.org_id) },
                { key: 'party', label: '政治面貌', children: word(partyWords, person.party_status) },
                { key: 'joined', label: '入党时间', children: day(person.joined_on) },
                { key: 'work', label: '单位与职务', children: [person.employer, person.title].filter(Boolean).join(' · ') || '—' },
                { key: 'phone', label: '手机号', children: (
                  <Flex gap={8} wrap align="center"><span className="figure" aria-live="polite">{phone || person.phone || '未登记'}</span>
                    {phone ? <CopyButton size="small" text={phone} /> : person.phone && <Button size="small" loading={reveal.running} onClick={() => confirm({ title: '查看完整手机号？', content: '只用于联系本人；谁在何时查看了谁，会记入审计。', ok: '查看', act: () => reveal.run('') })}>看完整号码</Button>}
                  </Flex>) },
                { key: 'bound', label: '微信', children: <Flex gap={8} align="center">{person.bound ? <Tag color="green">已绑定</Tag> : <Tag>未绑定</Tag>}{person.bound && <Button size="small" loading={unbind.running} onClick={() => confirm({ title: '解除微信绑定？', content: '本人所有设备会退出登录，可凭手机号重新绑定。换了微信号时用。', ok: '解除绑定', danger: true, act: () => unbind.run('') })}>解除绑定</Button>}</Flex> },
              ]} />
            </Card>
            <Card title={<h2>角色</h2>}>
              {person.grants.length === 0 ? <Typography.Text type="secondary">没有任职。</Typography.Text> : (
                <ul className="lines wide">{person.grants.map((grant) => <li key={grant.org_id + grant.role}><span>{nameOf(grant.org_id)}</span><Tag>{word(roleWords, grant.role)}</Tag></li>)}</ul>
              )}
              {office && person.grants.length > 0 && (
                <Flex gap={8} wrap className="gap-top">
                  <Button size="small" onClick={() => confirm({ title: '允许查看完整手机号？', content: `限${nameOf(person.org_id)}的成员，每次查看都有记录。`, ok: '允许', act: () => right.run({ grant: true }) })}>允许看完整手机号</Button>
                  <Button size="small" onClick={() => void right.run({ grant: false })}>收回</Button>
                </Flex>
              )}
            </Card>
          </Flex>
        </Col>
        <Col xs={24} lg={11}>
          <Flex vertical gap={16}>
            <Deliveries id={person.id} />
            {office && <History id={person.id} />}
          </Flex>
        </Col>
      </Row>
      {form === 'edit' && <Edit person={person} etag={etag} close={() => setForm(null)} />}
      {form === 'roles' && <SetRoles person={person} close={() => setForm(null)} />}
      {form === 'move' && <Move person={person} close={() => setForm(null)} />}
    </Page>
  )
}

function Deliveries({ id }: { id: string }) {
  const pages = usePages(['member-deliveries', id], (cursor, signal) => api.GET('/api/v1/members/{id}/deliveries', { params: { path: { id }, query: { cursor, limit: 10 } }, signal }))
  return (
    <Card title={<h2>最近的消息</h2>}>
      {pages.problem ? <Typography.Text type="secondary">{pages.problem.message}</Typography.Text> : pages.items.length === 0 ? <Typography.Text type="secondary">还没有消息。</Typography.Text> : (
        <ul className="lines">{pages.items.map((row, i) => <li key={i}><div>{row.push.title}</div><span className="line-note">{word(deliveryWords, row.state)} · {when(row.sent_at ?? row.not_before)}{row.reason && ` · ${row.reason}`}</span></li>)}</ul>
      )}
    </Card>
  )
}

function History({ id }: { id: string }) {
  const pages = usePages(['audit', 'member', id], (cursor, signal) => api.GET('/api/v1/audit', { params: { query: { object: `member:${id}`, cursor } }, signal }))
  return (
    <Card title={<h2>变动经过</h2>}>
      {pages.items.length === 0 ? <Typography.Text type="secondary">没有记录。</Typography.Text> : <Timeline items={pages.items.map((entry, i) => ({ key: i, content: <>{entry.action_name} <span className="line-note">{when(entry.at)} · {entry.actor.name || '系统'}</span></> }))} />}
      {pages.more && <Button size="small" onClick={pages.loadMore} loading={pages.loadingMore}>更早的</Button>}
    </Card>
  )
}

function Edit({ person, etag, close }: { person: Person; etag: string | undefined; close: () => void }) {
  type Body = components['schemas']['ChangeMemberInputBody']
  const tell = useTell()
  const [form] = Form.useForm()
  const [failure, setFailure] = useState<{ problem: Problem; rest: Fault[] } | null>(null)
  const save = useAction((body: Body) => api.PATCH('/api/v1/members/{id}', { params: { path: { id: person.id }, header: { 'If-Match': etag } }, body }), {
    changes: [['member', person.id], ['roster']], done: () => { tell.done('已保存'); close() }, failed: (problem) => setFailure({ problem, rest: showFaults(form, problem) }),
  })
  return (
    <Modal open title={`改${person.name}的资料`} okText="保存" cancelText="取消" confirmLoading={save.running} onOk={() => form.submit()} onCancel={close}>
      {failure && <ProblemAlert problem={failure.problem} faults={failure.rest} />}
      <Form form={form} layout="vertical" initialValues={{ name: person.name, party_status: person.party_status, employer: person.employer, title: person.title, joined_on: person.joined_on ?? '' }}
        onFinish={({ phone, ...values }) => { setFailure(null); void save.run({ ...values, joined_on: values.joined_on || null, ...(phone ? { phone } : {}) }) }}>
        <Form.Item name="name" label="姓名" rules={[{ required: true, message: '请填写姓名。' }]}><Input maxLength={50} /></Form.Item>
        <Form.Item name="phone" label="新手机号" extra={`现在是 ${person.phone || '未登记'}，不改就空着。`}><Input maxLength={40} inputMode="tel" /></Form.Item>
        <Form.Item name="party_status" label="政治面貌"><Select options={options(partyWords)} /></Form.Item>
        <Form.Item name="joined_on" label="入党时间"><Input type="date" /></Form.Item>
        <Form.Item name="employer" label="单位"><Input maxLength={100} /></Form.Item>
        <Form.Item name="title" label="职务"><Input maxLength={50} /></Form.Item>
      </Form>
    </Modal>
  )
}

function SetRoles({ person, close }: { person: Person; close: () => void }) {
  const tell = useTell()
  const { items: orgs } = useOrgs()
  const { id: chosen } = useOrg()
  const [at, setAt] = useState(person.grants[0]?.org_id || person.org_id || chosen)
  const kind = orgs.find((org) => org.id === at)?.kind ?? 'branch'
  const now = person.grants.filter((grant) => grant.org_id === at).map((grant) => grant.role as string)
  const [roles, setRoles] = useState<string[]>(now)
  const save = useAction((body: { roles: string[] }) => api.PUT('/api/v1/orgs/{id}/members/{member_id}/roles', { params: { path: { id: at, member_id: person.id } }, body }), {
    changes: [['member', person.id], ['roster']], done: () => { tell.done('角色已更新，对方下次操作即生效'); close() },
  })
  return (
    <Modal open title={`设置${person.name}的角色`} okText="保存" cancelText="取消" confirmLoading={save.running} onOk={() => void save.run({ roles })} onCancel={close}>
      {save.problem && <ProblemAlert problem={save.problem} faults={save.problem.fields} />}
      <Flex vertical gap={12}>
        <label>在哪个组织 <OrgPicker aria-label="在哪个组织" value={at} onChange={(next) => { setAt(next); setRoles(person.grants.filter((grant) => grant.org_id === next).map((grant) => grant.role)) }} style={{ width: '100%' }} /></label>
        <Checkbox.Group aria-label="角色" value={roles} onChange={setRoles} options={[...new Set([...(rolesAt[kind] ?? []), ...now])].map((value) => ({ value, label: word(roleWords, value) }))} />
        <Typography.Text type="secondary">角色自保存起生效，取消勾选即止；起止都记在“变动经过”里。书记换人请走“工作交接”，未办结的事一并移交。</Typography.Text>
      </Flex>
    </Modal>
  )
}

/** Moving is joining the one and leaving the other, in this order, so that nobody is lost between them. */
function Move({ person, close }: { person: Person; close: () => void }) {
  const tell = useTell()
  const { items: orgs } = useOrgs()
  const [next, setNext] = useState('')
  const move = useAction(async ({ target }: { target: string }, key) => {
    const { data } = await api.POST('/api/v1/members/{id}/reveal-phone', { params: { path: { id: person.id } } })
    await api.POST('/api/v1/orgs/{id}/members', { params: { path: { id: target } }, headers: { [IDEMPOTENCY]: key }, body: { name: person.name, phone: data!.phone, party_status: person.party_status, employer: person.employer, title: person.title } })
    return api.DELETE('/api/v1/members/{id}', { params: { path: { id: person.id }, query: { org_id: person.org_id } } })
  }, { changes: [['member', person.id], ['roster'], ['orgs']], done: () => { tell.done('已转入新的支部'); close() } })
  return (
    <Modal open title={`${person.name}转支部`} okText="转入" cancelText="取消" okButtonProps={{ disabled: !next || next === person.org_id }} confirmLoading={move.running} onOk={() => void move.run({ target: next })} onCancel={close}>
      {move.problem && <ProblemAlert problem={move.problem} faults={move.problem.fields} />}
      <Flex vertical gap={12}>
        <label>转入 <OrgPicker aria-label="转入" only={(org) => org.kind === 'branch' || org.kind === 'group'} value={next} onChange={setNext} style={{ width: '100%' }} /></label>
        <Typography.Text type="secondary">先转入新支部，再离开{orgs.find((org) => org.id === person.org_id)?.name ?? '原支部'}；原支部的角色随之取消。办理时要核对手机号，所以须有查看手机号的权限，会记入审计。</Typography.Text>
      </Flex>
    </Modal>
  )
}
