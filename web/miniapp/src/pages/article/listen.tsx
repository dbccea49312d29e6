import { useEffect, useState } from 'react'

import { api } from '@/api'
import { canSpeak, hush, speak } from '@/platform/speak'
import { Box, Button, CopyButton, Hint, Load, Sheet, useLoad } from '@/ui'

/** The plain text: read aloud where the device has a voice, else for the phone's own reading aloud. */
export function Listen({ id }: { id: string }) {
  const [open, setOpen] = useState(false)
  useEffect(() => hush, [])
  return (
    <>
      <Button kind="plain" onTap={() => setOpen(true)}>听 · 纯文字</Button>
      {open ? (
        <Sheet
          title="纯文字"
          onClose={() => {
            hush()
            setOpen(false)
          }}
        >
          <Plain id={id} />
        </Sheet>
      ) : null}
    </>
  )
}

function Plain({ id }: { id: string }) {
  const text = useLoad(() => api.get('/articles/{id}/text', { path: { id } }) as Promise<string>, [id])
  const [speaking, setSpeaking] = useState(false)
  return (
    <Load of={text}>
      {(t) => (
        <>
          {canSpeak() ? (
            <Button
              onTap={() => {
                if (speaking) hush()
                else speak(t, () => setSpeaking(false))
                setSpeaking(!speaking)
              }}
            >
              {speaking ? '停止朗读' : '朗读'}
            </Button>
          ) : <Hint>可用手机自带的“朗读屏幕”收听。</Hint>}
          <Box className="article-plain">{t}</Box>
          <CopyButton text={t} what="全文">复制全文</CopyButton>
        </>
      )}
    </Load>
  )
}
