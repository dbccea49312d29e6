import { Button as WeButton } from '@tarojs/components'
import Taro from '@tarojs/taro'
import { useEffect, useState } from 'react'

import { Box } from './base'
import { Sheet } from './overlay'
import { Button } from './parts'

type Answer = (a: { event: 'agree' | 'disagree' | 'exposureAuthorization'; buttonId?: string }) => void

/** WeChat asks for the person's agreement before the album, the clipboard or the camera is used. The page that is shown asks, once for all that wait. */
export function PrivacyAsk() {
  const [asked, setAsked] = useState<Answer[]>([])
  useEffect(() => {
    Taro.onNeedPrivacyAuthorization?.((resolve) => setAsked((all) => [...all, resolve as unknown as Answer]))
  }, [])
  if (asked.length === 0) return null
  const settle = (event: 'agree' | 'disagree') => {
    for (const f of asked) f(event === 'agree' ? { event, buttonId: 'privacy-agree' } : { event })
    setAsked([])
  }
  return (
    <Sheet title="使用前请您知悉" kind="dialog" onClose={() => settle('disagree')}>
      <Box className="dialog-text">接下来的功能要用到微信的剪贴板、相册或相机。只在您点按时使用，详见《用户隐私保护指引》。</Box>
      <Button kind="link" onTap={() => void Taro.openPrivacyContract?.({})}>阅读《用户隐私保护指引》</Button>
      <WeButton id="privacy-agree" className="press btn btn-primary btn-wide" hoverClass="down" openType="agreePrivacyAuthorization" {...({ onAgreePrivacyAuthorization: () => settle('agree') } as object)}>
        同意
      </WeButton>
      <Button kind="plain" wide onTap={() => settle('disagree')}>不同意</Button>
    </Sheet>
  )
}
