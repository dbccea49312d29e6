import { App } from 'antd'
import { useEffect } from 'react'
import { session } from '~/api/client'

/** After this long without a key, a click or a touch the session ends; the server ends it on its own clock too. */
export const IDLE_MINUTES = 30
const WARN_MINUTES = 28

/** useIdle ends the session of an abandoned desk, and warns before. Drafts stay, so that nothing written is lost. */
export function useIdle(): void {
  const { modal } = App.useApp()
  useEffect(() => {
    let warned: { destroy: () => void } | null = null
    let last = 0
    const here = () => {
      const now = Date.now()
      if (now - last < 5000) return
      last = now
      session.touch()
      warned?.destroy()
      warned = null
    }
    const check = () => {
      const idle = session.idle() / 60_000
      if (idle >= IDLE_MINUTES) {
        warned?.destroy()
        void session.signOut()
      } else if (idle >= WARN_MINUTES) {
        warned ??= modal.warning({ title: '您还在吗？', content: '两分钟后将自动退出登录；草稿会保留。', okText: '继续使用', onOk: here })
      } else if (warned) {
        warned.destroy()
        warned = null
      }
    }
    const events = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const
    for (const event of events) window.addEventListener(event, here, { passive: true })
    const timer = setInterval(check, 15_000)
    check() // a tab that wakes up after a night has no timer behind it
    document.addEventListener('visibilitychange', check)
    return () => {
      for (const event of events) window.removeEventListener(event, here)
      document.removeEventListener('visibilitychange', check)
      clearInterval(timer)
      warned?.destroy()
    }
  }, [modal])
}
