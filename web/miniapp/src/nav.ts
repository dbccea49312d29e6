import Taro from '@tarojs/taro'

import { pages, tabs, type PageName } from './pages'
import { device } from './platform/storage'

type Params = Record<string, string | number | boolean | undefined>

/** The address of a page within the client: /pages/article/detail?id=… */
export function address(page: PageName, params: Params = {}): string {
  const pairs = Object.entries(params).filter(([, v]) => v !== undefined && v !== '').map(([k, v]) => `${k}=${encodeURIComponent(String(v))}`)
  return `/${pages[page]}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`
}

const isTab = (path: string) => tabs.some((t) => path.replace(/^\//, '').split('?')[0] === pages[t.page])

/** Opens a page. A place of the bar takes no parameters in the mini-program: `handed(page)` takes what was to come along. */
export function go(page: PageName, params: Params = {}): void {
  const url = address(page, params)
  if (!isTab(url)) {
    if (Taro.getCurrentPages().length >= 10) void Taro.redirectTo({ url }) // WeChat's stack holds ten
    else void Taro.navigateTo({ url })
    return
  }
  if (process.env.TARO_ENV === 'weapp') {
    if (Object.keys(params).length > 0) device.set(`handed:${page}`, params)
    void Taro.switchTab({ url: address(page) })
  } else void Taro.reLaunch({ url })
}

/** Opens a page in the place of this one: back will not come here again. */
export function replace(page: PageName, params: Params = {}): void {
  const url = address(page, params)
  if (isTab(url)) go(page, params)
  else void Taro.redirectTo({ url })
}

/** Opens a page and forgets the way that led here. */
export function restart(url: string): void {
  if (process.env.TARO_ENV === 'weapp' && isTab(url)) void Taro.switchTab({ url: url.split('?')[0] ?? url })
  else void Taro.reLaunch({ url })
}

/** Opens the page that a notice or a push names: pages/meeting/detail?id=… An unknown one opens the inbox. */
export function open(path: string): void {
  const [name = '', query = ''] = path.replace(/^\//, '').split('?')
  const page = (Object.keys(pages) as PageName[]).find((p) => pages[p] === name)
  if (!page) return go('inbox')
  const params: Params = {}
  for (const pair of query.split('&')) {
    const at = pair.indexOf('=')
    if (at > 0) params[pair.slice(0, at)] = decodeURIComponent(pair.slice(at + 1))
  }
  go(page, params)
}

/** What go() handed to a place of the bar in the mini-program, once. */
export function handed(page: PageName): Record<string, string> {
  const p = device.get<Record<string, string>>(`handed:${page}`) ?? {}
  device.remove(`handed:${page}`)
  return p
}

/** Goes back; where there is nothing before, to the page above or home. */
export function back(above: PageName = 'home'): void {
  if (Taro.getCurrentPages().length > 1) void Taro.navigateBack()
  else restart(address(above))
}

/** Where the person is, as an address. */
export function here(): string {
  if (process.env.TARO_ENV === 'h5') return withoutStamp(window.location.hash.replace(/^#/, '')) || address('home')
  const all = Taro.getCurrentPages()
  const p = all[all.length - 1]
  const pairs = Object.entries((p?.options ?? {}) as Params).filter(([k, v]) => v !== undefined && !k.startsWith('$')).map(([k, v]) => `${k}=${encodeURIComponent(decodeURIComponent(String(v)))}`)
  return withoutStamp(`/${p?.route ?? pages.home}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`)
}

/** An address without the mark by which Taro tells two openings of a page apart. */
export function withoutStamp(url: string): string {
  const [path = '', query = ''] = url.split('?')
  const rest = query.split('&').filter((x) => x !== '' && !x.startsWith('stamp='))
  return rest.length > 0 ? `${path}?${rest.join('&')}` : path
}
