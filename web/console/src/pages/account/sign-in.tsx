import { Alert, Button, Card, Flex, Form, Input, QRCode, Segmented, Typography } from 'antd'
import { useCallback, useEffect, useRef, useState } from 'react'
import { Navigate, useSearchParams } from 'react-router'
import { api, session } from '~/api/client'
import { asProblem, type Challenge, type Problem } from '~/api/problem'
import type { SessionView } from '~/api/session'
import { useSignedIn } from '~/app/me'
import { ProblemAlert } from '~/ui/page'
import { Factor } from './factor'

/** Only addresses of the console are gone back to. */
function safe(to: string | null): string {
  return to && to.startsWith('/') && !to.startsWith('//') && !to.includes('\\') ? to : '/'
}

export default function SignIn() {
  const signedIn = useSignedIn()
  const [query] = useSearchParams()
  const [way, setWay] = useState<'scan' | 'password'>('scan')
  useEffect(() => {
    document.title = '登录 · 手机党支部'
  }, [])
  if (signedIn) return <Navigate to={safe(query.get('to'))} replace />
  const enter = (view: SessionView) => session.keep(view)
  return (
    <main className="sign-in">
      <Card className="sign-in-card">
        <Typography.Title level={1} className="sign-in-title">手机党支部 · 管理后台</Typography.Title>
        <Typography.Paragraph type="secondary">支部书记和党办在这里处理不便在手机上做的事。</Typography.Paragraph>
        <Segmented block value={way} onChange={setWay} aria-label="登录方式" options={[{ value: 'scan', label: '手机扫码' }, { value: 'password', label: '账号密码' }]} />
        {way === 'scan' ? <Scan enter={enter} /> : <Password enter={enter} />}
      </Card>
    </main>
  )
}

interface Code {
  id: string
  url: string
  endsAt: number
}

function Scan({ enter }: { enter: (view: SessionView) => void }) {
  const [code, setCode] = useState<Code | null>(null)
  const [over, setOver] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const enterNow = useRef(enter)
  enterNow.current = enter

  const fresh = useCallback(async () => {
    setProblem(null)
    try {
      const { data } = await api.POST('/api/v1/auth/console-codes')
      setCode({ id: data!.id, url: data!.qrcode_url, endsAt: Date.parse(data!.expires_at) })
      setOver(false)
    } catch (error) {
      setProblem(asProblem(error))
    }
  }, [])
  useEffect(() => void fresh(), [fresh])

  useEffect(() => {
    if (!code || over) return undefined
    const ask = async () => {
      try {
        const { data } = await api.GET('/api/v1/auth/console-codes/{id}', { params: { path: { id: code.id } } })
        if (data?.state === 'approved' && data.session) enterNow.current(data.session)
        else if (data?.state !== 'pending') setOver(true)
      } catch (error) {
        if (asProblem(error).status === 404) setOver(true) // one missed answer is none; the next comes in two seconds
      }
    }
    const timer = setInterval(() => void ask(), 2000)
    return () => clearInterval(timer)
  }, [code, over])

  return (
    <Flex vertical align="center" gap={12} className="sign-in-way">
      <ProblemAlert problem={problem} retry={() => void fresh()} />
      <QRCode value={code?.url ?? 'https://'} size={208} bordered={false} status={problem ? 'expired' : !code ? 'loading' : over ? 'expired' : 'active'} onRefresh={() => void fresh()} aria-label="登录二维码" />
      <Typography.Text>用已绑定身份的微信扫一扫，在手机上确认</Typography.Text>
      <Typography.Text type="secondary">二维码三分钟内有效；确认前请看清屏幕上的网址。</Typography.Text>
    </Flex>
  )
}

/** By password, and by the digits of an app where the account has or needs one. */
function Password({ enter }: { enter: (view: SessionView) => void }) {
  const [problem, setProblem] = useState<Problem | null>(null)
  const [running, setRunning] = useState(false)
  const [challenge, setChallenge] = useState<Challenge | null>(null)
  const send = async (values: { username: string; password: string }) => {
    setRunning(true)
    setProblem(null)
    try {
      const { data } = await api.POST('/api/v1/auth/password', { body: values })
      enter(data!)
    } catch (error) {
      const failure = asProblem(error)
      if (failure.challenge) setChallenge(failure.challenge)
      else setProblem(failure)
    } finally {
      setRunning(false)
    }
  }
  if (challenge) return <Factor challenge={challenge} enter={enter} back={() => setChallenge(null)} />
  return (
    <Form layout="vertical" requiredMark={false} onFinish={send} className="sign-in-way">
      <ProblemAlert problem={problem} />
      <Form.Item name="username" label="账号" rules={[{ required: true, message: '请输入账号' }]}>
        <Input autoComplete="username" autoFocus maxLength={50} />
      </Form.Item>
      <Form.Item name="password" label="密码" rules={[{ required: true, message: '请输入密码' }]}>
        <Input.Password autoComplete="current-password" maxLength={200} />
      </Form.Item>
      <Button type="primary" htmlType="submit" block loading={running}>登录</Button>
      <Alert className="sign-in-note" type="info" title="账号由管理员开设；忘记密码请联系党办。" />
    </Form>
  )
}
