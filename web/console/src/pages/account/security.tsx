import { Alert, Button, Card, Form, Input, Modal, Tag, Typography } from 'antd'
import { useState } from 'react'
import { api } from '~/api/client'
import { showFaults, type Challenge, type Fault, type Problem } from '~/api/problem'
import { useAction, useLoad, type Loaded } from '~/api/query'
import type { components } from '~/api/schema'
import { useTell } from '~/ui/buttons'
import { Load, ProblemAlert } from '~/ui/page'
import { when } from '~/ui/time'
import { CodeField, digits, Enrol, RecoveryCodes } from './factor'
import { NewPassword } from './setup'

type Account = components['schemas']['AccountView']
type Proof = { code?: string; recovery_code?: string }
type Step = 'password' | 'factor' | 'codes'

/** useAccount is one's own name and password; `username` is empty for who signs in by scanning alone. */
export function useAccount(): Loaded<Account> {
  return useLoad(['account'], (signal) => api.GET('/api/v1/me/account', { signal }))
}

/** Security is how one signs in: the password, the second factor, the recovery codes. */
export function Security() {
  const account = useAccount()
  const [step, setStep] = useState<Step | null>(null)
  const close = () => setStep(null)
  return (
    <Card title={<h2>登录方式</h2>}>
      <Load of={account} rows={3}>
        {(mine) =>
          !mine.username ? (
            <Typography.Paragraph className="tight">您用手机扫码登录，没有用户名和密码。需要时请管理员在“设置 · 后台账号”里开设。</Typography.Paragraph>
          ) : (
            <>
              {mine.second_factor_required && !mine.second_factor && (
                <Alert
                  className="stack" type="warning" showIcon title="请现在设置动态验证码"
                  description={mine.second_factor_due_at && Date.parse(mine.second_factor_due_at) > Date.now() ? `您的职责需要它。${when(mine.second_factor_due_at)}起，不设置就不能登录。` : '您的职责需要它；设好之前，其他页面打不开。'}
                  action={<Button size="small" type="primary" onClick={() => setStep('factor')}>去设置</Button>}
                />
              )}
              <ul className="lines wide">
                <li><div><strong>密码</strong><div className="line-note">用户名 {mine.username}</div></div><Button onClick={() => setStep('password')}>修改密码</Button></li>
                <li>
                  <div><strong>动态验证码</strong> {mine.second_factor ? <Tag color="green">已设置</Tag> : <Tag color={mine.second_factor_required ? 'orange' : undefined}>未设置</Tag>}<div className="line-note">登录时再输入手机验证器上的六位数字；别人知道密码也进不来。</div></div>
                  <Button onClick={() => setStep('factor')}>{mine.second_factor ? '换手机' : '设置'}</Button>
                </li>
                {mine.second_factor && (
                  <li>
                    <div><strong>恢复码</strong> {mine.recovery_codes_left <= 2 && <Tag color="orange">快用完了</Tag>}<div className="line-note">手机不在身边时用，还剩 {mine.recovery_codes_left} 个。</div></div>
                    <Button onClick={() => setStep('codes')}>重新生成</Button>
                  </li>
                )}
              </ul>
              {step === 'password' && <ChangePassword username={mine.username} close={close} />}
              {step === 'factor' && <SetFactor replace={mine.second_factor} close={close} />}
              {step === 'codes' && <NewCodes close={close} />}
            </>
          )
        }
      </Load>
    </Card>
  )
}

interface Failure {
  problem: Problem
  rest: Fault[]
}

function ChangePassword({ username, close }: { username: string; close: () => void }) {
  const tell = useTell()
  const [form] = Form.useForm()
  const [failure, setFailure] = useState<Failure | null>(null)
  const change = useAction((body: { old: string; new: string }) => api.PUT('/api/v1/me/password', { body }), {
    changes: [['sessions']], done: () => { tell.done('密码已修改，其他设备已退出'); close() }, failed: (problem) => setFailure({ problem, rest: showFaults(form, problem) }),
  })
  return (
    <Modal open title="修改密码" okText="修改" cancelText="取消" confirmLoading={change.running} onOk={() => form.submit()} onCancel={close}>
      <Typography.Paragraph type="secondary">修改后，您在其他设备上的登录都会退出。</Typography.Paragraph>
      {failure && <ProblemAlert problem={failure.problem} faults={failure.rest} />}
      <Form form={form} layout="vertical" requiredMark={false} onFinish={(values: { old: string; new: string }) => { setFailure(null); void change.run({ old: values.old, new: values.new }) }}>
        <input type="text" className="off-screen" autoComplete="username" value={username} readOnly tabIndex={-1} aria-hidden />
        <Form.Item name="old" label="现在的密码" rules={[{ required: true, message: '请输入现在的密码' }]}><Input.Password autoFocus autoComplete="current-password" maxLength={200} /></Form.Item>
        <NewPassword name="new" label="新密码" />
      </Form>
    </Modal>
  )
}

