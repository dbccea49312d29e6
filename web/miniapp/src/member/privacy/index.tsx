import { useState } from 'react'

import { api, type Answer } from '@/api'
import { restart, address } from '@/nav'
import { forget, toSignIn } from '@/session'
import { fromNow } from '@/text/time'
import { Button, Card, confirm, Facts, Field, fieldId, FileButton, Hint, Load, Page, Row, Rows, Tag, toast, useAction, useGet } from '@/ui'

type Receipt = Answer<'delete', '/me'>

/** What is kept of me, taking it along, where I am signed in, and leaving for good. */
export default function Privacy() {
  const [receipt, setReceipt] = useState<Receipt>()
  if (receipt) return <Gone receipt={receipt} />
  return (
    <Page title="个人信息与隐私" above="mine" who="member">
      <Rows label="告知书">
        <Row title="个人信息告知书" text="保存什么、为什么、多久" to="consent" />
      </Rows>
      <Card title="我的数据" extra={<FileButton path="/me/export" name="我的数据.zip">下载</FileButton>}>
        <Hint>程序里与您有关的全部内容，打成一个文件包，可用浏览器打开查看。</Hint>
      </Card>
      <Devices />
      <Leave onGone={setReceipt} />
    </Page>
  )
}

function Devices() {
  const list = useGet('/me/sessions')
  const end = useAction((_key, id: string) => api.delete('/me/sessions/{id}', { path: { id } }), { done: () => {
    toast('已退出那台设备')
    void list.reload()
  }, failed: (e) => toast(e.message) })
  const others = useAction((_key) => api.delete('/me/sessions'), { done: () => {
    toast('其他设备都已退出')
    void list.reload()
  }, failed: (e) => toast(e.message) })
  return (
    <Card title="登录设备">
      <Load of={list}>
        {(l) => (
          <>
            <Rows label="登录设备">
              {l.items.map((s) => (
                <Row
                  key={s.id} title={s.device || '未知设备'} text={`最近使用：${fromNow(s.last_seen_at)}`}
                  end={s.current ? <Tag tone="good">本机</Tag> : <Button kind="link" small busy={end.busy} label={`退出${s.device || '未知设备'}`} onTap={() => void end.act(s.id)}>退出</Button>}
                />
              ))}
            </Rows>
            {l.items.length > 2 ? <Button kind="plain" wide busy={others.busy} onTap={() => void others.act()}>退出其他所有设备</Button> : null}
          </>
        )}
      </Load>
    </Card>
  )
}

const WORDS = '注销'

/** Leaving is for good, so that it asks for a word to be written. */
function Leave({ onGone }: { onGone: (r: Receipt) => void }) {
  const [open, setOpen] = useState(false)
  const [word, setWord] = useState('')
  const [field] = useState(fieldId)
  const leave = useAction((key) => api.delete('/me', { key }), { done: (r) => {
    forget()
    onGone(r)
  } })
  const ask = async () => {
    if (await confirm({ title: '确定注销？', text: '注销之后不能恢复。', ok: '注销', danger: true })) void leave.act()
  }
  if (!open) {
    return (
      <Card title="撤回同意并注销">
        <Hint>删除您的个人信息、评论署名和登录方式。党组织依规须保存的记录（如会议到会人数）会保留，不再与您的微信相连。</Hint>
        <Button kind="plain" onTap={() => setOpen(true)}>我要注销…</Button>
      </Card>
    )
  }
  return (
    <Card title="撤回同意并注销" tone="warn">
      <Hint>会删除：姓名以外的联系方式、微信绑定、收藏、阅读状态、订阅次数、站内信、评论署名。会保留：党组织依规须保存的会议和记录。完成后会给您一张回执。建议先下载“我的数据”。</Hint>
      <Field id={field} title={`请输入“${WORDS}”`} value={word} onInput={setWord} />
      {leave.fault ? <Hint>{leave.fault.message}</Hint> : null}
      <Button wide kind="danger" busy={leave.busy} disabled={word.trim() !== WORDS} onTap={() => void ask()}>注销</Button>
      <Button wide kind="plain" onTap={() => setOpen(false)}>先不注销</Button>
    </Card>
  )
}

function Gone({ receipt }: { receipt: Receipt }) {
  const lines = (list: Receipt['erased']) => list.filter((x) => x.count > 0).map((x) => [x.what, `${x.count} 项${x.why ? `（${x.why}）` : ''}`] as const)
  return (
    <Page title="已注销" above="home">
      <Card title="回执">
        <Facts items={[['编号', receipt.receipt], ['时间', fromNow(receipt.erased_at)]]} />
        <Hint>请截图保存这个编号，以后询问时用。</Hint>
      </Card>
      <Card title="已删除"><Facts items={lines(receipt.erased)} /></Card>
      <Card title="依规保留"><Facts items={lines(receipt.kept)} /></Card>
      <Button wide onTap={() => restart(address('home'))}>回到首页</Button>
      <Button wide kind="plain" onTap={toSignIn}>重新登录</Button>
    </Page>
  )
}
