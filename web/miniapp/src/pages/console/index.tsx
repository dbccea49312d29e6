import { useState } from 'react'

import { api } from '@/api'
import { address, restart } from '@/nav'
import { canScan, scan } from '@/platform/device'
import { entrance } from '@/platform/scene'
import { Banner, Button, Card, Empty, Hint, Page, toast, useAction, useParams } from '@/ui'

/** The code that a scanned text carries: …/m/#/console?code=…, or pages/console/index?code=… */
export function codeOf(text: string): string {
  const query = text.split('?').slice(1).join('?')
  const params: Record<string, string> = {}
  for (const pair of query.split('&')) params[pair.split('=')[0] ?? ''] = pair.slice(pair.indexOf('=') + 1)
  const e = entrance(params)
  return e.code ?? e.id ?? ''
}

/** Lets the person who scanned the console's code in, after a question: nobody's console opens by looking at a picture. */
export default function ConsoleSignIn() {
  const params = useParams()
  const [scanned, setScanned] = useState('')
  const [done, setDone] = useState(false)
  const code = scanned || params.code || params.id || ''
  const approve = useAction((key) => api.post('/auth/console-codes/{id}/approve', { path: { id: code }, key }), { done: () => setDone(true), failed: () => undefined })
  const look = async () => {
    const text = await scan()
    if (text === undefined) return
    const found = codeOf(text)
    if (found) setScanned(found)
    else toast('这不是管理后台的登录码')
  }
  const home = () => restart(address('home'))
  return (
    <Page title="登录管理后台" who="member" above="mine">
      {done ? (
        <Empty title="已确认登录" text="请回到电脑继续操作。" action="回首页" onAction={home} />
      ) : code ? (
        <Card title="电脑端正在请求登录">
          <Hint>确认是您本人在电脑上操作。若不是，请选择“不是我”，对方无法登录。</Hint>
          {approve.fault ? <Banner tone="warn">{approve.fault.message}</Banner> : null}
          <Button wide busy={approve.busy} onTap={() => void approve.act()}>确认登录</Button>
          <Button wide kind="plain" onTap={home}>不是我</Button>
        </Card>
      ) : canScan ? (
        <Card title="扫码登录">
          <Hint>在电脑上打开管理后台，扫描页面上的二维码。</Hint>
          <Button wide onTap={() => void look()}>扫一扫</Button>
        </Card>
      ) : (
        <Empty title="请扫描登录码" text="在电脑上打开管理后台，用手机相机或微信扫描页面上的二维码。" action="回首页" onAction={home} />
      )}
    </Page>
  )
}
