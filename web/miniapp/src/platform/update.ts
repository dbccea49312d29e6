import Taro from '@tarojs/taro'

/** A new version of the mini-program is taken at the next quiet moment, which the person chooses. */
export function watchUpdates(ask: () => Promise<boolean>): void {
  if (process.env.TARO_ENV !== 'weapp') return
  const m = Taro.getUpdateManager()
  m.onUpdateReady(() => {
    void ask().then((yes) => {
      if (yes) m.applyUpdate()
    })
  })
}
