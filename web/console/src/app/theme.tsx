import { App as AntApp, ConfigProvider, theme } from 'antd'
import zhCN from 'antd/locale/zh_CN'
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react'

export type Look = 'light' | 'dark' | 'system'

const KEY = 'zhibu.console.look'
const LookContext = createContext<{ look: Look; dark: boolean; choose: (look: Look) => void }>({ look: 'system', dark: false, choose: () => undefined })

export function useLook() {
  return useContext(LookContext)
}

function keptLook(): Look {
  try {
    const kept = localStorage.getItem(KEY)
    return kept === 'light' || kept === 'dark' ? kept : 'system'
  } catch {
    return 'system'
  }
}

/** The nonce that the server put into this page; style sheets made while the program runs carry it. */
export function styleNonce(): string | undefined {
  const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')
  return meta?.nonce || meta?.getAttribute('nonce') || undefined
}

/**
 * A few libraries make style elements without asking for a nonce (the scroll lock of dialogs, the editor). Each style element made here gets it,
 * so that the content security policy can refuse all others.
 */
export function giveStylesTheNonce(): void {
  const nonce = styleNonce()
  if (!nonce) return
  const make = Document.prototype.createElement
  Document.prototype.createElement = function createElement(this: Document, name: string, options?: ElementCreationOptions) {
    const element = make.call(this, name, options) as HTMLElement
    if (name.toLowerCase() === 'style') element.nonce = nonce
    return element
  } as typeof make
}

export function Theme({ children }: { children: ReactNode }) {
  const [look, setLook] = useState<Look>(keptLook)
  const [systemDark, setSystemDark] = useState(() => window.matchMedia('(prefers-color-scheme: dark)').matches)
  useEffect(() => {
    const media = window.matchMedia('(prefers-color-scheme: dark)')
    const changed = () => setSystemDark(media.matches)
    media.addEventListener('change', changed)
    return () => media.removeEventListener('change', changed)
  }, [])
  const dark = look === 'dark' || (look === 'system' && systemDark)
  useEffect(() => {
    document.documentElement.dataset.look = dark ? 'dark' : 'light'
  }, [dark])
  const value = useMemo(
    () => ({
      look,
      dark,
      choose: (next: Look) => {
        setLook(next)
        try {
          localStorage.setItem(KEY, next)
        } catch {
          // It holds until the page is left.
        }
      },
    }),
    [look, dark],
  )
  const nonce = useMemo(styleNonce, [])
  return (
    <LookContext.Provider value={value}>
      <ConfigProvider
        locale={zhCN}
        button={{ autoInsertSpace: false }}
        csp={nonce ? { nonce } : undefined}
        theme={{
          algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
          token: {
            colorPrimary: '#b3261e',
            colorInfo: '#1f5fa8',
            colorLink: dark ? '#7fb2ec' : '#1f5fa8',
            colorTextTertiary: dark ? 'rgba(255,255,255,0.62)' : 'rgba(0,0,0,0.58)',
            colorTextDescription: dark ? 'rgba(255,255,255,0.65)' : 'rgba(0,0,0,0.6)',
            colorTextPlaceholder: dark ? 'rgba(255,255,255,0.55)' : 'rgba(0,0,0,0.55)',
            borderRadius: 8,
            fontFamily: 'system-ui, -apple-system, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif',
          },
          components: { Layout: { siderBg: dark ? '#141414' : '#fff', headerBg: dark ? '#141414' : '#fff', bodyBg: dark ? '#0b0b0b' : '#f5f5f6', headerPadding: '0 16px' } },
        }}
      >
        <AntApp>{children}</AntApp>
      </ConfigProvider>
    </LookContext.Provider>
  )
}
