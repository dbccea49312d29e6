import { Button } from '@tarojs/components'

import { toast } from './overlay'

export function PhoneButton({ onCode, busy }: { onCode: (code: string) => void; busy?: boolean; demo?: boolean }) {
  return (
    <Button
      className="press btn btn-primary btn-wide" hoverClass="down" openType="getPhoneNumber" disabled={busy}
      onGetPhoneNumber={(e) => {
        const code = (e.detail as { code?: string }).code
        if (code) onCode(code)
        else toast('没有取得手机号，也可以用姓名和邀请码绑定')
      }}
    >
      {busy ? '请稍候…' : '用微信手机号绑定'}
    </Button>
  )
}

export const hasPhone = true
