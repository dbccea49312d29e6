import { DeleteOutlined, EditOutlined, PlusOutlined, SaveOutlined } from '@ant-design/icons'
import { Alert, Button, Card, Checkbox, Col, DatePicker, Flex, Form, Input, Row, Segmented, Select, Typography } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { useEffect, useMemo, useState } from 'react'
import { api, IDEMPOTENCY } from '~/api/client'
import { useAction } from '~/api/query'
import { useConfirm, useTell } from '~/ui/buttons'
import { ProblemAlert } from '~/ui/page'
import { china, instant, meant, when } from '~/ui/time'
import { Unsaved } from '~/ui/unsaved'
import { partWords, sameText, textOf, wordsOf, type Minutes, type Opinion, type Resolution } from './minutes-text'
import { Paper } from './minutes-paper'
import { useMinutes } from './minutes-saving'

interface Named { value: string; label: string }

/** Whoever the minutes may name. */
function peopleOf(m: Minutes): Named[] {
  const all = new Map<string, string>()
  for (const one of [...m.facts.attending, ...m.facts.observers, ...m.facts.absent]) all.set(one.id, one.name)
  for (const one of [m.host.member, m.recorder.member, ...m.resolutions.map((r) => r.owner), ...m.discussion.map((d) => d.speaker)]) if (one && !all.has(one.id)) all.set(one.id, one.name)
  return [...all].map(([value, label]) => ({ value, label }))
}

export function Editor({ id, minutes: m, etag }: { id: string; minutes: Minutes; etag: string | undefined }) {
  const work = useMinutes(id, m, etag)
  const [anyway, setAnyway] = useState(false)
  const confirm = useConfirm()
  const people = useMemo(() => peopleOf(m), [m])
  const found = work.draft.found
  const offered = found && !work.dirty && !sameText(found.value, textOf(m)) ? found : null
  useEffect(() => {
    if (m.state === 'draft') setAnyway(false)
  }, [m.state])
  if (m.state === 'signed' && !anyway && !work.dirty) {
    return (
      <>
        <Paper minutes={m} />
        <div className="keep-bar no-print">
          <Sign id={id} minutes={m} work={work} />
          <Button icon={<EditOutlined />} onClick={() => confirm({ title: '修改已签名的记录？', content: '保存修改以后，已有的签名会撤回，需要两人重新签名。', ok: '修改', danger: true, act: () => setAnyway(true) })}>修改（签名将撤回）</Button>
        </div>
      </>
    )
  }
  return (
    <>
      <Unsaved when={work.dirty} draft />
      {offered && <Alert type="info" showIcon title={`这台电脑上留有没保存的内容（${when(new Date(offered.at).toISOString())}）。`} action={<Flex gap={8}><Button size="small" type="primary" onClick={() => { work.change(offered.value); work.draft.take() }}>接着写</Button><Button size="small" onClick={work.draft.forget}>不要了</Button></Flex>} />}
      {m.state === 'signed' && <Alert type="warning" showIcon title="这份记录已有人签名。保存改动会撤回签名，需要两人重新签名；不自动保存。" />}
      {work.dispute && <Disputed work={work} people={people} />}
      {work.taken.length > 0 && <Alert type="info" showIcon closable={{ onClose: work.forgetTaken }} title={`对方刚刚改了${work.taken.map((part) => partWords[part]).join('、')}，已并入；您写的都还在。`} />}
      {work.problem && <ProblemAlert problem={work.problem} faults={work.problem.fields} retry={work.problem.passing || work.problem.code === 'not_open' ? () => void work.save() : undefined} />}
      <Form layout="vertical" component={false}>
        <Head work={work} people={people} minutes={m} />
        <Course work={work} people={people} />
        <Resolutions work={work} people={people} minutes={m} />
      </Form>
      <div className="keep-bar no-print">
        <Button type={work.dirty || m.version === 0 ? 'primary' : 'default'} icon={<SaveOutlined />} disabled={(!work.dirty && m.version > 0) || !!work.dispute} loading={work.saving} onClick={() => void work.save()}>保存</Button>
        <span aria-live="polite" data-testid="kept">{work.saving ? '正在保存…' : work.dispute ? '等您选定后再保存' : work.dirty ? (work.problem ? '还没有保存' : m.state === 'signed' ? '改动还没有保存' : '停笔几秒后自动保存') : work.savedAt ? `已保存 ${china(work.savedAt).format('HH:mm')}` : m.version === 0 ? '还没有保存过' : '已保存'}</span>
        <Sign id={id} minutes={m} work={work} />
      </div>
    </>
  )
}

