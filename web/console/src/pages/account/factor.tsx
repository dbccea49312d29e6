import { Alert, Button, Flex, Form, Input, QRCode, Typography } from 'antd'
import { useState } from 'react'
import { asProblem, problemOf, type Challenge, type Problem } from '~/api/problem'
import type { SessionView } from '~/api/session'
import { CopyButton, PrintButton } from '~/ui/buttons'
import { ProblemAlert } from '~/ui/page'

/** What is answered to the last step of a sign-in: recovery codes come with it where the second factor was just set up. */
export type Entered = SessionView & { recovery_codes?: string[] }

async function answer(challenge: string, proof: { code?: string; recovery_code?: string }): Promise<Entered> {
  let response: Response
  try {
    response = await fetch('/api/v1/auth/factor', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ challenge, ...proof }) })
  } catch (error) {
    throw asProblem(error)
  }
  if (!response.ok) throw await problemOf(response)
  return (await response.json()) as Entered
}

/** digits takes the spaces away with which apps show their six digits. */
export function digits(text: string | undefined): string {
  return (text ?? '').replaceAll(/\s/g, '')
}

/** grouped is a secret as one types it: four letters at a time. */
export function grouped(secret: string): string {
  return secret.replaceAll(/(.{4})(?=.)/g, '$1 ')
}

/** Enrol shows what an app needs: the code to scan, and the same to be typed. */
export function Enrol({ challenge, lead }: { challenge: Pick<Challenge, 'secret' | 'otpauth_url'>; lead: string }) {
  return (
    <Flex vertical align="center" gap={8} className="stack">
      <Typography.Text>{lead}</Typography.Text>
      {challenge.otpauth_url && <QRCode type="svg" value={challenge.otpauth_url} size={188} bordered={false} aria-label="验证器二维码" />}
      {challenge.secret && (
        <Flex vertical align="center" gap={4}>
          <Typography.Text type="secondary">扫不了？在验证器里选“手动输入密钥”：</Typography.Text>
          <code className="secret" aria-label="密钥">{grouped(challenge.secret)}</code>
          <CopyButton size="small" text={challenge.secret} what="密钥已复制">复制密钥</CopyButton>
        </Flex>
      )}
    </Flex>
  )
}

/** CodeField is where the app's six digits are typed. */
export function CodeField() {
  return (
    <Form.Item name="code" label="六位验证码" rules={[{ required: true, message: '请输入验证器显示的六位数字' }]}>
      <Input autoFocus inputMode="numeric" autoComplete="one-time-code" maxLength={20} />
    </Form.Item>
  )
}

/** RecoveryCodes are shown once: to be copied or printed before one goes on. */
export function RecoveryCodes({ codes, done, next }: { codes: string[]; done: () => void; next: string }) {
  const text = codes.join('\n')
  return (
    <Flex vertical gap={12} className="print-alone">
      <Alert type="warning" showIcon title="请把恢复码抄下来或打印保存" description="手机丢了时，每个恢复码可以登录一次。只显示这一次。" />
      <pre className="codes" aria-label="恢复码">{text}</pre>
      <Flex gap={8} wrap className="no-print">
        <CopyButton text={text} what="恢复码已复制">复制</CopyButton>
        <PrintButton />
        <Button type="primary" onClick={done}>{next}</Button>
      </Flex>
    </Flex>
  )
}

/** Factor is the second step of a sign-in: digits of the app, a recovery code, or setting the app up first. */
export function Factor({ challenge: first, enter, back }: { challenge: Challenge; enter: (view: SessionView) => void; back?: () => void }) {
  const [challenge, setChallenge] = useState(first)
  const [recovery, setRecovery] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [running, setRunning] = useState(false)
  const [entered, setEntered] = useState<Entered | null>(null)
  const send = async (values: { code?: string; recovery_code?: string }) => {
    setRunning(true)
    setProblem(null)
    try {
      const view = await answer(challenge.token, recovery ? { recovery_code: values.recovery_code?.trim() } : { code: digits(values.code) })
      if (view.recovery_codes?.length) setEntered(view)
      else enter(view)
    } catch (error) {
      const failure = asProblem(error)
      if (failure.challenge) setChallenge(failure.challenge)
      setProblem(failure)
    } finally {
      setRunning(false)
    }
  }
  if (entered) return <div className="sign-in-way"><RecoveryCodes codes={entered.recovery_codes!} done={() => enter(entered)} next="已保存，进入后台" /></div>
  return (
    <Form layout="vertical" requiredMark={false} onFinish={send} className="sign-in-way">
      <ProblemAlert problem={problem} />
      {challenge.kind === 'enrol' && <Enrol challenge={challenge} lead="您的职责需要动态验证码：请用手机上的验证器应用扫码，再填写它显示的六位数字。" />}
      {recovery ? (
        <Form.Item name="recovery_code" label="恢复码" rules={[{ required: true, message: '请输入恢复码' }]}><Input autoFocus maxLength={40} autoComplete="off" /></Form.Item>
      ) : (
        <CodeField />
      )}
      <Button type="primary" htmlType="submit" block loading={running}>验证并登录</Button>
      <Flex justify="space-between" className="gap-top">
        {back ? <Button type="link" className="flush" onClick={back}>返回</Button> : <span />}
        {challenge.kind === 'code' && <Button type="link" className="flush" onClick={() => setRecovery(!recovery)}>{recovery ? '用验证码' : '手机不在身边？用恢复码'}</Button>}
      </Flex>
    </Form>
  )
}
