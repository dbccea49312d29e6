import { useEffect, useState } from 'react'

import { api, asApiError, type Answer } from '@/api'
import { span } from '@/text/time'
import { Banner, Box, Button, Card, Facts, FileButton, Hint, Load, Page, Select, Switch, Tag, TextArea, toast, useAction, useGet, useParams, When, confirm } from '@/ui'

import './index.css'

type Minutes = Answer<'get', '/meetings/{id}/minutes'>
interface Resolution { text: string; owner_id: string; due_on: string; no_follow_up: boolean }

const states: Record<string, string> = { draft: '草稿', signed: '已签名', locked: '已定稿' }
const blank: Resolution = { text: '', owner_id: '', due_on: '', no_follow_up: false }

/** The minutes of a meeting: what the program knows stands there already; the secretary adds the gist and what was resolved, and signs. */
export default function WriteMinutes() {
  const { id = '' } = useParams()
  const minutes = useGet('/meetings/{id}/minutes', { path: { id } })
  return (
    <Page title="会议记录" who="leader" above="desk">
      <Load of={minutes}>
        {(m) => (
          <>
            <Known m={m} />
            {m.can_write ? <Write key={m.version} id={id} m={m} changed={minutes.set} reload={() => void minutes.reload()} /> : <Read m={m} />}
            {m.can_sign ? <Sign id={id} changed={minutes.set} /> : null}
            {m.state !== 'draft' ? <FileButton path={`/meetings/${id}/minutes.pdf`} name={`${m.facts.title}.pdf`}>下载 PDF</FileButton> : null}
          </>
        )}
      </Load>
    </Page>
  )
}

function Known({ m }: { m: Minutes }) {
  return (
    <Card title={m.facts.title} extra={<Tag tone={m.state === 'locked' ? 'good' : 'accent'}>{states[m.state] ?? m.state}</Tag>}>
      <Facts items={[
        ['时间', span(m.facts.starts_at, m.facts.ends_at)], ['地点', m.facts.where], ['应到、实到', `${m.facts.entitled} 人、${m.facts.present} 人`],
        ['请假、缺席', m.facts.absent.map((p) => `${p.name}${p.leave ? `（请假${p.reason ? `：${p.reason}` : ''}）` : ''}`).join('、')],
        ['主持、记录', [m.host.member?.name, m.recorder.member?.name].filter(Boolean).join('、')], ['表决', m.facts.polls.map((p) => `${p.question}：${p.result.text}`).join('；')],
      ]} />
    </Card>
  )
}

function Read({ m }: { m: Minutes }) {
  return (
    <Card title="记录">
      <Box className="minutes-text">{m.summary || '还没有写。'}</Box>
      {m.resolutions.map((r, i) => <Hint key={i}>决议 {i + 1}：{r.text}{r.owner ? `（${r.owner.name}，${r.due_on} 前）` : ''}</Hint>)}
    </Card>
  )
}

function Write({ id, m, changed, reload }: { id: string; m: Minutes; changed: (m: Minutes) => void; reload: () => void }) {
  const [summary, setSummary] = useState(m.summary)
  const [resolutions, setResolutions] = useState<Resolution[]>(() => m.resolutions.map(({ text, owner_id, due_on, no_follow_up }) => ({ text, owner_id, due_on, no_follow_up })))
  const [dirty, setDirty] = useState(false)
  useEffect(() => setDirty(false), [m.version])
  const people = [...m.facts.attending, ...m.facts.absent].map((p) => ({ value: p.id, text: p.name }))
  const save = useAction(
    (key) => api.put('/meetings/{id}/minutes', {
      path: { id }, key, ifMatch: `"${m.version}"`,
      body: {
        summary, mode: m.mode, host_id: m.host_id, recorder_id: m.recorder_id, passed_on: m.passed_on, began_at: m.began_at ?? undefined, ended_at: m.ended_at ?? undefined,
        discussion: m.discussion.map((d) => ({ dissent: d.dissent, text: d.text, speaker_id: d.speaker?.id ?? '' })),
        resolutions: resolutions.filter((r) => r.text.trim() !== '').map((r) => (r.no_follow_up ? { text: r.text, no_follow_up: true } : { text: r.text, owner_id: r.owner_id, due_on: r.due_on })),
      },
    }),
    { done: (next) => {
      toast('已保存')
      changed(next)
    }, failed: (e) => {
      if (asApiError(e).status === 412) void confirm({ title: '别人刚改过这份记录', text: '载入最新的一份？您没有保存的内容请先复制。', ok: '载入最新' }).then((yes) => (yes ? reload() : undefined))
      else if (e.fields.length === 0) toast(e.message)
    } },
  )
  const set = (i: number, part: Partial<Resolution>) => {
    setResolutions((all) => all.map((r, n) => (n === i ? { ...r, ...part } : r)))
    setDirty(true)
  }
  const faults = save.fault?.fields ?? []
  return (
    <>
      <TextArea title="会议要点" id="summary" value={summary} onInput={(v) => { setSummary(v); setDirty(true) }} most={5000} fault={save.fault?.of('summary')} rows={6} hint="会上说了什么、议定了什么，几句话即可。" />
      {resolutions.map((r, i) => (
        <Card key={i} title={`决议 ${i + 1}`} extra={<Button kind="link" small label={`去掉决议 ${i + 1}`} onTap={() => { setResolutions((all) => all.filter((_, n) => n !== i)); setDirty(true) }}>去掉</Button>}>
          <TextArea title="内容" id={`resolutions[${i}].text`} value={r.text} onInput={(text) => set(i, { text })} most={500} fault={save.fault?.of(`resolutions[${i}].text`)} rows={2} />
          <Switch title="不需要跟进" on={r.no_follow_up} onChange={(no_follow_up) => set(i, { no_follow_up })} />
          {r.no_follow_up ? null : (
            <>
              <Select title="负责人" id={`resolutions[${i}].owner_id`} value={r.owner_id} options={[{ value: '', text: '请选择' }, ...people]} onChange={(owner_id) => set(i, { owner_id })} fault={save.fault?.of(`resolutions[${i}].owner_id`)} />
              <When title="完成日期" id={`resolutions[${i}].due_on`} kind="date" value={r.due_on} onChange={(due_on) => set(i, { due_on })} fault={save.fault?.of(`resolutions[${i}].due_on`)} />
            </>
          )}
        </Card>
      ))}
      <Button wide kind="plain" onTap={() => { setResolutions((all) => [...all, blank]); setDirty(true) }}>添加一条决议</Button>
      {faults.length > 0 ? <Banner tone="warn">{faults.map((f) => f.detail).join('')}</Banner> : null}
      <Button wide busy={save.busy} disabled={!dirty} onTap={() => void save.act()}>{dirty ? '保存' : '已保存'}</Button>
    </>
  )
}

function Sign({ id, changed }: { id: string; changed: (m: Minutes) => void }) {
  const sign = useAction((key) => api.post('/meetings/{id}/minutes/sign', { path: { id }, key }), { done: (m) => {
    toast('已签名')
    changed(m)
  } })
  return <Button wide kind="plain" busy={sign.busy} onTap={() => void confirm({ title: '签名确认？', text: '主持人和记录人都签名后，记录即定稿，之后只能补充说明。', ok: '签名' }).then((yes) => (yes ? sign.act() : undefined))}>签名确认</Button>
}
