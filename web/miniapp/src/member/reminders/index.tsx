import { useState } from 'react'

import { api, type Answer, type Row as RowOf } from '@/api'
import { useMe } from '@/me'
import { canSubscribe, useSubscribe } from '@/platform/subscribe'
import { allowance } from '@/text/allowance'
import { when } from '@/text/time'
import { Button, Buttons, Card, confirm, CopyButton, Hint, Load, Page, PagedList, Row, Sheet, Tag, Text, toast, useAction, useGet, usePages } from '@/ui'

/** How reminders reach me: what WeChat may still bring, meetings in the phone's own calendar; for those who lead, the branch's reminders. */
export default function Reminders() {
  const { leads } = useMe()
  return (
    <Page title="提醒与订阅" who="member" above="mine">
      <Allowance />
      <Calendar />
      {leads ? <Branch /> : null}
    </Page>
  )
}

function Allowance() {
  const quotas = useGet('/subscriptions')
  const ask = useSubscribe('announcement')
  const more = async () => {
    await ask()
    void quotas.reload()
  }
  return (
    <Card title="微信提醒">
      <Load of={quotas}>
        {(q) => {
          const a = allowance(q.quotas)
          return (
            <>
              <Text strong>{a.text}</Text>
              <Hint>{a.enough ? '够用了。' : '次数不够时，通知仍会进“消息”，只是微信不响。'}每点一次“允许”，微信才多给一次提醒的机会。</Hint>
              {canSubscribe ? <Button kind={a.enough ? 'plain' : 'primary'} onTap={() => void more()}>多允许几次</Button> : <Hint>要增加次数，请在微信小程序里打开本页。</Hint>}
            </>
          )
        }}
      </Load>
    </Card>
  )
}

function Calendar() {
  const [url, setUrl] = useState('')
  const make = useAction((key) => api.post('/me/calendar-token', { key }), { done: (r) => setUrl(r.url), failed: (e) => toast(e.message) })
  const end = useAction((_key) => api.delete('/me/calendar-token'), { done: () => {
    setUrl('')
    toast('原来的日历地址已失效')
  }, failed: (e) => toast(e.message) })
  const stop = async () => {
    if (await confirm({ title: '停用日历地址？', text: '手机日历里的会议不再更新。', ok: '停用' })) void end.act()
  }
  return (
    <Card title="会议放进手机日历">
      <Hint>{url ? '复制地址，在手机日历的“订阅日历”里粘贴，会议有变会自动更新。地址只给您自己用，请勿转发。' : '生成一个只属于您的地址，手机日历订阅后，会议时间和入会链接会自动更新。再次生成时，原地址失效。'}</Hint>
      <Buttons>
        {url ? <CopyButton text={url} what="日历地址">复制地址</CopyButton> : <Button kind="plain" busy={make.busy} onTap={() => void make.act()}>生成日历地址</Button>}
        <Button kind="link" busy={end.busy} onTap={() => void stop()}>停用</Button>
      </Buttons>
    </Card>
  )
}

type Reminder = RowOf<'/reminders'>

function Branch() {
  const list = usePages('/reminders')
  const [shown, setShown] = useState<Reminder>()
  return (
    <>
      <PagedList
        of={list} label="支部的定时提醒" empty={{ title: '支部还没有定时提醒', text: '可在电脑后台的“定时提醒”里建立，如每周二 20:00 提醒短学习。' }}
        row={(r) => <Row title={r.name} text={`${r.rule_text}${r.next_at ? ` · 下次 ${when(r.next_at)}` : ''}`} end={<State state={r.state} />} onTap={() => setShown(r)} />}
      />
      {shown ? <One key={shown.id} reminder={shown} onClose={() => setShown(undefined)} onChange={() => void list.reload()} /> : null}
    </>
  )
}

function State({ state }: { state: Reminder['state'] }) {
  if (state === 'active') return <Tag tone="good">进行中</Tag>
  return <Tag>{state === 'paused' ? '已暂停' : '已结束'}</Tag>
}

/** One reminder with its next ten times, to be paused, resumed or removed. */
function One({ reminder: r, onClose, onChange }: { reminder: Reminder; onClose: () => void; onChange: () => void }) {
  const next = useGet('/reminders/{id}/preview', { path: { id: r.id } })
  const over = (text: string) => {
    toast(text)
    onChange()
    onClose()
  }
  const pause = useAction((key, paused: boolean) => api.patch('/reminders/{id}', { path: { id: r.id }, body: { paused }, key }), { done: (_, [paused]) => over(paused ? '已暂停' : '已恢复'), failed: (e) => toast(e.message) })
  const remove = useAction((_key) => api.delete('/reminders/{id}', { path: { id: r.id } }), { done: () => over('已删除'), failed: (e) => toast(e.message) })
  const ask = async () => {
    if (await confirm({ title: `删除“${r.name}”？`, text: '以后不再按它提醒。', ok: '删除', danger: true })) void remove.act()
  }
  return (
    <Sheet title={r.name} onClose={onClose}>
      <Hint>{r.rule_text} · {r.org.name}</Hint>
      <Load of={next}>
        {(p) => <>{p.note ? <Hint>{p.note}</Hint> : null}{p.items.map((x) => <Time key={x.planned_at} at={x} />)}</>}
      </Load>
      <Buttons>
        {r.state === 'active' ? <Button kind="plain" busy={pause.busy} onTap={() => void pause.act(true)}>暂停</Button> : null}
        {r.state === 'paused' ? <Button busy={pause.busy} onTap={() => void pause.act(false)}>恢复</Button> : null}
        <Button kind="danger" busy={remove.busy} onTap={() => void ask()}>删除</Button>
      </Buttons>
    </Sheet>
  )
}

function Time({ at: x }: { at: Answer<'get', '/reminders/{id}/preview'>['items'][number] }) {
  const why = x.skipped ?? x.moved
  return <Row title={when(x.at)} text={why} end={x.skipped ? <Tag tone="warn">不提醒</Tag> : x.provisional ? <Tag>待定</Tag> : undefined} />
}