type Work = ReturnType<typeof useMinutes>

function Disputed({ work, people }: { work: Work; people: Named[] }) {
  const name = (who: string) => people.find((one) => one.value === who)?.label ?? ''
  return (
    <Alert
      type="warning" showIcon role="alert" title="另一位同志同时改了同一处，请选定留哪一份。"
      description={work.dispute!.parts.map((part) => (
        <section key={part} aria-label={partWords[part]}>
          <strong>{partWords[part]}</strong>
          <div className="versions">
            <div><strong>您写的</strong><div className="pre">{wordsOf(part, work.text, name, when)}</div></div>
            <div><strong>对方写的</strong><div className="pre">{wordsOf(part, work.dispute!.theirs, name, when)}</div></div>
          </div>
          <Flex gap={8} wrap>
            <Button onClick={() => work.settle(part, 'mine')}>留我写的</Button>
            <Button onClick={() => work.settle(part, 'theirs')}>用对方写的</Button>
            {typeof work.text[part] === 'string' && (part === 'summary' || part === 'passed_on') && <Button onClick={() => { work.change({ [part]: `${work.text[part] as string}\n${work.dispute!.theirs[part]}` }); work.settle(part, 'mine') }}>两份都留，接在后面</Button>}
          </Flex>
        </section>
      ))}
    />
  )
}

const beside = (fault: string | undefined) => ({ validateStatus: fault ? ('error' as const) : undefined, help: fault })

function Time({ id, label, value, fallback, fault, onChange }: { id: string; label: string; value: string; fallback: string; fault: string | undefined; onChange: (at: string) => void }) {
  return (
    <Form.Item label={label} htmlFor={id} {...beside(fault)} extra={value ? undefined : `没有改就是原定的 ${china(fallback).format('HH:mm')}`}>
      <DatePicker id={id} showTime={{ format: 'HH:mm' }} format="M月D日 HH:mm" needConfirm={false} style={{ width: '100%' }} value={value ? china(value) : null} defaultPickerValue={china(fallback)} onChange={(at: Dayjs | null) => onChange(at ? instant(meant(at)) : '')} />
    </Form.Item>
  )
}

function Who({ id, label, value, people, fault, onChange }: { id: string; label: string; value: string; people: Named[]; fault: string | undefined; onChange: (id: string) => void }) {
  return (
    <Form.Item label={label} htmlFor={id} {...beside(fault)}>
      <Select id={id} allowClear showSearch={{ optionFilterProp: 'label' }} placeholder="请选择" value={value || undefined} options={people} onChange={(next) => onChange(next ?? '')} />
    </Form.Item>
  )
}

