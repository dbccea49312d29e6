import { useSyncExternalStore } from 'react'

import { api, ApiError, asApiError, core, plugIn, queue, type Schema } from './api'
import { address, go, here, restart } from './nav'
import { finishReturned, silently, takeReturned } from './platform/login'
import { device } from './platform/storage'

export type Me = Schema<'MeView'>
type Session = Schema<'SessionView'>

/** Who is here. `starting` until that is known; `away` when there is no session. */
export interface State {
  starting: boolean
  me: Me | undefined
  /** Why signing in at start did not succeed. */
  fault?: ApiError
}

let state: State = { starting: true, me: device.get<Me>('me') }
const watching = new Set<() => void>()

function set(part: Partial<State>): void {
  state = { ...state, ...part }
  if ('me' in part) {
    if (part.me) device.set('me', part.me)
    else device.remove('me')
  }
  for (const f of watching) f()
}

/** Takes over the session that a sign-in gave. */
export function take(s: Session): Me {
  core.setTokens({ access: s.access_token, refresh: s.refresh_token })
  set({ starting: false, me: s.me, fault: undefined })
  void queue.flush()
  return s.me
}

async function signInSilently(): Promise<boolean> {
  if (!silently) return false
  take(await silently())
  return true
}

/** Begins: WeChat's answer in the address, then the kept session, then wx.login. Called once, by the app. */
export async function begin(): Promise<void> {
  takeReturned()
  plugIn({ signInAgain: signInSilently, owner: () => state.me?.id ?? '' })
  core.onEnd(() => set({ me: undefined }))
  try {
    const s = await finishReturned()
    if (s) {
      take(s)
      after(s.me, s.return_to)
      return
    }
    if (core.signedIn) {
      set({ starting: state.me === undefined })
      await refreshMe()
      void queue.flush()
    } else {
      set({ me: undefined })
      await signInSilently()
    }
  } catch (e) {
    set({ fault: asApiError(e) })
  } finally {
    set({ starting: false })
  }
}

/** Asks again who this is, what is unread and to do. */
export async function refreshMe(): Promise<Me | undefined> {
  if (!core.signedIn) return undefined
  try {
    const me = await api.get('/me')
    set({ me })
    return me
  } catch (e) {
    if (asApiError(e).status === 401) set({ me: undefined })
    else if (!state.me) throw e
    return undefined
  }
}

/** Signs out here, whatever the server says. */
export async function signOut(): Promise<void> {
  await api.post('/auth/logout').catch(() => undefined)
  forget()
  restart(address('home'))
}

/** Forgets the session on this device, such as after leaving for good. */
export function forget(): void {
  core.setTokens(undefined)
  set({ me: undefined })
}

const wayBack = 'back'

/** Leads to the sign-in and remembers where to come back to. */
export function toSignIn(): void {
  device.set(wayBack, here())
  go('signin')
}

/** After signing in: first what is missing (consent, binding), then back to where the person was. */
export function after(me: Me, to?: string): void {
  if (to) device.set(wayBack, to)
  if (me.consent_required && me.bound) return restart(address('consent'))
  if (!me.bound) return restart(address('bind'))
  comeBack()
}

/** Goes to where the person was before signing in, or home. */
export function comeBack(): void {
  const to = device.get<string>(wayBack) ?? address('home')
  device.remove(wayBack)
  restart(to)
}

function watch(f: () => void): () => void {
  watching.add(f)
  return () => watching.delete(f)
}

/** Who is here, and whether that is known yet. */
export function useSession(): State {
  return useSyncExternalStore(watch, () => state)
}
