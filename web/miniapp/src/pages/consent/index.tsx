import { api } from '@/api'
import { useMe } from '@/me'
import { back } from '@/nav'
import { comeBack, refreshMe } from '@/session'
import { Banner, Button, Card, Load, Page, RichText, toast, useAction, useGet } from '@/ui'

/** What is kept of a person and why; agreed to once for each version. Public content needs none. */
export default function Consent() {
  const { me, bound } = useMe()
  const text = useGet('/consent')
  const wanted = Boolean(me?.consent_required && bound)
  const agree = useAction((key, version: string) => api.post('/me/consent', { body: { version }, key }), {
    done: async () => {
      await refreshMe()
      toast('已记录您的同意')
      comeBack()
    },
  })
  const version = text.data?.version
  return (
    <Page
      title="个人信息告知书" above="mine"
      foot={wanted ? (
        <>
          <Button wide busy={agree.busy} disabled={!version} onTap={() => void agree.act(version ?? '')}>同意并继续</Button>
          <Button wide kind="plain" onTap={() => back()}>暂不同意</Button>
        </>
      ) : undefined}
    >
      {wanted ? <Banner>告知书有更新，请阅读后决定。不同意也可以继续看公开内容。</Banner> : null}
      <Load of={text}>{(t) => <Card title={t.title}><RichText html={t.body_html} /></Card>}</Load>
    </Page>
  )
}
