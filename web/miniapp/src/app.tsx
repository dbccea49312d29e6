import { useLaunch, useDidShow } from '@tarojs/taro'
import Taro from '@tarojs/taro'
import type { ReactNode } from 'react'

import { queue } from './api'
import { startLook } from './platform/look'
import { watchUpdates } from './platform/update'
import { begin } from './session'
import { confirm, toast } from './ui'
import './app.css'

/** The whole client: who is here, what waits for the network, the look. */
export default function App({ children }: { children: ReactNode }) {
  useLaunch(() => {
    startLook()
    watchUpdates(() => confirm({ title: '新版本已备好', text: '重启小程序即可使用，正在填写的内容请先保存。', ok: '重启', cancel: '稍后' }))
    queue.onRefused((w, e) => toast(`${w.label}没有成功：${e.message}`))
    Taro.onNetworkStatusChange?.((r) => {
      if (r.isConnected) void queue.flush()
    })
    void begin()
  })
  useDidShow(() => void queue.flush())
  return children
}
