import { App } from 'antd'
import { useEffect } from 'react'
import { useBlocker } from 'react-router'

/** SAVED goes along with a step that follows saving, which needs no warning: `go(to('/pushes'), SAVED)`. */
export const SAVED = { state: { saved: true } }

/** Unsaved warns before a page with unsaved work is left, by a link or by closing the tab. Put `<Unsaved when={dirty} />` into the page. */
export function Unsaved({ when, draft = false }: { when: boolean; draft?: boolean }) {
  const { modal } = App.useApp()
  const blocker = useBlocker(({ currentLocation, nextLocation }) => when && currentLocation.pathname !== nextLocation.pathname && !(nextLocation.state as { saved?: boolean } | null)?.saved)
  useEffect(() => {
    if (blocker.state !== 'blocked') return undefined
    const shown = modal.confirm({
      title: '还有没保存的内容',
      content: draft ? '草稿留在这台电脑的浏览器里，下次打开本页可以接着写。' : '离开后，刚才填写的内容不会保留。',
      okText: '离开',
      cancelText: '留在本页',
      autoFocusButton: 'cancel',
      onOk: () => blocker.proceed(),
      onCancel: () => blocker.reset(),
    })
    return () => shown.destroy()
  }, [blocker, draft, modal])
  useEffect(() => {
    if (!when) return undefined
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [when])
  return null
}
