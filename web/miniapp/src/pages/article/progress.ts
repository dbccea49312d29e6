import Taro, { useDidHide, usePageScroll } from '@tarojs/taro'
import { useCallback, useEffect, useRef, useState } from 'react'

import { api } from '@/api'
import { seen, worth } from '@/text/progress'

/** How much of the element has been on the screen, in percent. Told to the server for the reader's own record; no time is measured. */
export function useProgress(id: string, element: string, o: { ready: boolean; begun: number; tell: boolean }): number {
  const [percent, setPercent] = useState(o.begun)
  const most = useRef(o.begun)
  const sent = useRef(o.begun)
  if (o.begun > sent.current) sent.current = o.begun
  const send = useCallback(() => {
    if (!o.tell || !worth(sent.current, most.current)) return
    sent.current = most.current
    void api.later('post', '/articles/{id}/reads', { path: { id }, body: { percent: most.current }, label: '阅读进度', place: `read:${id}` }).catch(() => undefined)
  }, [id, o.tell])
  const look = useCallback(async () => {
    const box = await measured(element)
    if (!box) return
    const now = Math.max(most.current, o.begun, seen(box.top, box.height, box.screen))
    if (now === most.current) return
    most.current = now
    setPercent(now)
    send()
  }, [element, o.begun, send])
  useEffect(() => {
    if (o.ready) void look()
  }, [o.ready, look])
  usePageScroll(() => void look())
  useEffect(() => {
    if (process.env.TARO_ENV !== 'h5' || !o.ready) return
    // The page scrolls within Taro's container, whose events do not bubble: listening while they are caught hears all.
    const heard = () => void look()
    document.addEventListener('scroll', heard, { capture: true, passive: true })
    return () => document.removeEventListener('scroll', heard, { capture: true })
  }, [o.ready, look])
  useDidHide(send)
  useEffect(() => send, [send])
  return Math.max(percent, o.begun)
}

async function measured(id: string): Promise<{ top: number; height: number; screen: number } | undefined> {
  if (process.env.TARO_ENV === 'h5') {
    const b = document.getElementById(id)?.getBoundingClientRect()
    return b && b.height > 0 ? { top: b.top, height: b.height, screen: window.innerHeight } : undefined
  }
  return new Promise((done) => {
    Taro.createSelectorQuery().select(`#${id}`).boundingClientRect((r) => {
      const b = r as { top: number; height: number } | null
      done(b ? { top: b.top, height: b.height, screen: Taro.getWindowInfo().windowHeight } : undefined)
    }).exec()
  })
}
