import { Alert, Checkbox, DatePicker, Form, Input, Modal } from 'antd'
import type { Dayjs } from 'dayjs'
import { useState } from 'react'
import { api } from '~/api/client'
import { showFaults, type Fault, type Problem } from '~/api/problem'
import { useAction } from '~/api/query'
import { useTell } from '~/ui/buttons'
import { ProblemAlert } from '~/ui/page'
import { china, instant, meant, span } from '~/ui/time'
import type { Meeting } from './meeting-parts'

interface Values {
  starts: Dayjs
  ends: Dayjs
  reason?: string
  override?: string
  following?: boolean
}

/** Postpone moves a meeting to another time, with the reason that the invited read. */
export function Postpone({ meeting: m, etag, reload, close }: { meeting: Meeting; etag: string | undefined; reload: () => void; close: () => void }) {
  const tell = useTell()
  const [form] = Form.useForm()
  const [failure, setFailure] = useState<{ problem: Problem; rest: Fault[] } | null>(null)
  const [working, setWorking] = useState(false)
  const length = Date.parse(m.ends_at) - Date.parse(m.starts_at)
  const move = useAction((v: Values) => api.PATCH('/api/v1/meetings/{id}', {
    params: { path: { id: m.id }, header: { 'If-Match': etag } },
    body: { starts_at: instant(meant(v.starts)), ends_at: instant(meant(v.ends)), ...(v.reason?.trim() ? { reason: v.reason.trim() } : {}), ...(v.override?.trim() ? { override_reason: v.override.trim() } : {}), ...(v.following ? { scope: 'following' as const } : {}) },
  }), {
    changes: [['meeting'], ['meetings'], ['invitation'], ['attendance', m.id], ['series']],
    done: () => { tell.done('已改期，已通知受邀的人'); close() },
    failed: (problem) => {
      if (problem.status === 412) reload()
      if (problem.code === 'within_working_hours' || problem.fields.some((fault) => fault.code === 'within_working_hours')) setWorking(true)
      setFailure({ problem, rest: showFaults(form, problem, { starts_at: 'starts', ends_at: 'ends', override_reason: 'override' }) })
    },
  })
  return (
    <Modal open title="改期" okText="改期并通知" cancelText="不改了" confirmLoading={move.running} onOk={() => form.submit()} onCancel={close}>
      <p>原定 {span(m.starts_at, m.ends_at)}。改期后会马上通知受邀的人，请他们重新答复。</p>
      {failure && (failure.problem.status === 412 ? <Alert className="problem" role="alert" type="warning" showIcon title="这次会议刚被别人改过，已载入最新的内容，请核对后再改期。" /> : <ProblemAlert problem={failure.problem} faults={failure.rest} />)}
      <Form
        form={form} layout="vertical" initialValues={{ starts: china(m.starts_at), ends: china(m.ends_at) }} onFinish={(values) => void move.run(values)}
        onValuesChange={(change: Partial<Values>) => { if (change.starts) form.setFieldValue('ends', change.starts.add(length, 'millisecond')) }}
      >
        <Form.Item name="starts" label="开始" rules={[{ required: true, message: '请选择开始时间。' }]}><DatePicker showTime={{ format: 'HH:mm', minuteStep: 5 }} format="YYYY年M月D日 HH:mm" needConfirm={false} style={{ width: '100%' }} /></Form.Item>
        <Form.Item name="ends" label="结束" rules={[{ required: true, message: '请选择结束时间。' }]}><DatePicker showTime={{ format: 'HH:mm', minuteStep: 5 }} format="YYYY年M月D日 HH:mm" needConfirm={false} style={{ width: '100%' }} /></Form.Item>
        <Form.Item name="reason" label="改期的原因（受邀的人会看到）" rules={[{ required: true, whitespace: true, message: '请写一句原因。' }]}><Input.TextArea rows={2} maxLength={200} showCount /></Form.Item>
        {(working || m.override_reason) && <Form.Item name="override" label="占用上班时间的理由" extra="尽量放在下班后、周末或节假日。"><Input.TextArea rows={2} maxLength={200} showCount /></Form.Item>}
        {m.series_id && <Form.Item name="following" valuePropName="checked"><Checkbox>以后各次也同样挪动</Checkbox></Form.Item>}
      </Form>
    </Modal>
  )
}
