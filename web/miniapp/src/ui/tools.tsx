import { useRouter, useShareAppMessage } from '@tarojs/taro'
import { useMemo } from 'react'

import { asApiError } from '@/api'
import { address } from '@/nav'
import type { PageName } from '@/pages'
import { canSubscribe } from '@/platform/subscribe'
import { copy, openFile, openLink } from '@/platform/device'
import { entrance } from '@/platform/scene'

import { useAction } from './load'
import { toast } from './overlay'
import { Button } from './parts'

/** What the page was opened with, from a link, a notice or a mini-program code. */
export function useParams(): Record<string, string | undefined> {
  const { params } = useRouter()
  const text = JSON.stringify(params ?? {})
  return useMemo(() => entrance(JSON.parse(text) as Record<string, string>), [text])
}

/** Copies something and says so. */
export function CopyButton({ text, children, what }: { text: string; children: string; what: string }) {
  return (
    <Button kind="plain" small label={`复制${what}`} onTap={() => void copy(text).then((done) => toast(done ? `${what}已复制` : `没有复制成功，请长按选择：${text}`))}>
      {children}
    </Button>
  )
}

/** Opens or saves a file of the API (PDF, Word, Excel, ICS, ZIP). */
export function FileButton({ path, name, children }: { path: string; name: string; children: string }) {
  const open = useAction((_key) => openFile(path, name), { failed: (e) => toast(e.message) })
  return <Button kind="plain" small busy={open.busy} onTap={() => void open.act()}>{children}</Button>
}

/** Opens an address outside; in the mini-program it is copied, since WeChat opens no foreign page. */
export function LinkButton({ url, children, primary }: { url: string; children: string; primary?: boolean }) {
  return (
    <Button kind={primary ? 'primary' : 'plain'} small={!primary} onTap={() => void openLink(url).then((r) => (r === 'copied' ? toast('地址已复制，请到浏览器中粘贴打开') : undefined), (e) => toast(asApiError(e).message))}>
      {children}
    </Button>
  )
}

/** What WeChat's share card shows; in the browser nothing is needed, since the address leads here. */
export function useShare(title: string | undefined, page: PageName, params: Record<string, string | undefined> = {}): void {
  useShareAppMessage(() => ({ title: title ?? '手机党支部', path: address(page, params) }))
}

export { canSubscribe }
