import { useState } from 'react'

import { api, type Answer } from '@/api'
import { useMe } from '@/me'
import { useSubscribe } from '@/platform/subscribe'
import { refreshMe } from '@/session'
import { when } from '@/text/time'
import { Banner, Button, Card, confirm, Empty, Facts, FileButton, Hint, Load, Page, Row, Rows, Sheet, Tag, TextArea, toast, useAction, useGet, useParams } from '@/ui'

import { below, groups, placeOf } from './items'

type Handover = Answer<'get', '/handovers/{id}'>

/** The passing of a secretary's work: who has confirmed, what changes at that moment, and the list of what is open. */
export default function HandoverDetail() {
  const { id = '' } = useParams()
  const { me } = useMe()
  const one = useGet('/handovers/{id}', { path: { id } })
  const h = one.data
  const [reason, setReason] = useState('')
  const mineToTake = h !== undefined && h.to.id === me?.id
  const ask = useSubscribe('meeting', mineToTake)
  const yes = useAction((key, why: string) => api.post('/handovers/{id}/confirm', { path: { id }, body: why ? { reason: why } : {}, key }), { done: (next) => {
    toast(next.state === 'done' ? '交接完成' : '您已确认，等待对方确认')
    one.set(next)
    void refreshMe()
  }, failed: (e) => {
    if (e.code === 'conflict') void one.reload()
    if (e.fields.length === 0) toast(e.message)
  } })
  const submit = async () => {
    if (!h) return
    if (mineToTake) await ask()
    const last = h.from_confirmation !== null || h.to_confirmation !== null
    const text = last ? `您确认后交接立即完成：${moves(h)}` : '您确认后还要等对方确认，在那之前什么都不变。'
    if (await confirm({ title: h.needs_reason ? '代原书记确认？' : '确认交接？', text, ok: last ? '确认并完成交接' : '确认交接' })) await yes.act(h.needs_reason ? reason.trim() : '')
  }
  return (
    <Page title="工作交接" who="member" above="mine" foot={h?.can_confirm ? <Button wide busy={yes.busy} disabled={h.needs_reason && reason.trim() === ''} onTap={() => void submit()}>{h.needs_reason ? '代原书记确认' : '确认交接'}</Button> : undefined}>
      <Load of={one}>
        {(h) => (
          <>
            <Card title={h.org.name} extra={<Tag tone={h.state === 'open' ? 'warn' : h.state === 'done' ? 'good' : 'plain'}>{h.state_text}</Tag>}>
              <Facts items={[['交出', h.from?.name ?? '原书记已离任'], ['接任', h.to.name], ['说明', h.note], ['发起', when(h.created_at)], h.state === 'open' && ['期限', `${when(h.expires_at)} 前`], h.ended_at ? [h.state === 'done' ? '完成' : '结束', when(h.ended_at)] : null, ['原因', h.end_reason]]} />
            </Card>
            <Confirmations h={h} meId={me?.id} />
            <After h={h} />
            {h.can_confirm && h.needs_reason ? <Card title="为何代为确认"><TextArea id="reason" title="原因" value={reason} most={300} rows={2} onInput={setReason} hint="例如：原书记已调离，联系不上。会告知原书记。" fault={yes.fault?.of('reason')} /></Card> : null}
            <Package h={h} meId={me?.id} />
            {h.can_cancel && h.state === 'open' ? <Cancel h={h} changed={one.set} /> : null}
          </>
        )}
      </Load>
    </Page>
  )
}

