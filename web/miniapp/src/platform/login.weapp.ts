import Taro from '@tarojs/taro'

import { api, ApiError, type Schema } from '@/api'

type Session = Schema<'SessionView'>

/** The mini-program comes back from nowhere. */
export function takeReturned(): void {
  // no address to read
}

export async function finishReturned(): Promise<Session | undefined> {
  return undefined
}

export async function throughWechat(_back: string): Promise<void> {
  throw new ApiError({ code: 'client', detail: '请在小程序中登录。' })
}

export const inWechat = true

/** Signs in by WeChat without a question to the person. */
export const silently: (() => Promise<Session>) | undefined = async () => {
  const { code } = await Taro.login().catch(() => {
    throw new ApiError({ code: 'offline', detail: '微信登录没有成功，请检查网络后再试。' })
  })
  return api.post('/auth/wechat', { body: { code } })
}

export async function asPersona(_persona: string): Promise<Session> {
  throw new ApiError({ code: 'client', detail: '演示身份仅用于浏览器。' })
}

export async function personaPhone(): Promise<string> {
  throw new ApiError({ code: 'client', detail: '请点“用微信手机号绑定”。' })
}
