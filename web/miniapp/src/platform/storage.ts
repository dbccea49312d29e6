import Taro from '@tarojs/taro'

import type { Storage } from '@/api/core'

/** The device's own store. A full or forbidden one (private windows) loses what is kept, never the call that keeps it. */
export const device: Storage = {
  get<T>(key: string): T | undefined {
    try {
      const v: unknown = Taro.getStorageSync(key)
      return v === '' || v === undefined || v === null ? undefined : (v as T)
    } catch {
      return undefined
    }
  },
  set(key, value) {
    try {
      Taro.setStorageSync(key, value)
    } catch {
      // nothing is kept then
    }
  },
  remove(key) {
    try {
      Taro.removeStorageSync(key)
    } catch {
      // there was nothing
    }
  },
}
