import Taro from '@tarojs/taro'

let theme = Taro.getAppBaseInfo?.().theme

/** Whether the system is dark now. */
export function systemDark(): boolean {
  return theme === 'dark'
}

/** Tells when the system goes dark or light. */
export function watchSystemDark(f: () => void): void {
  Taro.onThemeChange?.((r) => {
    theme = r.theme as 'dark' | 'light'
    f()
  })
}
