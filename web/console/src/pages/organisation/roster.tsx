import { PlusOutlined, UploadOutlined } from '@ant-design/icons'
import { Button, Flex, Form, Input, Modal, Select, Tag, Typography } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { api, IDEMPOTENCY } from '~/api/client'
import { showFaults, type Fault, type Problem } from '~/api/problem'
import { useAction, usePages } from '~/api/query'
import type { components } from '~/api/schema'
import { ExportButton, PrintButton, useTell } from '~/ui/buttons'
import { useFilters } from '~/ui/filters'
import { useLinkTo } from '~/ui/link'
import { OrgPicker, useOrg } from '~/ui/org'
import { Nothing, Page, ProblemAlert } from '~/ui/page'
import { PagedTable } from '~/ui/table'
import { options, partyWords, roleWords, word } from '~/ui/words'

export type Person = components['schemas']['MemberView']
type Status = Person['party_status']

export function Roles({ person }: { person: Person }) {
  const held = person.roles.filter((role) => role !== 'member')
  return held.length === 0 ? <>{'成员'}</> : <>{held.map((role) => <Tag key={role}>{word(roleWords, role)}</Tag>)}</>
}

const Bound = ({ person }: { person: Person }) => (person.bound ? <Tag color="green">已绑定</Tag> : <Tag>未绑定</Tag>)

export default function Roster() {
  const to = useLinkTo()
  const { id, org, orgs, choose } = useOrg()
  const [filters, filter, clear] = useFilters({ q: '', party_status: '', bound: '', leads: '' })
  const [adding, setAdding] = useState(false)
  const asked = Object.values(filters).some((value) => value !== '')
  const pages = usePages<Person>(['roster', id, filters], (cursor, signal) => api.GET('/api/v1/orgs/{id}/members', {
    params: { path: { id }, query: { cursor, limit: 50, q: filters.q || undefined, party_status: (filters.party_status || undefined) as Status | undefined, bound: (filters.bound || undefined) as 'yes' | 'no' | undefined, leads: filters.leads === 'yes' || undefined } }, signal,
  }), { enabled: !!id })
  const place = (person: Person) => orgs.find((one) => one.id === person.org_id)?.name ?? '—'
  return (
    <Page
      title="花名册" lead={org ? `${org.name}，含下级组织。手机号只显示首尾，查看完整号码要有权限并留下记录。` : undefined}
      extra={<>
        <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>新增成员</Button>
        <Link to={to('/organisation/import')}><Button icon={<UploadOutlined />}>导入</Button></Link>
        <ExportButton path={`/api/v1/orgs/${id}/members/export`} name="花名册.xlsx" />
        <PrintButton />
      </>}
    >
      <Flex wrap gap={8} className="filters no-print">
        <OrgPicker aria-label="组织" value={id} onChange={choose} style={{ width: 'min(280px, 100%)' }} />
        <Input.Search allowClear aria-label="姓名、单位或职务" placeholder="姓名、单位或职务" defaultValue={filters.q} onSearch={(q) => filter({ q: q.trim() })} style={{ width: 220 }} />
        <Select aria-label="政治面貌" value={filters.party_status} onChange={(party_status) => filter({ party_status })} options={[{ value: '', label: '全部面貌' }, ...options(partyWords)]} style={{ width: 140 }} />
        <Select aria-label="微信" value={filters.bound} onChange={(bound) => filter({ bound })} options={[{ value: '', label: '绑定与否' }, { value: 'yes', label: '已绑定微信' }, { value: 'no', label: '未绑定微信' }]} style={{ width: 130 }} />
        <Select aria-label="任职" value={filters.leads} onChange={(leads) => filter({ leads })} options={[{ value: '', label: '全部成员' }, { value: 'yes', label: '有任职的' }]} style={{ width: 120 }} />
        {asked && <Button onClick={clear}>清除筛选</Button>}
      </Flex>
      <PagedTable
        label="花名册" pages={pages}
        empty={asked ? <Nothing title="没有符合条件的人" hint="换一个词，或清除筛选。" /> : <Nothing title="还没有成员" hint="可从表格导入，也可逐个新增。"><Link to={to('/organisation/import')}><Button>导入花名册</Button></Link></Nothing>}
        columns={[
          { title: '姓名', key: 'name', render: (_, row) => <Link to={to(`/organisation/members/${row.id}`)}>{row.name}</Link> },
          { title: '所在组织', key: 'org', render: (_, row) => <div className="cell-wide">{place(row)}</div> },
          { title: '政治面貌', key: 'party', render: (_, row) => word(partyWords, row.party_status) },
          { title: '单位与职务', key: 'work', render: (_, row) => <div className="cell-wide">{[row.employer, row.title].filter(Boolean).join(' · ') || '—'}</div> },
          { title: '手机号', key: 'phone', render: (_, row) => <span className="figure nowrap">{row.phone || '—'}</span> },
          { title: '角色', key: 'roles', render: (_, row) => <Roles person={row} /> },
          { title: '微信', key: 'bound', render: (_, row) => <Bound person={row} /> },
        ]}
        card={(row) => (
          <Flex vertical gap={2}>
            <Flex justify="space-between" gap={8}><Link to={to(`/organisation/members/${row.id}`)}>{row.name}</Link><Bound person={row} /></Flex>
            <div><Roles person={row} /> · {word(partyWords, row.party_status)} · <span className="figure">{row.phone || '无手机号'}</span></div>
            <Typography.Text type="secondary">{place(row)}{row.employer && ` · ${row.employer}`}</Typography.Text>
          </Flex>
        )}
      />
      {adding && <AddMember org={id} name={org?.name ?? ''} close={() => setAdding(false)} />}
    </Page>
  )
}

type NewMember = components['schemas']['CreateMemberInputBody']

function AddMember({ org, name, close }: { org: string; name: string; close: () => void }) {
  const tell = useTell()
  const [form] = Form.useForm()
  const [failure, setFailure] = useState<{ problem: Problem; rest: Fault[] } | null>(null)
  const add = useAction((body: NewMember, key) => api.POST('/api/v1/orgs/{id}/members', { params: { path: { id: org } }, body, headers: { [IDEMPOTENCY]: key } }), {
    changes: [['roster'], ['orgs']], done: (made) => { tell.done(`已新增${made.name}`); close() }, failed: (problem) => setFailure({ problem, rest: showFaults(form, problem) }),
  })
  return (
    <Modal open title={`新增到${name}`} okText="新增" cancelText="取消" confirmLoading={add.running} onOk={() => form.submit()} onCancel={close}>
      {failure && <ProblemAlert problem={failure.problem} faults={failure.rest} />}
      <Form form={form} layout="vertical" initialValues={{ party_status: 'full' }} onFinish={(values) => { setFailure(null); void add.run(values) }}>
        <Form.Item name="name" label="姓名" rules={[{ required: true, message: '请填写姓名。' }]}><Input maxLength={50} autoFocus /></Form.Item>
        <Form.Item name="phone" label="手机号" rules={[{ required: true, message: '请填写手机号。' }]} extra="号码已在别的支部登记时视为同一个人，不会重复建档。"><Input maxLength={40} inputMode="tel" /></Form.Item>
        <Form.Item name="party_status" label="政治面貌"><Select options={options(partyWords)} /></Form.Item>
        <Form.Item name="employer" label="单位"><Input maxLength={100} /></Form.Item>
        <Form.Item name="title" label="职务"><Input maxLength={50} /></Form.Item>
      </Form>
    </Modal>
  )
}
