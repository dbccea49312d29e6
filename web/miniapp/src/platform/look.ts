import { useSyncExternalStore } from 'react'

import { device } from './storage'
import { systemDark, watchSystemDark } from './dark'

/** How the person wants to see the pages. */
export interface Look {
  shade: 'system' | 'light' | 'dark'
  /** Larger letters. */
  large: boolean
}

const key = 'look'
let look: Look = { shade: 'system', large: false, ...device.get<Look>(key) }
let shown = classes()
const watching = new Set<() => void>()

function dark(): boolean {
  return look.shade === 'dark' || (look.shade === 'system' && systemDark())
}

function classes(): string {
  return `${dark() ? 'dark' : 'light'}${look.large ? ' large' : ''}`
}

function told(): void {
  shown = classes()
  if (process.env.TARO_ENV === 'h5') document.documentElement.className = shown
  for (const f of watching) f()
}

function watch(f: () => void): () => void {
  watching.add(f)
  return () => watching.delete(f)
}

/** Sets the look at start, and again whenever the system goes dark or light. */
export function startLook(): void {
  told()
  watchSystemDark(told)
}

/** Keeps another look on this device. */
export function changeLook(part: Partial<Look>): void {
  look = { ...look, ...part }
  device.set(key, look)
  told()
}

/** The present look, to be set by the person. */
export function useLook(): Look {
  return useSyncExternalStore(watch, () => look)
}

/** The classes that every page carries. */
export function useLookClasses(): string {
  return useSyncExternalStore(watch, () => shown)
}
