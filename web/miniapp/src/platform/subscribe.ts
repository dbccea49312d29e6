import Taro from '@tarojs/taro'
import { useEffect, useRef } from 'react'

import { api, core, type Answer } from '@/api'

/** WeChat grants one message for each tap that accepts. What to ask for is asked of the server when the page opens, since the window must open within the tap. */
export function useSubscribe(scene: string, when = true): () => Promise<void> {
  const templates = useRef<string[]>([])
  useEffect(() => {
    if (process.env.TARO_ENV !== 'weapp' || !when || !core.signedIn) return
    api.get('/subscriptions/prompts', { query: { scene } }).then((r) => {
      templates.current = r.template_ids
    }, () => undefined)
  }, [scene, when])
  return async () => {
    const ids = templates.current
    templates.current = []
    await askNow(ids)
  }
}

/** Opens WeChat's window for these templates, and tells the server what was chosen. Never fails: a message less is no reason to stop what the tap was for. */
export async function askNow(ids: string[]): Promise<Answer<'post', '/subscriptions'> | undefined> {
  if (process.env.TARO_ENV !== 'weapp' || ids.length === 0) return undefined
  try {
    const r = (await Taro.requestSubscribeMessage({ tmplIds: ids, entityIds: [] })) as unknown as Record<string, string>
    const results: Record<string, string> = {}
    for (const id of ids) if (r[id]) results[id] = r[id]
    if (Object.keys(results).length === 0) return undefined
    const sent = await api.later('post', '/subscriptions', { body: { results }, label: '订阅结果' })
    return sent.waiting ? undefined : sent.answer
  } catch {
    return undefined
  }
}

/** Whether WeChat's subscriptions can be asked for here. */
export const canSubscribe = process.env.TARO_ENV === 'weapp'
