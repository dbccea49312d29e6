import { api, ApiError, core, type Answer, type Schema } from '@/api'

import { device } from './storage'

type Session = Schema<'SessionView'>

/** What came back from WeChat's page in the address, taken out of it at start. */
export const returned: { code?: string; state?: string } = {}

/** Reads WeChat's code out of the address; a reload shall not send it again. */
export function takeReturned(): void {
  const q = new URLSearchParams(location.search)
  const code = q.get('code')
  const state = q.get('state')
  if (!code || !state) return
  Object.assign(returned, { code, state })
  history.replaceState(history.state, '', location.pathname + location.hash)
}

/** Finishes the sign-in that WeChat led back from. */
export async function finishReturned(): Promise<Session | undefined> {
  const { code, state } = returned
  delete returned.code
  delete returned.state
  if (!code || !state) return undefined
  try {
    return await api.post('/auth/oauth', { body: { code, state } })
  } catch (e) {
    if (e instanceof ApiError && e.code === 'oauth_userinfo_required' && typeof e.extra.url === 'string') {
      location.assign(e.extra.url)
      return new Promise(() => undefined) // the page is being left
    }
    throw e
  }
}

/** Leads to WeChat's page; it comes back to the place given. */
export async function throughWechat(back: string): Promise<void> {
  const r: Answer<'get', '/auth/oauth'> = await api.get('/auth/oauth', { query: { return_to: back || undefined } })
  location.assign(r.url)
}

/** Whether this is WeChat's own browser. */
export const inWechat = /MicroMessenger/i.test(navigator.userAgent)

/** Signs in without the person; a browser cannot. */
export const silently: (() => Promise<Session>) | undefined = undefined

/** Signs in as one of the demonstration's people. */
export async function asPersona(persona: string): Promise<Session> {
  const { code } = await core.call<{ code: string }>('post', '/client/persona', { body: { persona } })
  const s = await api.post('/auth/wechat', { body: { code } })
  device.set('persona', persona)
  return s
}

/** The demonstration's phone code of who is signed in; a browser has no other. */
export async function personaPhone(): Promise<string> {
  const { code } = await core.call<{ code: string }>('post', '/client/persona/phone', { body: { persona: device.get<string>('persona') ?? '' } })
  return code
}
