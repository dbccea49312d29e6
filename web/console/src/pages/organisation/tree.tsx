import { EditOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Card, Col, Flex, Form, Input, InputNumber, Modal, Row, Select, Tag, Tree, Typography, type TreeDataNode } from 'antd'
import { useMemo, useState } from 'react'
import { Link } from 'react-router'
import { api, IDEMPOTENCY } from '~/api/client'
import { showFaults, type Fault, type Problem } from '~/api/problem'
import { useAction, useLoad } from '~/api/query'
import type { components } from '~/api/schema'
import { CopyButton, PrintButton, useTell } from '~/ui/buttons'
import { useLinkTo } from '~/ui/link'
import { treeOf, useOrg, type Org, type OrgNode } from '~/ui/org'
import { Load, Nothing, Page, ProblemAlert } from '~/ui/page'
import { when } from '~/ui/time'
import { orgKindWords, roleWords, word } from '~/ui/words'

type NewOrg = components['schemas']['CreateOrgInputBody']

/** What may stand below an organisation. */
export const below: Record<string, NewOrg['kind'][]> = { association: ['society'], society: ['branch'], branch: ['group'], group: [] }

export default function OrganisationTree() {
  const { id, org, orgs, choose } = useOrg()
  const tree = useMemo(() => treeOf(orgs), [orgs])
  const size = (node: OrgNode) => orgs.find((one) => one.id === node.value)?.members ?? 0
  const draw = (nodes: OrgNode[]): TreeDataNode[] =>
    nodes.map((node) => ({ key: node.value, title: <>{node.title} <Typography.Text type="secondary" className="figure">{size(node)} 人</Typography.Text></>, children: draw(node.children) }))
  return (
    <Page title="组织与角色" lead="点开一个组织，看由谁负责，办改名、下设、邀请。">
      <Row gutter={[16, 16]}>
        <Col xs={24} lg={11}>
          <Card title={<h2>组织树</h2>}>
            {tree.length > 0 ? <Tree aria-label="组织树" blockNode defaultExpandAll treeData={draw(tree)} selectedKeys={[id]} onSelect={(keys) => keys[0] && choose(String(keys[0]))} /> : <Nothing title="还没有组织" />}
          </Card>
        </Col>
        <Col xs={24} lg={13}>{org && <One key={org.id} org={org} />}</Col>
      </Row>
    </Page>
  )
}

function One({ org }: { org: Org }) {
  const to = useLinkTo()
  const [form, setForm] = useState<'rename' | 'add' | 'invite' | null>(null)
  const leaders = useLoad(['roster', org.id, 'leads'], (signal) => api.GET('/api/v1/orgs/{id}/members', { params: { path: { id: org.id }, query: { leads: true, limit: 100 } }, signal }), { keep: false })
  const kinds = below[org.kind] ?? []
  const close = () => setForm(null)
  return (
    <Flex vertical gap={16}>
      <Card title={<h2>{org.name}</h2>} extra={<Tag>{word(orgKindWords, org.kind)}</Tag>}>
        <Typography.Paragraph>共 {org.members} 人（含下级，每人只计一次）。</Typography.Paragraph>
        <Flex wrap gap={8} className="no-print">
          <Link to={to('/organisation/roster', { org: org.id })}><Button type="primary">花名册</Button></Link>
          <Button onClick={() => setForm('invite')}>发邀请码</Button>
          <Button icon={<EditOutlined />} onClick={() => setForm('rename')}>改名</Button>
          {kinds.length > 0 && <Button icon={<PlusOutlined />} onClick={() => setForm('add')}>新增{word(orgKindWords, kinds[0])}</Button>}
        </Flex>
      </Card>
      <Card title={<h2>由谁负责</h2>} extra={org.kind === 'branch' && <Link to={to('/organisation/handovers', { org: org.id })}>工作交接</Link>}>
        <Load of={leaders} rows={3}>
          {({ items }) => {
            const held = (items ?? []).flatMap((person) => person.grants.filter((grant) => grant.org_id === org.id).map((grant) => ({ person, role: grant.role })))
            return held.length === 0 ? (
              <Nothing title="这一级还没有人任职" hint="在花名册里打开一位成员，设置角色。" />
            ) : (
              <ul className="lines wide">
                {held.map(({ person, role }) => (
                  <li key={person.id + role}><Link to={to(`/organisation/members/${person.id}`, { org: org.id })}>{person.name}</Link><Tag>{word(roleWords, role)}</Tag></li>
                ))}
              </ul>
            )
          }}
        </Load>
      </Card>
      {form === 'rename' && <Rename org={org} close={close} />}
      {form === 'add' && <Add org={org} kinds={kinds} close={close} />}
      {form === 'invite' && <Invite org={org} close={close} />}
    </Flex>
  )
}

