import { Alert, Button, Card, Form, Input, Result, Skeleton, Typography } from 'antd'
import { useEffect, useState } from 'react'
import { Link, Navigate } from 'react-router'
import { api, session } from '~/api/client'
import { asProblem, showFaults, type Challenge, type Fault, type Problem } from '~/api/problem'
import type { components } from '~/api/schema'
import type { SessionView } from '~/api/session'
import { ProblemAlert } from '~/ui/page'
import { when } from '~/ui/time'
import { Factor } from './factor'

type Look = components['schemas']['SetupView']

/** The link's code stands behind the mark of the address, which browsers send to no server; it is taken out of the address at once. */
function codeOf(hash: string): string {
  return new URLSearchParams(hash.replace(/^#/, '')).get('code') ?? ''
}

/** Setup is where somebody who got a link chooses name and password, and sets up the second factor where the role needs one. */
export default function Setup() {
  const [code, setCode] = useState(() => codeOf(window.location.hash))
  const [look, setLook] = useState<Look | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [tries, setTries] = useState(0)
  const [inside, setInside] = useState(false)
  useEffect(() => {
    document.title = '设置账号 · 手机党支部'
    const another = () => {
      const next = codeOf(window.location.hash)
      if (next) setCode(next)
    }
    window.addEventListener('hashchange', another)
    return () => window.removeEventListener('hashchange', another)
  }, [])
  useEffect(() => {
    if (!code) return undefined
    let gone = false
    window.history.replaceState(window.history.state, '', window.location.pathname + window.location.search)
    setProblem(null)
    setLook(null)
    api.POST('/api/v1/auth/setup/look', { body: { code } })
      .then(({ data }) => !gone && setLook(data!))
      .catch((error: unknown) => !gone && setProblem(asProblem(error)))
    return () => {
      gone = true
    }
  }, [code, tries])
  if (inside) return <Navigate to="/" replace />
  const enter = (view: SessionView) => {
    session.keep(view)
    setInside(true)
  }
  return (
    <main className="sign-in">
      <Card className="sign-in-card">
        <Typography.Title level={1} className="sign-in-title">设置您的后台账号</Typography.Title>
        {!code || problem?.status === 404 ? (
          <Result
            status="info" title="这个链接打不开账号"
            subTitle={code ? '它可能已经用过，或者过了期限。请向管理员索取新的链接。' : '请从管理员发给您的链接完整打开；复制时不要漏掉 # 后面的部分。'}
            extra={<Link to="/sign-in"><Button type="primary">去登录</Button></Link>}
          />
        ) : problem ? (
          <div className="sign-in-way"><ProblemAlert problem={problem} retry={() => setTries(tries + 1)} /></div>
        ) : look ? (
          <Choose code={code} look={look} enter={enter} gone={setProblem} />
        ) : (
          <Skeleton active className="sign-in-way" aria-busy />
        )}
      </Card>
    </main>
  )
}

interface Values {
  username?: string
  password: string
}

function Choose({ code, look, enter, gone }: { code: string; look: Look; enter: (view: SessionView) => void; gone: (problem: Problem) => void }) {
  const [form] = Form.useForm()
  const [running, setRunning] = useState(false)
  const [challenge, setChallenge] = useState<Challenge | null>(null)
  const [failure, setFailure] = useState<{ problem: Problem; rest: Fault[] } | null>(null)
  const send = async ({ username, password }: Values) => {
    setRunning(true)
    setFailure(null)
    try {
      const { data } = await api.POST('/api/v1/auth/setup', { body: { code, password, ...(look.username ? {} : { username: username?.trim() }) } })
      enter(data!)
    } catch (error) {
      const problem = asProblem(error)
      if (problem.challenge) setChallenge(problem.challenge)
      else if (problem.status === 404) gone(problem)
      else setFailure({ problem, rest: showFaults(form, problem) })
    } finally {
      setRunning(false)
    }
  }
  if (challenge) {
    return (
      <>
        <Alert className="sign-in-note" type="success" showIcon title="密码已设好，还差最后一步。" />
        <Factor challenge={challenge} enter={enter} />
      </>
    )
  }
  return (
    <Form form={form} layout="vertical" requiredMark={false} onFinish={send} className="sign-in-way">
      <Typography.Paragraph>{look.name}，您好。请{look.username ? '设定密码' : '选一个用户名，并设定密码'}{look.second_factor_required ? '，再用手机上的验证器应用绑定动态验证码' : ''}。链接有效至{when(look.expires_at)}。</Typography.Paragraph>
      {failure && <ProblemAlert problem={failure.problem} faults={failure.rest} />}
      {look.username ? (
        <Form.Item label="用户名"><Input value={look.username} readOnly autoComplete="username" aria-label="用户名" /></Form.Item>
      ) : (
        <Form.Item name="username" label="用户名" extra="登录时用；字母、数字，如 zhang.san" rules={[{ required: true, whitespace: true, message: '请选一个用户名' }]}><Input autoFocus autoComplete="username" autoCapitalize="none" maxLength={50} /></Form.Item>
      )}
      <NewPassword name="password" label="密码" />
      <Button type="primary" htmlType="submit" block loading={running}>{look.second_factor_required ? '下一步' : '完成并进入'}</Button>
    </Form>
  )
}

/** NewPassword are the two fields of a new password; what is wrong with it the server says. */
export function NewPassword({ name, label }: { name: string; label: string }) {
  return (
    <>
      <Form.Item name={name} label={label} extra="至少 10 个字符，最好是几个不相干的词" rules={[{ required: true, message: `请输入${label}` }]}>
        <Input.Password autoComplete="new-password" maxLength={200} />
      </Form.Item>
      <Form.Item
        name="again" label={`再输一遍${label}`} dependencies={[name]}
        rules={[{ required: true, message: '请再输一遍' }, ({ getFieldValue }) => ({ validator: (_, value) => (!value || value === getFieldValue(name) ? Promise.resolve() : Promise.reject(new Error('两次输入不一致'))) })]}
      >
        <Input.Password autoComplete="new-password" maxLength={200} />
      </Form.Item>
    </>
  )
}