function Confirmations({ h, meId }: { h: Handover; meId: string | undefined }) {
  const side = (m: Handover['to_confirmation']) => (m ? `${when(m.at)} 已确认` : h.state === 'open' ? '还没有确认' : '没有确认')
  const from = h.from_confirmation
  const waiting = h.state === 'open' && ((meId === h.from?.id && from) || (meId === h.to.id && h.to_confirmation))
  const first = from?.in_place ? `${when(from.at)} 由党办 ${from.by.name} 代为确认${from.reason ? `，原因：${from.reason}` : ''}` : side(from)
  return (
    <Card title="双方确认">
      <Rows label="双方确认">
        <Row title={`交出：${h.from?.name ?? '原书记已离任'}`} text={first} end={from ? <Tag tone="good">已确认</Tag> : h.state === 'open' ? <Tag tone="warn">待确认</Tag> : undefined} />
        <Row title={`接任：${h.to.name}`} text={side(h.to_confirmation)} end={h.to_confirmation ? <Tag tone="good">已确认</Tag> : h.state === 'open' ? <Tag tone="warn">待确认</Tag> : undefined} />
      </Rows>
      {waiting ? <Hint>您已确认，正在等对方。对方确认后会通知您。</Hint> : null}
    </Card>
  )
}

/** What moves at the second confirmation. */
function moves(h: Handover): string {
  const n = h.items.filter((x) => x.handed_on).length
  return `${h.from ? `${h.from.name}的书记权限结束，` : ''}${h.to.name}的书记权限生效${n > 0 ? `，标“移交”的 ${n} 项归${h.to.name}办` : ''}。`
}

function After({ h }: { h: Handover }) {
  if (h.state === 'open') {
    return (
      <Card title="确认那一刻会怎样" tone="accent">
        <Hint>双方都确认的那一刻，{moves(h)}</Hint>
        <Hint>清单按那一刻的样子存档，双方以后都能查看。</Hint>
        <Hint>在那之前什么都不变，支部工作仍由{h.from ? h.from.name : '上级'}负责。</Hint>
      </Card>
    )
  }
  if (h.state === 'done') return <Banner tone="good">已交接：{moves(h)}</Banner>
  return <Banner>这次交接没有完成，什么都没有变。仍要交接的，请在电脑后台重新发起。</Banner>
}

/** The package: while it is open as things stand, afterwards as it was handed over. Lines lead on only for whoever has the branch's rights at present. */
function Package({ h, meId }: { h: Handover; meId: string | undefined }) {
  const opens = meId === (h.state === 'done' ? h.to.id : h.from?.id)
  if (h.state !== 'open' && h.state !== 'done') return null
  return (
    <>
      {groups(h.items).map((g) => (
        <Card key={g.kind} title={`${g.label}（${g.items.length}）`}>
          <Rows label={g.label}>
            {g.items.map((x) => <Row key={x.id} title={x.title} text={below(x)} end={x.handed_on ? <Tag tone="accent">移交</Tag> : undefined} to={opens ? placeOf(x) : undefined} params={{ id: x.id }} />)}
          </Rows>
        </Card>
      ))}
      {h.items.length === 0 ? <Empty title="没有未办结的事项" text="支部没有要交接的督办、会议、建议和提醒。" /> : null}
      <FileButton path={`/handovers/${h.id}/package.xlsx`} name={`${h.org.name}书记工作交接清单.xlsx`}>下载清单（Excel）</FileButton>
    </>
  )
}

function Cancel({ h, changed }: { h: Handover; changed: (h: Handover) => void }) {
  const [open, setOpen] = useState(false)
  const [reason, setReason] = useState('')
  const cancel = useAction((key) => api.post('/handovers/{id}/cancel', { path: { id: h.id }, body: { reason: reason.trim() }, key }), { done: (next) => {
    setOpen(false)
    toast('交接已取消')
    changed(next)
  } })
  return (
    <>
      <Button kind="plain" onTap={() => setOpen(true)}>取消交接</Button>
      {open ? (
        <Sheet title="取消交接" onClose={() => setOpen(false)}>
          <Hint>取消后什么都不变，支部工作仍由{h.from ? h.from.name : '上级'}负责。会告知双方。</Hint>
          <TextArea id="cancel-reason" title="原因" value={reason} most={300} rows={2} onInput={setReason} fault={cancel.fault?.of('reason')} />
          <Button kind="danger" wide busy={cancel.busy} disabled={!reason.trim()} onTap={() => void cancel.act()}>取消交接</Button>
        </Sheet>
      ) : null}
    </>
  )
}
