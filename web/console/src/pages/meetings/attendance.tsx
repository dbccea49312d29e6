import { UserAddOutlined } from '@ant-design/icons'
import { Alert, Button, Card, Flex, Form, Input, Modal, Progress, Segmented, Select, Statistic, Tag, Timeline, Typography } from 'antd'
import { useMemo, useState } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { api } from '~/api/client'
import { asProblem, showFaults, type Fault, type Problem } from '~/api/problem'
import { useAction, useLoad } from '~/api/query'
import { CopyButton, useTell } from '~/ui/buttons'
import { useFilters } from '~/ui/filters'
import { Load, Nothing, ProblemAlert } from '~/ui/page'
import { PagedTable } from '~/ui/table'
import { when } from '~/ui/time'
import { rsvpWords, word } from '~/ui/words'
import { listWords, soon, statusWords, useSheet, type Line, type Meeting, type Sheet } from './meeting-parts'
import { quorum, voters } from './vote-rules'

type Mark = 'present' | 'leave' | 'absent' | 'observer'
const marks: [Mark, string][] = [['present', '出席'], ['leave', '请假'], ['absent', '缺席'], ['observer', '列席']]
const colours: Record<string, string | undefined> = { present: 'green', leave: 'gold', absent: 'red', observer: 'blue' }
const REASON = '召集人现场登记'

/** Who answered what, who is there, and how the list of those entitled was changed since it was frozen. */
export function Attendance({ meeting: m }: { meeting: Meeting }) {
  const sheet = useSheet(m.id, true, soon(m) ? 10_000 : undefined)
  return <Card title={<h2>答复与到会</h2>}><Load of={sheet}>{(data) => <Inside meeting={m} sheet={data} />}</Load></Card>
}

const pick: Record<string, (line: Line) => boolean> = {
  '': () => true,
  none: (line) => line.entitled && line.rsvp === 'none',
  accept: (line) => line.rsvp === 'accept',
  leave: (line) => line.rsvp === 'leave' || line.status === 'leave',
  present: (line) => line.status === 'present',
  away: (line) => line.entitled && line.status !== 'present' && line.status !== 'leave',
}

