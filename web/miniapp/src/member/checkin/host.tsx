import { useEffect } from 'react'

import { Box, Button, Card, Hint, Skeleton, useGet } from '@/ui'

/** The code for the host's screen: large, and asked for anew when its half minute is over. */
export function Host({ id }: { id: string }) {
  const code = useGet('/meetings/{id}/checkin-code', { path: { id } })
  const { data, reload } = code
  const refused = code.error && !code.loading
  useEffect(() => {
    if (!data || refused) return
    const timer = setTimeout(() => void reload(), Math.max(1000, Date.parse(data.expires_at) - Date.now() + 300))
    return () => clearTimeout(timer)
  }, [data?.code, data?.expires_at, refused, reload])
  return (
    <Card title="主持人屏幕">
      {refused ? (
        <>
          <Hint>{code.error?.message}</Hint>
          <Button kind="plain" onTap={() => void reload()}>再看看</Button>
        </>
      ) : data ? (
        <>
          <Box className="checkin-code" label={`签到码 ${data.code.split('').join(' ')}`} role="img">{data.code}</Box>
          <Hint>请给到会的同志看。半分钟换一次，这里会自动更新。</Hint>
        </>
      ) : <Skeleton lines={2} />}
    </Card>
  )
}
