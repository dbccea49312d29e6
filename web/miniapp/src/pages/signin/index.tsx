import { useState } from 'react'

import { api, type ApiError } from '@/api'
import { back, go } from '@/nav'
import { asPersona, inWechat, silently, throughWechat } from '@/platform/login'
import { device } from '@/platform/storage'
import { after, take, useSession } from '@/session'
import { Banner, Button, Card, Field, Hint, Load, Page, Press, Rows, Row, Text, useAction, useGet } from '@/ui'

/** By WeChat in the mini-program and in WeChat's browser, as one of the people of the demonstration, or by password. */
export default function SignIn() {
  const { fault } = useSession()
  const client = useGet('/client')
  return (
    <Page title="登录">
      {fault ? <Banner tone="warn">{fault.message}</Banner> : null}
      {silently ? (
        <BySilence />
      ) : (
        <Load of={client}>
          {(c) => (
            <>
              {c.personas.length > 0 ? (
                <Card title="演示：选一个身份">
                  <Hint>人物和内容均为虚构，可以随意操作。</Hint>
                  <Personas people={c.personas} />
                </Card>
              ) : null}
              {c.sign_in.includes('wechat_oauth') && (inWechat || c.demo) ? <ByWechat demo={c.demo} /> : null}
              {!c.demo && !inWechat ? <Banner>请在微信中打开本页，或使用微信小程序，登录后才能答复会议、提建议。</Banner> : null}
              {c.sign_in.includes('password') ? <ByPassword /> : null}
            </>
          )}
        </Load>
      )}
      <Button kind="link" onTap={() => go('consent')}>个人信息告知书</Button>
      <Button kind="plain" wide onTap={() => back()}>先看看公开内容</Button>
    </Page>
  )
}

function BySilence() {
  const enter = useAction((_key) => silently!(), { done: (s) => after(take(s)) })
  return (
    <Card title="用微信登录">
      <Hint>不需要注册和密码。</Hint>
      <Button wide busy={enter.busy} onTap={() => void enter.act()}>登录</Button>
    </Card>
  )
}

function ByWechat({ demo }: { demo: boolean }) {
  const enter = useAction((_key) => throughWechat(device.get<string>('back') ?? ''))
  return (
    <Card title="用微信登录">
      <Hint>{demo ? '演示服务号的网页授权，由内置的替身代替微信。' : '转到微信确认后回到这里。'}</Hint>
      <Button kind={demo ? 'plain' : 'primary'} wide busy={enter.busy} onTap={() => void enter.act()}>微信登录</Button>
    </Card>
  )
}

function Personas({ people }: { people: { key: string; name: string; role: string; hint: string }[] }) {
  const enter = useAction((_key, persona: string) => asPersona(persona), { done: (s) => after(take(s)) })
  return (
    <Rows label="演示身份">
      {people.map((p) => (
        <Row key={p.key} title={<><Text strong>{p.name}</Text>{p.role === p.name ? '' : ` · ${p.role}`}</>} text={p.hint} onTap={() => void enter.act(p.key)} />
      ))}
    </Rows>
  )
}

function ByPassword() {
  const [open, setOpen] = useState(false)
  const [form, setForm] = useState({ username: '', password: '', code: '' })
  const [second, setSecond] = useState(false)
  const [fault, setFault] = useState<ApiError>()
  const enter = useAction((_key) => api.post('/auth/password', { body: { username: form.username.trim(), password: form.password, ...(form.code ? { code: form.code.trim() } : {}) } }), {
    done: (s) => after(take(s)),
    failed: (e) => {
      setSecond(second || e.code.startsWith('second_factor'))
      setFault(e)
    },
  })
  if (!open) return <Press className="card" onTap={() => setOpen(true)}><Text>有后台账号？用密码登录</Text></Press>
  return (
    <Card title="用密码登录">
      <Field id="username" title="用户名" value={form.username} onInput={(username) => setForm({ ...form, username })} autoComplete="username" fault={fault?.of('username')} />
      <Field id="password" title="密码" kind="password" value={form.password} onInput={(password) => setForm({ ...form, password })} autoComplete="current-password" fault={fault?.of('password')} />
      {second ? <Field id="code" title="验证码" kind="number" hint="验证器应用中的六位数字" value={form.code} onInput={(code) => setForm({ ...form, code })} autoComplete="one-time-code" /> : null}
      {fault && fault.fields.length === 0 ? <Banner tone="warn">{fault.message}</Banner> : null}
      <Button wide kind="plain" busy={enter.busy} disabled={!form.username || !form.password} onTap={() => void enter.act()}>登录</Button>
    </Card>
  )
}