function Inside({ meeting: m, sheet }: { meeting: Meeting; sheet: Sheet }) {
  const [filters, filter] = useFilters({ who: '', name: '' })
  const [chosen, setChosen] = useState<string[]>([])
  const [shown, setShown] = useState(40)
  const [changing, setChanging] = useState<{ line?: Line } | null>(null)
  const [reason, setReason] = useState(REASON)
  const mark = useMarking(m.id, () => setChosen([]))
  const { entitled, present } = voters(sheet.items)
  const ordinary = quorum('ordinary', entitled, present)
  const rows = useMemo(() => sheet.items.filter((line) => (pick[filters.who] ?? pick['']!)(line) && line.member.name.includes(filters.name.trim())), [sheet, filters])
  const count = (name: string) => sheet.items.filter(pick[name]!).length
  const open = m.state !== 'cancelled'
  const silent = sheet.items.filter(pick.none!).map((line) => line.member.name)
  const buttons = (line: Line) => open && (
    <Flex gap={4} wrap className="no-print">
      {marks.slice(0, 3).filter(([status]) => line.entitled && status !== line.status).map(([status, name]) => (
        <Button key={status} size="small" aria-label={`${line.member.name}：${name}`} disabled={mark.running || !reason.trim()} onClick={() => void mark.run([line.member.id], status, reason)}>{name}</Button>
      ))}
      <Button size="small" type="text" aria-label={`${line.member.name}：变更名单`} onClick={() => setChanging({ line })}>名单</Button>
    </Flex>
  )
  // A list of two hundred is not drawn at once; the filters and the name look through all of it.
  const pages = { items: rows.slice(0, shown), problem: null, loading: false, refreshing: false, more: rows.length > shown, loadingMore: false, loadMore: () => setShown((n) => n + 40), reload: () => undefined }
  return (
    <>
      <div className="figures">
        <Statistic title="应到" value={sheet.entitled} /><Statistic title="答复参加" value={count('accept')} /><Statistic title="请假" value={sheet.leave} /><Statistic title="未答复" value={silent.length} />
        <Statistic title="已到" value={sheet.present} />{sheet.absent > 0 && <Statistic title="缺席" value={sheet.absent} />}
      </div>
      {open && <Alert className="gap-top" type={ordinary.met ? 'success' : 'info'} showIcon title={ordinary.text} description="以一般表决计；选举、接收党员等另有要求，见下面每项表决的说明。" />}
      <Flex wrap gap={8} align="center" className="filters gap-top no-print">
        <div className="scroll-x"><Segmented aria-label="筛选" value={filters.who} onChange={(who) => filter({ who })} options={[{ value: '', label: `全部 ${sheet.items.length}` }, { value: 'none', label: `未答复 ${silent.length}` }, { value: 'accept', label: `参加 ${count('accept')}` }, { value: 'leave', label: `请假 ${count('leave')}` }, { value: 'present', label: `已到 ${sheet.present}` }, { value: 'away', label: `没到 ${count('away')}` }]} /></div>
        <Input allowClear aria-label="姓名" placeholder="姓名" defaultValue={filters.name} onChange={(event) => filter({ name: event.target.value })} style={{ width: 140 }} />
        <CopyButton disabled={silent.length === 0} text={silent.join('、')} what={`已复制 ${silent.length} 个姓名`}>复制未答复的</CopyButton>
        {open && <Button icon={<UserAddOutlined />} onClick={() => setChanging({})}>增加人员</Button>}
      </Flex>
      {open && (
        <div className="filters no-print">
          <div className="reason-line">
            <label htmlFor="mark-reason">登记的原因</label>
            <Input id="mark-reason" value={reason} maxLength={200} status={reason.trim() ? undefined : 'error'} onChange={(event) => setReason(event.target.value)} style={{ width: 'min(260px, 100%)' }} />
            {chosen.length > 0 && marks.map(([status, name]) => <Button key={status} type={status === 'present' ? 'primary' : 'default'} disabled={mark.running || !reason.trim()} onClick={() => void mark.run(chosen, status, reason)}>{chosen.length} 人{name}</Button>)}
          </div>
          {mark.running && mark.total > 1 && <Progress percent={Math.round((mark.done / mark.total) * 100)} size="small" aria-label={`已登记 ${mark.done} / ${mark.total}`} />}
          <Typography.Text type="secondary" className="small">自己签到的不用登记。勾选几个人可以一次登记；每次登记都留下原因和登记人。</Typography.Text>
        </div>
      )}
      <PagedTable<Line>
        label="参会名单" pages={pages} rowKey={(line) => line.member.id} size="small"
        empty={<Nothing title={filters.who || filters.name ? '没有这样的人' : '还没有参会名单'} hint={m.notice_at ? '发出通知时确定。' : undefined} />}
        rowSelection={open ? { selectedRowKeys: chosen, onChange: (keys) => setChosen(keys as string[]), getCheckboxProps: (line) => ({ 'aria-label': `选中${line.member.name}` } as object), columnWidth: 40 } : undefined}
        columns={[
          { title: '姓名', key: 'name', render: (_, line) => <span className="nowrap">{line.member.name}</span> },
          { title: '身份', key: 'place', render: (_, line) => <Place line={line} /> },
          { title: '答复', key: 'rsvp', render: (_, line) => word(rsvpWords, line.rsvp) },
          { title: '到会', key: 'status', render: (_, line) => <Status line={line} /> },
          { title: '原因与经手', key: 'reason', render: (_, line) => <div className="cell-wide">{line.reason || '—'}{line.changed_by && <span className="line-note">（{line.changed_by.name}登记）</span>}</div> },
          ...(open ? [{ title: '登记', key: 'mark', className: 'no-print', render: (_: unknown, line: Line) => buttons(line) }] : []),
        ]}
        card={(line) => (
          <Flex vertical gap={4}>
            <Flex justify="space-between" gap={8}><strong>{line.member.name}</strong><span><Status line={line} /></span></Flex>
            <span className="line-note"><Place line={line} /> · {word(rsvpWords, line.rsvp)}{line.reason && ` · ${line.reason}`}</span>
            {buttons(line)}
          </Flex>
        )}
      />
      <Changes sheet={sheet} frozen={!m.notice_at} />
      {changing && <ChangeList meeting={m} line={changing.line} listed={sheet.items} close={() => setChanging(null)} />}
    </>
  )
}

const Place = ({ line }: { line: Line }) => <>{line.entitled ? (line.voting ? '应到，有表决权' : '应到，无表决权') : '列席'}</>

function Status({ line }: { line: Line }) {
  return <><Tag color={colours[line.status]}>{word(statusWords, line.status)}</Tag>{line.checked_in_at && <Typography.Text type="secondary" className="small">{when(line.checked_in_at).slice(-5)} 签到</Typography.Text>}</>
}

