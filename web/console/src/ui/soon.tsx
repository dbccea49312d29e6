import { Result } from 'antd'

/** Soon stands in pages that are still to be written, so that nobody takes an empty page for an empty list. Such pages are not in the menu. */
export function Soon() {
  return <Result status="info" title="这个页面还没有建好" subTitle="请先在手机小程序上办理；这里建好后会出现在左边的菜单里。" />
}
