import { Button, Flex, Result } from 'antd'
import { useRouteError } from 'react-router'

/** A page whose file is gone was replaced by a newer build while it was open. */
function outdated(error: unknown): boolean {
  return error instanceof Error && /dynamically imported module|Importing a module script failed|Unable to preload/i.test(error.message)
}

/** Crash stands where a page could not be drawn; the rest of the console goes on. */
export function Crash({ whole = false }: { whole?: boolean }) {
  const error = useRouteError()
  const old = outdated(error)
  return (
    <main className={whole ? 'whole' : undefined}>
      <Result
        status={old ? 'info' : 'error'}
        title={old ? '管理后台有新版本' : '这个页面出了问题'}
        subTitle={old ? '刷新后即可继续，草稿不会丢失。' : '其他页面不受影响。刷新后若仍然如此，请把您做了什么告诉管理员。'}
        extra={
          <Flex justify="center" gap={8}>
            <Button type="primary" onClick={() => window.location.reload()}>
              刷新
            </Button>
            <Button href="/console/">回到总览</Button>
          </Flex>
        }
      />
    </main>
  )
}
