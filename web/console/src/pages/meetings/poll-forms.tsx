import { Alert, Form, Input, InputNumber, Modal, Select, Switch, Typography } from 'antd'
import { useState } from 'react'
import { api, IDEMPOTENCY } from '~/api/client'
import { showFaults, type Fault, type Problem } from '~/api/problem'
import { useAction } from '~/api/query'
import type { components } from '~/api/schema'
import { useTell } from '~/ui/buttons'
import { ProblemAlert } from '~/ui/page'
import type { Meeting } from './meeting-parts'
import { RuleCard } from './rule-card'
import { rules, type Poll, type Rule } from './vote-rules'

type Failure = { problem: Problem; rest: Fault[] } | null
type PollBody = components['schemas']['PollDraftInputBody']
type TallyBody = components['schemas']['PollTallyInputBody']
interface Values { question: string; rule: Rule; secret: boolean; names?: string; seats?: number; agenda_item: number }

/** One name a line. */
const linesOf = (text: string | undefined) => (text ?? '').split('\n').map((line) => line.trim()).filter(Boolean)

/** NewPoll prepares a vote; nobody votes before it is opened. */
export function NewPoll({ meeting: m, close }: { meeting: Meeting; close: () => void }) {
  const tell = useTell()
  const [form] = Form.useForm()
  const [failure, setFailure] = useState<Failure>(null)
  const rule: Rule = (Form.useWatch('rule', form) as Rule | undefined) ?? 'ordinary'
  const listed = rule === 'election' || rule === 'consultative'
  const add = useAction((body: PollBody, key) => api.POST('/api/v1/meetings/{id}/polls', { params: { path: { id: m.id } }, body, headers: { [IDEMPOTENCY]: key } }), {
    changes: [['polls', m.id]], done: () => { tell.done('表决已建好'); close() },
    failed: (problem) => setFailure({ problem, rest: showFaults(form, problem, Object.fromEntries(problem.fields.filter((fault) => fault.field.startsWith('options')).map((fault) => [fault.field, 'names']))) }),
  })
  const finish = (v: Values) => {
    const options = listed ? linesOf(v.names) : []
    void add.run({ question: v.question, rule: v.rule, secret: v.secret, agenda_item: v.agenda_item, ...(options.length > 0 ? { options, seats: v.seats ?? 1 } : {}) })
  }
  const kinds = (Object.keys(rules) as Rule[]).filter((one) => one !== 'committee' || m.type === 'committee')
  return (
    <Modal open title="新建表决" okText="建好" cancelText="取消" confirmLoading={add.running} onOk={() => form.submit()} onCancel={close}>
      {failure && <ProblemAlert problem={failure.problem} faults={failure.rest} />}
      <Form form={form} layout="vertical" initialValues={{ rule: m.type === 'committee' ? 'committee' : 'ordinary', secret: false, agenda_item: 0, seats: 1 }} onFinish={finish} onValuesChange={(change: Partial<Values>) => { if (change.rule === 'election' || change.rule === 'admission') form.setFieldValue('secret', true) }}>
        <Form.Item name="question" label="表决事项" rules={[{ required: true, whitespace: true, message: '请写表决事项。' }]}><Input.TextArea rows={2} maxLength={200} showCount placeholder="例如：同意与县医院结对一年" /></Form.Item>
        <Form.Item name="rule" label="规则" extra={<RuleCard rule={rule} />}><Select options={kinds.map((value) => ({ value, label: rules[value].name }))} /></Form.Item>
        <Form.Item name="secret" label="无记名投票" valuePropName="checked" extra="只记谁投过票，不记谁投了什么。选举和接收党员一般用无记名。"><Switch aria-label="无记名投票" /></Form.Item>
        {listed && <Form.Item name="names" label={rule === 'election' ? '候选人（一行一个）' : '备选意见（一行一个，可不填）'} rules={rule === 'election' ? [{ required: true, whitespace: true, message: '请写候选人。' }] : []}><Input.TextArea rows={4} /></Form.Item>}
        {listed && <Form.Item name="seats" label={rule === 'election' ? '应选名额' : '每人最多选几项'}><InputNumber min={1} max={30} precision={0} /></Form.Item>}
        {m.agenda.length > 0 && <Form.Item name="agenda_item" label="对应议程"><Select options={[{ value: 0, label: '不对应' }, ...m.agenda.map((item, i) => ({ value: i + 1, label: `${i + 1}. ${item.title}` }))]} /></Form.Item>}
      </Form>
    </Modal>
  )
}

interface Counts { approve?: number; against?: number; abstain?: number; cast?: number; approvals?: number[] }

/** TallyForm puts the counts of a vote by hand in; with them it is closed. */
export function TallyForm({ poll, close }: { poll: Poll; close: () => void }) {
  const tell = useTell()
  const [form] = Form.useForm()
  const [failure, setFailure] = useState<Failure>(null)
  const record = useAction((body: TallyBody, key) => api.POST('/api/v1/polls/{id}/tally', { params: { path: { id: poll.id } }, body, headers: { [IDEMPOTENCY]: key } }), {
    changes: [['polls', poll.meeting_id], ['minutes', poll.meeting_id]], done: () => { tell.done('票数已登记'); close() }, failed: (problem) => setFailure({ problem, rest: showFaults(form, problem) }),
  })
  const number = <InputNumber min={0} precision={0} style={{ width: '100%' }} />
  const plain = poll.options.length === 0
  return (
    <Modal open title={`登记现场票数：${poll.question}`} okText="登记并公布" cancelText="取消" confirmLoading={record.running} onOk={() => form.submit()} onCancel={close}>
      <Alert type="info" showIcon className="stack" title="登记后这项表决即告结束，票数不能再改。请监票人核对后再登记。" />
      {failure && <ProblemAlert problem={failure.problem} faults={failure.rest} />}
      <Form form={form} layout="vertical" initialValues={{ approve: 0, against: 0, abstain: 0, cast: 0, approvals: poll.options.map(() => 0) }} onFinish={(v: Counts) => void record.run(plain ? { approve: v.approve ?? 0, against: v.against ?? 0, abstain: v.abstain ?? 0 } : { cast: v.cast ?? 0, approvals: (v.approvals ?? []).map((n) => n ?? 0) })}>
        {plain ? (
          <><Form.Item name="approve" label="赞成">{number}</Form.Item><Form.Item name="against" label="反对">{number}</Form.Item><Form.Item name="abstain" label="弃权">{number}</Form.Item></>
        ) : (
          <><Form.Item name="cast" label="收回选票">{number}</Form.Item>{poll.options.map((option, i) => <Form.Item key={option} name={['approvals', i]} label={option}>{number}</Form.Item>)}<Typography.Text type="secondary">每票最多选 {poll.seats} 个。</Typography.Text></>
        )}
      </Form>
    </Modal>
  )
}
