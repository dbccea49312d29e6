import { personaPhone } from '@/platform/login'

import { useAction } from './load'
import { Button } from './parts'

/** WeChat's button that hands over the phone number. A browser has none: only the demonstration's people have a number to give. */
export function PhoneButton({ onCode, busy, demo }: { onCode: (code: string) => void; busy?: boolean; demo?: boolean }) {
  const ask = useAction((_key: string) => personaPhone(), { done: (code: string) => onCode(code) })
  if (!demo) return null
  return <Button wide busy={busy || ask.busy} onTap={() => void ask.act()}>用手机号绑定（演示）</Button>
}

/** Whether there may be such a button here, outside the demonstration. */
export const hasPhone = false