function Head({ work, people, minutes: m }: { work: Work; people: Named[]; minutes: Minutes }) {
  const { text, change, faultOf } = work
  return (
    <Card title={<h2>主持、记录与时间</h2>} className="stack">
      <Row gutter={16}>
        <Col xs={24} md={12}><Who id="host_id" label="主持人" value={text.host_id} people={people} fault={faultOf('host_id')} onChange={(host_id) => change({ host_id })} /></Col>
        <Col xs={24} md={12}><Who id="recorder_id" label="记录人" value={text.recorder_id} people={people} fault={faultOf('recorder_id')} onChange={(recorder_id) => change({ recorder_id })} /></Col>
        <Col xs={24} md={12}><Time id="began_at" label="实际开始时间" value={text.began_at} fallback={m.facts.starts_at} fault={faultOf('began_at')} onChange={(began_at) => change({ began_at })} /></Col>
        <Col xs={24} md={12}><Time id="ended_at" label="实际结束时间" value={text.ended_at} fallback={m.facts.ends_at} fault={faultOf('ended_at')} onChange={(ended_at) => change({ ended_at })} /></Col>
      </Row>
      <Form.Item label="记录方式" extra={text.mode === 'brief' ? '简要：不列出席人员姓名和讨论过程，不同意见照样保留。' : '完整：列出席人员姓名和讨论过程。'}>
        <Segmented aria-label="记录方式" value={text.mode} onChange={(mode) => change({ mode })} options={[{ value: 'full', label: '完整' }, { value: 'brief', label: '简要' }]} />
      </Form.Item>
    </Card>
  )
}

function Course({ work, people }: { work: Work; people: Named[] }) {
  const { text, change, faultOf } = work
  const set = (i: number, part: Partial<Opinion>) => change({ discussion: text.discussion.map((row, n) => (n === i ? { ...row, ...part } : row)) })
  return (
    <Card title={<h2>会议经过</h2>} className="stack">
      <Form.Item label="传达学习" htmlFor="passed_on" {...beside(faultOf('passed_on'))}><Input.TextArea id="passed_on" rows={2} maxLength={5000} value={text.passed_on} onChange={(event) => change({ passed_on: event.target.value })} placeholder="领学、传达了什么；没有就空着。" /></Form.Item>
      <Form.Item label="会议经过" htmlFor="summary" {...beside(faultOf('summary'))}><Input.TextArea id="summary" rows={6} maxLength={5000} value={text.summary} onChange={(event) => change({ summary: event.target.value })} placeholder="说了什么、议定了什么，几句话即可。" /></Form.Item>
      <h3>讨论发言</h3>
      {text.discussion.map((row, i) => (
        <div key={i} className="opinion">
          <Who id={`speaker-${i}`} label={`发言 ${i + 1}：谁`} value={row.speaker_id} people={people} fault={faultOf(`discussion[${i}].speaker_id`)} onChange={(speaker_id) => set(i, { speaker_id })} />
          <Form.Item label={`发言 ${i + 1}：说了什么`} htmlFor={`opinion-${i}`} {...beside(faultOf(`discussion[${i}].text`))}><Input.TextArea id={`opinion-${i}`} rows={2} maxLength={2000} value={row.text} onChange={(event) => set(i, { text: event.target.value })} /></Form.Item>
          <Flex justify="space-between" wrap gap={8}>
            <Checkbox checked={row.dissent} onChange={(event) => set(i, { dissent: event.target.checked })}>不同意见（一定保留）</Checkbox>
            <Button size="small" icon={<DeleteOutlined />} aria-label={`去掉发言 ${i + 1}`} onClick={() => change({ discussion: text.discussion.filter((_, n) => n !== i) })}>去掉</Button>
          </Flex>
        </div>
      ))}
      <Button icon={<PlusOutlined />} className="gap-top" onClick={() => change({ discussion: [...text.discussion, { speaker_id: '', text: '', dissent: false }] })}>加一条发言</Button>
    </Card>
  )
}