function Rename({ org, close }: { org: Org; close: () => void }) {
  const tell = useTell()
  const [form] = Form.useForm()
  const save = useAction((body: { name: string }) => api.PATCH('/api/v1/orgs/{id}', { params: { path: { id: org.id } }, body }), {
    changes: [['orgs']], done: () => { tell.done('已改名'); close() }, failed: (problem) => { if (showFaults(form, problem).length > 0 || problem.fields.length === 0) tell.failed(problem) },
  })
  return (
    <Modal open title="改名" okText="保存" cancelText="取消" confirmLoading={save.running} onOk={() => form.submit()} onCancel={close}>
      <Form form={form} layout="vertical" initialValues={{ name: org.name }} onFinish={(values) => void save.run(values)}>
        <Form.Item name="name" label="名称" rules={[{ required: true, message: '请填写名称。' }]} extra="改名后，以往的记录一并显示新名称。"><Input maxLength={100} autoFocus /></Form.Item>
      </Form>
    </Modal>
  )
}

function Add({ org, kinds, close }: { org: Org; kinds: NewOrg['kind'][]; close: () => void }) {
  const tell = useTell()
  const [form] = Form.useForm()
  const [failure, setFailure] = useState<{ problem: Problem; rest: Fault[] } | null>(null)
  const add = useAction((body: NewOrg, key) => api.POST('/api/v1/orgs', { body, headers: { [IDEMPOTENCY]: key } }), {
    changes: [['orgs']], done: (made) => { tell.done(`已新增“${made.name}”`); close() }, failed: (problem) => setFailure({ problem, rest: showFaults(form, problem) }),
  })
  return (
    <Modal open title={`在“${org.name}”下新增`} okText="新增" cancelText="取消" confirmLoading={add.running} onOk={() => form.submit()} onCancel={close}>
      {failure && <ProblemAlert problem={failure.problem} faults={failure.rest} />}
      <Form form={form} layout="vertical" initialValues={{ kind: kinds[0] }} onFinish={(values) => { setFailure(null); void add.run({ ...values, parent_id: org.id }) }}>
        {kinds.length > 1 && <Form.Item name="kind" label="类别"><Select options={kinds.map((value) => ({ value, label: word(orgKindWords, value) }))} /></Form.Item>}
        {kinds.length === 1 && <Form.Item name="kind" hidden><Input /></Form.Item>}
        <Form.Item name="name" label="名称" rules={[{ required: true, message: '请填写名称。' }]}><Input maxLength={100} autoFocus /></Form.Item>
      </Form>
    </Modal>
  )
}

function Invite({ org, close }: { org: Org; close: () => void }) {
  const tell = useTell()
  const [made, setMade] = useState<components['schemas']['InviteView'] | null>(null)
  const invite = useAction((body: { days: number; max_uses: number }, key) => api.POST('/api/v1/orgs/{id}/invites', { params: { path: { id: org.id } }, body, headers: { [IDEMPOTENCY]: key } }), { done: setMade, failed: tell.failed })
  const text = made ? `邀请您加入${org.name}。请打开“手机党支部”小程序，选择“凭邀请码加入”，填写：${made.code}（${when(made.expires_at)}前有效）` : ''
  return (
    <Modal open title={`${org.name}的邀请码`} onCancel={close} footer={made ? <Flex gap={8} wrap justify="end"><CopyButton text={made.code}>复制邀请码</CopyButton><CopyButton text={text} type="primary">复制整段话</CopyButton><PrintButton /></Flex> : null}>
      {made ? (
        <div className="invite">
          <p className="invite-org">{org.name}</p>
          <p className="invite-code" aria-label="邀请码">{made.code}</p>
          <p>{text}</p>
          <Typography.Text type="secondary" className="no-print">邀请码只显示这一次，关闭后看不到；大小写不限。</Typography.Text>
        </div>
      ) : (
        <Form layout="vertical" initialValues={{ days: 7, max_uses: 200 }} onFinish={(values: { days: number; max_uses: number }) => void invite.run(values)}>
          <Form.Item name="days" label="几天内有效"><InputNumber min={1} max={30} precision={0} /></Form.Item>
          <Form.Item name="max_uses" label="最多几人使用"><InputNumber min={1} max={1000} precision={0} /></Form.Item>
          <Button type="primary" htmlType="submit" loading={invite.running}>生成邀请码</Button>
        </Form>
      )}
    </Modal>
  )
}
