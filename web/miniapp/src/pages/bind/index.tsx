import { useState } from 'react'

import { api, type Schema } from '@/api'
import { go } from '@/nav'
import { useMe } from '@/me'
import { comeBack, take } from '@/session'
import { Banner, Button, Card, Empty, Field, hasPhone, Hint, Page, PhoneButton, Text, Tick, toast, useAction, useGet, useParams } from '@/ui'

/** Who is on the roster becomes a member: by the phone number that WeChat hands over, or by name and invitation code. Once. */
export default function Bind() {
  const { invite = '', code = '' } = useParams()
  const { me, bound } = useMe()
  const consent = useGet('/consent')
  const client = useGet('/client')
  const [agreed, setAgreed] = useState(false)
  const [form, setForm] = useState({ name: '', invite: invite || code })
  const version = consent.data?.version ?? ''
  const bind = useAction((_key, how: Partial<Schema<'BindInputBody'>>) => api.post('/auth/bind', { body: { consent_version: version, ...how } as Schema<'BindInputBody'> }), {
    done: (s) => {
      const me = take(s)
      toast(`${me.name}，欢迎您`)
      comeBack()
    },
  })
  const needsAgreement = () => toast('请先阅读并勾选个人信息告知书')
  const phone = hasPhone || client.data?.demo
  return (
    <Page title="绑定身份" who="signed">
      {bound ? (
        <Empty title={`您已绑定为 ${me?.name ?? ''}`} text="无需重复绑定。" action="继续" onAction={comeBack} />
      ) : (
        <>
          <Hint>绑定一次，就能看本支部内容、答复会议、提意见建议。只核对名册，不再填表。</Hint>
          <Card>
            <Tick on={agreed} onChange={setAgreed} label="我已阅读并同意个人信息告知书">我已阅读并同意个人信息告知书</Tick>
            <Button kind="link" onTap={() => go('consent')}>阅读告知书</Button>
          </Card>
          {phone ? (
            <Card title="用手机号">
              <Hint>与名册上登记的手机号一致即可。</Hint>
              {agreed && version ? <PhoneButton demo={client.data?.demo} busy={bind.busy} onCode={(c) => void bind.act({ phone_code: c })} /> : <Button wide onTap={needsAgreement}>用手机号绑定</Button>}
            </Card>
          ) : null}
          <Card title="用姓名和邀请码">
            <Hint>邀请码由支部书记发给您。</Hint>
            <Field id="name" title="姓名" value={form.name} most={50} onInput={(name) => setForm({ ...form, name })} autoComplete="name" fault={bind.fault?.of('name')} />
            <Field id="invite_code" title="邀请码" value={form.invite} most={64} onInput={(x) => setForm({ ...form, invite: x })} autoComplete="off" fault={bind.fault?.of('invite_code')} />
            <Button
              wide kind={phone ? 'plain' : 'primary'} busy={bind.busy} disabled={!form.name.trim() || !form.invite.trim()}
              onTap={() => (agreed && version ? void bind.act({ name: form.name.trim(), invite_code: form.invite.trim() }) : needsAgreement())}
            >
              绑定
            </Button>
          </Card>
          {bind.fault ? <Banner tone="warn"><Text>{bind.fault.message}</Text></Banner> : null}
          <Button kind="plain" wide onTap={comeBack}>暂不绑定，先看公开内容</Button>
        </>
      )}
    </Page>
  )
}