function Resolutions({ work, people, minutes: m }: { work: Work; people: Named[]; minutes: Minutes }) {
  const { text, change, faultOf } = work
  const set = (i: number, part: Partial<Resolution>) => change({ resolutions: text.resolutions.map((row, n) => (n === i ? { ...row, ...part } : row)) })
  return (
    <Card title={<h2>决议</h2>} className="stack">
      <Typography.Paragraph type="secondary">每项写明谁、什么时候办完，或注明“无后续”。定稿后自动列入督办事项，到期前提醒责任人。</Typography.Paragraph>
      {text.resolutions.map((row, i) => (
        <div key={i} className="opinion">
          <Form.Item label={`决议 ${i + 1}`} htmlFor={`resolution-${i}`} {...beside(faultOf(`resolutions[${i}].text`) ?? faultOf(`resolutions[${i}]`) ?? faultOf(`resolutions[${i}].no_follow_up`))}><Input.TextArea id={`resolution-${i}`} rows={2} maxLength={500} value={row.text} onChange={(event) => set(i, { text: event.target.value })} /></Form.Item>
          {!row.no_follow_up && (
            <Row gutter={16}>
              <Col xs={24} md={12}><Who id={`owner-${i}`} label="责任人" value={row.owner_id} people={people} fault={faultOf(`resolutions[${i}].owner_id`)} onChange={(owner_id) => set(i, { owner_id })} /></Col>
              <Col xs={24} md={12}>
                <Form.Item label="完成时限" htmlFor={`due-${i}`} {...beside(faultOf(`resolutions[${i}].due_on`))}>
                  <DatePicker id={`due-${i}`} format="YYYY年M月D日" style={{ width: '100%' }} minDate={dayjs(china(m.facts.starts_at).format('YYYY-MM-DD'))} value={row.due_on ? dayjs(row.due_on) : null} onChange={(on: Dayjs | null) => set(i, { due_on: on ? on.format('YYYY-MM-DD') : '' })} />
                </Form.Item>
              </Col>
            </Row>
          )}
          <Flex justify="space-between" wrap gap={8}>
            <Checkbox checked={row.no_follow_up} onChange={(event) => set(i, event.target.checked ? { no_follow_up: true, owner_id: '', due_on: '' } : { no_follow_up: false })}>无后续</Checkbox>
            <Button size="small" icon={<DeleteOutlined />} aria-label={`去掉决议 ${i + 1}`} onClick={() => change({ resolutions: text.resolutions.filter((_, n) => n !== i) })}>去掉</Button>
          </Flex>
        </div>
      ))}
      <Button icon={<PlusOutlined />} onClick={() => change({ resolutions: [...text.resolutions, { text: '', owner_id: '', due_on: '', no_follow_up: false }] })}>加一项决议</Button>
    </Card>
  )
}

function Sign({ id, minutes: m, work }: { id: string; minutes: Minutes; work: Work }) {
  const tell = useTell()
  const confirm = useConfirm()
  const sign = useAction((_: string, key) => api.POST('/api/v1/meetings/{id}/minutes/sign', { params: { path: { id }, header: { 'If-Match': work.tag() } }, headers: { [IDEMPOTENCY]: key } }), {
    changes: [['minutes', id], ['actions']], done: (view) => tell.done(view.state === 'locked' ? '两人都已签名，会议记录已定稿' : '已签名，已请另一位签名'),
    failed: (problem) => { work.setProblem(problem); window.scrollTo({ top: 0 }); if (problem.status === 412) tell.note('记录刚有改动，请核对后再签名') },
  })
  if (!m.can_sign) {
    const waits = [!m.host.signed_at && m.host.member?.name, !m.recorder.signed_at && m.recorder.member?.name].filter(Boolean).join('、')
    return m.version > 0 && waits ? <Typography.Text type="secondary">待签名：{waits}</Typography.Text> : null
  }
  const other = [m.host, m.recorder].every((who) => !who.signed_at) ? '签名后请另一位签名；两人都签名即定稿。' : '另一位已经签名，您签名后即定稿，决议列入督办事项，不能再修改。'
  return <Button type={work.dirty ? 'default' : 'primary'} disabled={work.dirty || work.saving} loading={sign.running} onClick={() => confirm({ title: '签名确认这份会议记录？', content: other, ok: '签名', act: () => sign.run('') })}>{work.dirty ? '保存后可签名' : '签名'}</Button>
}