/** ProofField takes digits of the present app, or a recovery code where the phone is gone. */
function ProofField({ recovery, turn }: { recovery: boolean; turn: () => void }) {
  return (
    <>
      {recovery ? (
        <Form.Item name="recovery_code" label="恢复码" rules={[{ required: true, message: '请输入恢复码' }]}><Input autoComplete="off" maxLength={40} /></Form.Item>
      ) : (
        <Form.Item name="code" label="现在的验证器显示的六位数字" rules={[{ required: true, message: '请输入六位数字' }]}><Input inputMode="numeric" autoComplete="one-time-code" maxLength={20} /></Form.Item>
      )}
      <Button type="link" className="flush" onClick={turn}>{recovery ? '用验证码' : '手机不在身边？用恢复码'}</Button>
    </>
  )
}

const proofOf = (values: Proof): Proof => (values.recovery_code ? { recovery_code: values.recovery_code.trim() } : values.code ? { code: digits(values.code) } : {})

function SetFactor({ replace, close }: { replace: boolean; close: () => void }) {
  const [form] = Form.useForm()
  const [recovery, setRecovery] = useState(false)
  const [challenge, setChallenge] = useState<Challenge | null>(null)
  const [codes, setCodes] = useState<string[] | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  const failed = (problem: Problem) => setFailure({ problem, rest: showFaults(form, problem) })
  const begin = useAction((body: Proof & { password: string }) => api.POST('/api/v1/me/second-factor', { body }), { done: (made) => { setChallenge(made as Challenge); form.resetFields() }, failed })
  const confirm = useAction((body: { challenge: string; code: string }) => api.POST('/api/v1/me/second-factor/confirm', { body }), { changes: [[]], done: (made) => setCodes(made.recovery_codes), failed })
  const send = (values: Proof & { password: string }) => {
    setFailure(null)
    if (challenge) void confirm.run({ challenge: challenge.token, code: digits(values.code) })
    else void begin.run({ password: values.password, ...proofOf(values) })
  }
  return (
    <Modal
      open title={codes ? '动态验证码已设好' : replace ? '换一部手机' : '设置动态验证码'} okText={challenge ? '确认' : '下一步'} cancelText="取消" confirmLoading={begin.running || confirm.running}
      onOk={() => form.submit()} onCancel={close} closable={!codes} mask={{ closable: false }} keyboard={!codes} footer={codes ? null : undefined}
    >
      {failure && <ProblemAlert problem={failure.problem} faults={failure.rest} />}
      {codes ? (
        <RecoveryCodes codes={codes} done={close} next="已保存" />
      ) : (
        <Form form={form} layout="vertical" requiredMark={false} onFinish={send}>
          {challenge ? (
            <>
              <Enrol challenge={challenge} lead={`请用${replace ? '新手机上的' : '手机上的'}验证器应用扫码，再填写它显示的六位数字。`} />
              <CodeField />
            </>
          ) : (
            <>
              <Form.Item name="password" label="密码" rules={[{ required: true, message: '请输入密码' }]}><Input.Password autoFocus autoComplete="current-password" maxLength={200} /></Form.Item>
              {replace && <ProofField recovery={recovery} turn={() => setRecovery(!recovery)} />}
            </>
          )}
        </Form>
      )}
    </Modal>
  )
}

function NewCodes({ close }: { close: () => void }) {
  const [form] = Form.useForm()
  const [codes, setCodes] = useState<string[] | null>(null)
  const [failure, setFailure] = useState<Failure | null>(null)
  const renew = useAction((body: { password: string }) => api.POST('/api/v1/me/recovery-codes', { body }), {
    changes: [['account']], done: (made) => setCodes(made.recovery_codes), failed: (problem) => setFailure({ problem, rest: showFaults(form, problem) }),
  })
  return (
    <Modal open title="重新生成恢复码" okText="生成" cancelText="取消" confirmLoading={renew.running} onOk={() => form.submit()} onCancel={close} closable={!codes} mask={{ closable: false }} keyboard={!codes} footer={codes ? null : undefined}>
      {failure && <ProblemAlert problem={failure.problem} faults={failure.rest} />}
      {codes ? (
        <RecoveryCodes codes={codes} done={close} next="已保存" />
      ) : (
        <Form form={form} layout="vertical" requiredMark={false} onFinish={(values: { password: string }) => { setFailure(null); void renew.run({ password: values.password }) }}>
          <Typography.Paragraph type="secondary">原有的恢复码会全部作废。</Typography.Paragraph>
          <Form.Item name="password" label="密码" rules={[{ required: true, message: '请输入密码' }]}><Input.Password autoFocus autoComplete="current-password" maxLength={200} /></Form.Item>
        </Form>
      )}
    </Modal>
  )
}
