import { CopyOutlined, DownloadOutlined, PrinterOutlined } from '@ant-design/icons'
import { App, Button, Input, type ButtonProps } from 'antd'
import { useRef, useState, type ReactNode } from 'react'
import { download } from '~/api/client'
import { asProblem } from '~/api/problem'

/** useTell shows what happened: tell.done('已保存'), tell.failed(problem). */
export function useTell() {
  const { message } = App.useApp()
  return {
    done: (text: ReactNode) => void message.success(text),
    note: (text: ReactNode) => void message.info(text),
    failed: (error: unknown) => void message.error(asProblem(error).message, 6),
  }
}

/** CopyButton copies a text, and says so. */
export function CopyButton({ text, children = '复制', what = '已复制', ...rest }: ButtonProps & { text: string | (() => string | Promise<string>); what?: string }) {
  const tell = useTell()
  return (
    <Button
      icon={<CopyOutlined />}
      {...rest}
      onClick={async () => {
        try {
          await copy(typeof text === 'string' ? text : await text())
          tell.done(what)
        } catch (error) {
          tell.failed(error)
        }
      }}
    >
      {children}
    </Button>
  )
}

/** Browsers give the clipboard to https and the own machine alone; elsewhere the old way still works. */
export async function copy(text: string): Promise<void> {
  if (window.isSecureContext && 'clipboard' in navigator) return navigator.clipboard.writeText(text)
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'off-screen'
  document.body.append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  if (!done) throw new Error('浏览器不允许复制，请手动选中后复制。')
}

/** ExportButton saves a file of the API: `<ExportButton path={'/api/v1/orgs/…/members/export'} name="花名册.xlsx">`. */
export function ExportButton({ path, name, children = '导出', ...rest }: ButtonProps & { path: string; name: string }) {
  const tell = useTell()
  const [running, setRunning] = useState(false)
  return (
    <Button
      icon={<DownloadOutlined />}
      loading={running}
      {...rest}
      onClick={async () => {
        setRunning(true)
        try {
          await download(path, name)
        } catch (error) {
          tell.failed(error)
        } finally {
          setRunning(false)
        }
      }}
    >
      {children}
    </Button>
  )
}

export function PrintButton(props: ButtonProps) {
  return (
    <Button icon={<PrinterOutlined />} onClick={() => window.print()} {...props}>
      打印
    </Button>
  )
}

export interface Confirm {
  title: ReactNode
  /** What will happen, and whether it can be taken back. */
  content?: ReactNode
  /** The button's word: what is done, never a bare 确定. */
  ok: string
  danger?: boolean
  /** Asks for a reason in words; given to `act`. */
  reason?: { label: string; required?: boolean; placeholder?: string; maxLength?: number }
  act: (reason: string) => unknown
}

/** useConfirm asks before what hurts: `confirm({ title: '撤回这篇文章？', ok: '撤回', danger: true, act: () => withdraw.run(id) })`. */
export function useConfirm(): (ask: Confirm) => void {
  const { modal } = App.useApp()
  const reason = useRef('')
  return (ask) => {
    reason.current = ''
    const shown = modal.confirm({
      title: ask.title,
      okText: ask.ok,
      cancelText: '取消',
      okButtonProps: { danger: ask.danger, disabled: ask.reason?.required },
      autoFocusButton: ask.danger && !ask.reason ? 'cancel' : 'ok',
      content: (
        <>
          {ask.content}
          {ask.reason && (
            <label className="confirm-reason">
              <span>{ask.reason.label}</span>
              <Input.TextArea
                autoFocus
                rows={3}
                maxLength={ask.reason.maxLength ?? 200}
                showCount
                placeholder={ask.reason.placeholder}
                onChange={(event) => {
                  reason.current = event.target.value
                  shown.update({ okButtonProps: { danger: ask.danger, disabled: ask.reason?.required && !reason.current.trim() } })
                }}
              />
            </label>
          )}
        </>
      ),
      onOk: () => ask.act(reason.current.trim()) as Promise<void> | undefined,
    })
  }
}