/** Marks one after the other, and says for whom it did not work. */
function useMarking(id: string, after: () => void) {
  const tell = useTell()
  const queries = useQueryClient()
  const [at, setAt] = useState({ running: false, done: 0, total: 0 })
  const run = async (members: string[], status: Mark, reason: string) => {
    setAt({ running: true, done: 0, total: members.length })
    let failure: unknown
    let done = 0
    for (const member of members) {
      try {
        await api.PUT('/api/v1/meetings/{id}/attendance/{member_id}', { params: { path: { id, member_id: member } }, body: { status, reason: reason.trim() } })
        done++
      } catch (error) {
        failure ??= error
        if (asProblem(error).code === 'not_open') break // it is so for all of them
      }
      setAt({ running: true, done, total: members.length })
    }
    setAt({ running: false, done, total: members.length })
    await Promise.all([['attendance', id], ['meeting', id], ['polls', id], ['minutes', id]].map((queryKey) => queries.invalidateQueries({ queryKey })))
    if (done > 0) tell.done(`已登记 ${done} 人${word(statusWords, status)}`)
    if (failure) tell.failed(failure)
    else after()
  }
  return { ...at, run }
}

function Changes({ sheet, frozen }: { sheet: Sheet; frozen: boolean }) {
  if (sheet.changes.length === 0) return <Typography.Paragraph type="secondary" className="gap-top tight">{frozen ? '应到名单在发出通知时已经确定，之后没有变更。' : '应到名单在发出通知时确定。'}</Typography.Paragraph>
  return (
    <section className="gap-top">
      <h3>名单确定以后的变更</h3>
      <Timeline items={sheet.changes.map((change, i) => ({ key: i, content: <><strong>{change.member.name}</strong>：{word(listWords, change.from)} → {word(listWords, change.to)} <span className="line-note">{when(change.changed_at)} · {change.changed_by.name}</span><div>{change.reason}</div></> }))} />
    </section>
  )
}

/** ChangeList puts somebody on the frozen list, or takes somebody off it, with the reason. */
function ChangeList({ meeting: m, line, listed, close }: { meeting: Meeting; line: Line | undefined; listed: Line[]; close: () => void }) {
  const tell = useTell()
  const [form] = Form.useForm()
  const [q, setQ] = useState('')
  const [failure, setFailure] = useState<{ problem: Problem; rest: Fault[] } | null>(null)
  const people = useLoad(['roster', m.org_id, 'pick', q], (signal) => api.GET('/api/v1/orgs/{id}/members', { params: { path: { id: m.org_id }, query: { q: q || undefined, limit: 50 } }, signal }), { enabled: !line })
  const save = useAction((v: { member: string; role: string; reason: string }) => api.PUT('/api/v1/meetings/{id}/invitees/{member_id}', { params: { path: { id: m.id, member_id: line?.member.id ?? v.member } }, body: { role: v.role, reason: v.reason.trim() } }), {
    changes: [['attendance', m.id], ['meeting', m.id], ['polls', m.id]], done: () => { tell.done('名单已变更，已告知本人'); close() }, failed: (problem) => setFailure({ problem, rest: showFaults(form, problem) }),
  })
  const on = new Set(listed.map((one) => one.member.id))
  const now = line ? (line.entitled ? 'entitled' : 'observer') : 'none'
  return (
    <Modal open title={line ? `变更名单：${line.member.name}` : '增加人员'} okText="变更" cancelText="取消" confirmLoading={save.running} onOk={() => form.submit()} onCancel={close}>
      {failure && <ProblemAlert problem={failure.problem} faults={failure.rest} />}
      <Form form={form} layout="vertical" initialValues={{ role: line ? (line.entitled ? 'observer' : 'entitled') : 'observer' }} onFinish={(values) => void save.run(values)}>
        {!line && (
          <Form.Item name="member" label="人员" rules={[{ required: true, message: '请选择人员。' }]}>
            <Select showSearch={{ filterOption: false, onSearch: setQ }} loading={people.loading} placeholder="输入姓名查找" notFoundContent="没有查到" options={(people.data?.items ?? []).filter((one) => !on.has(one.id)).map((one) => ({ value: one.id, label: one.employer ? `${one.name}（${one.employer}）` : one.name }))} />
          </Form.Item>
        )}
        <Form.Item name="role" label="改为"><Select options={['entitled', 'observer', 'none'].filter((role) => role !== now).map((value) => ({ value, label: value === 'none' ? '移出名单' : value === 'entitled' ? '应到（正式党员有表决权）' : '列席（不计入应到）' }))} /></Form.Item>
        <Form.Item name="reason" label="原因" extra="应到人数影响表决是否有效，每次变更都留下原因和经手人。" rules={[{ required: true, whitespace: true, message: '请写一句原因。' }]}><Input.TextArea rows={2} maxLength={200} showCount placeholder="例如：组织关系已转出。" /></Form.Item>
      </Form>
    </Modal>
  )
}
