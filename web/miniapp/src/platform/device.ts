import Taro from '@tarojs/taro'

import { ApiError, api, core } from '@/api'

/** Copies to the clipboard; false when the device forbids it. */
export async function copy(text: string): Promise<boolean> {
  try {
    if (process.env.TARO_ENV === 'weapp') await Taro.setClipboardData({ data: text })
    else await copyInBrowser(text)
    return true
  } catch {
    return false
  }
}

async function copyInBrowser(text: string): Promise<void> {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text)
  const field = document.createElement('textarea') // plain http, as within a hospital's network
  field.value = text
  field.setAttribute('readonly', '')
  field.className = 'off-screen'
  document.body.appendChild(field)
  field.select()
  const done = document.execCommand('copy')
  field.remove()
  if (!done) throw new Error('refused')
}

/** Opens a file of the API that needs the token, such as a PDF, or one of /files/: shown in the mini-program, saved in the browser. */
export async function openFile(path: string, name: string): Promise<void> {
  const url = path.startsWith('/files/') ? SERVER + path : api.address(path)
  if (process.env.TARO_ENV === 'weapp') {
    const r = await Taro.downloadFile({ url, header: core.authorization(), timeout: 60_000 }).catch(() => {
      throw new ApiError({ code: 'offline', detail: '下载没有成功，请检查网络后再试。' })
    })
    if (r.statusCode !== 200) throw new ApiError({ code: 'client', status: r.statusCode, detail: '暂时不能下载，请稍后再试。' })
    await Taro.openDocument({ filePath: r.tempFilePath, showMenu: true }).catch(() => {
      throw new ApiError({ code: 'client', detail: '手机不能打开这种文件，请在电脑浏览器中下载。' })
    })
    return
  }
  const blob = await fetched(url)
  const address = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  document.body.appendChild(link)
  link.click()
  link.remove()
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}

async function fetched(url: string): Promise<Blob> {
  const ask = () => fetch(url, { headers: core.authorization() }).catch(() => {
    throw new ApiError({ code: 'offline', detail: '下载没有成功，请检查网络后再试。' })
  })
  let r = await ask()
  if (r.status === 401) {
    await core.call('get', '/me') // renews the session
    r = await ask()
  }
  if (!r.ok) throw new ApiError({ code: 'client', status: r.status, detail: '暂时不能下载，请稍后再试。' })
  return r.blob()
}

/** Opens an address outside: the browser in a new tab; the mini-program may not, and copies it. Answers what was done. */
export async function openLink(url: string): Promise<'opened' | 'copied'> {
  if (process.env.TARO_ENV !== 'weapp') {
    window.open(url, '_blank', 'noopener')
    return 'opened'
  }
  await Taro.setClipboardData({ data: url })
  return 'copied'
}

/** Lets the person choose pictures; empty when they think better of it. */
export async function choosePictures(most: number): Promise<{ path: string; size: number }[]> {
  const r = await Taro.chooseImage({ count: most, sizeType: ['compressed'], sourceType: ['album', 'camera'] }).catch(() => undefined)
  return (r?.tempFiles ?? []).map((f) => ({ path: f.path, size: f.size }))
}

/** Reads a code with the camera, in the mini-program; undefined when it cannot or the person thinks better of it. */
export async function scan(): Promise<string | undefined> {
  if (process.env.TARO_ENV !== 'weapp') return undefined
  return Taro.scanCode({ onlyFromCamera: false }).then((r) => r.path || r.result, () => undefined)
}

/** Whether a code can be read here. */
export const canScan = process.env.TARO_ENV === 'weapp'

/** Calls a telephone number. */
export function phone(number: string): void {
  if (process.env.TARO_ENV === 'weapp') void Taro.makePhoneCall({ phoneNumber: number }).catch(() => undefined)
  else location.href = `tel:${number}`
}
