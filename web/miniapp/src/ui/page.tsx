import Taro, { useDidHide, useDidShow } from '@tarojs/taro'
import { useEffect, useState, useSyncExternalStore, type ReactNode } from 'react'

import { queue } from '@/api'
import { useMe } from '@/me'
import { address, back, go, restart } from '@/nav'
import { tabs, type PageName } from '@/pages'
import { useLookClasses } from '@/platform/look'
import { begin, toSignIn, useSession } from '@/session'

import { Box, Heading, Press, Text } from './base'
import { Icon } from './icon'
import { Overlay } from './overlay'
import { PrivacyAsk } from './privacy'
import { Button } from './parts'
import { Empty, ErrorState, Skeleton } from './states'

const h5 = process.env.TARO_ENV === 'h5'

/** Who may see a page: whoever comes; who is signed in; who is bound to the roster; who leads a branch or is of the office. */
export type Who = 'anyone' | 'signed' | 'member' | 'leader'

/**
 * The frame of every page: its bar, its title, its way back, what stands below, toasts and questions. Who may not see the page is told why and what to do,
 * and `children` is not drawn.
 */
export function Page({ title, tab, who = 'anyone', above = 'home', end, foot, children }: {
  title: string
  /** One of the five places of the bar below. */
  tab?: boolean
  who?: Who
  /** Where back leads when nothing was before. */
  above?: PageName
  /** At the end of the bar above, such as a search button; in the mini-program at the top of the page. */
  end?: ReactNode
  /** The page's main button, always in reach below. */
  foot?: ReactNode
  children: ReactNode
}) {
  const look = useLookClasses()
  const [active, setActive] = useState(true)
  useDidShow(() => setActive(true))
  useDidHide(() => setActive(false))
  useEffect(() => {
    if (!active) return
    if (h5) document.title = `${title} · 手机党支部`
    else void Taro.setNavigationBarTitle({ title })
  }, [title, active])
  const allowed = useGate(who)
  return (
    <Box className={`zb ${look}${h5 ? ' h5' : ''}${tab ? ' with-tabs' : ''}`}>
      {h5 ? <Bar title={title} tab={tab} above={above} end={end} /> : end ? <Box className="we-end">{end}</Box> : null}
      <Box as="main" className="content">
        <Waiting />
        {allowed === true ? children : allowed}
      </Box>
      {foot && allowed === true ? <Box className="foot"><Box className="foot-inside">{foot}</Box></Box> : null}
      {h5 && tab ? <Tabs title={title} /> : null}
      {active ? <Overlay /> : null}
      {active ? <PrivacyAsk /> : null}
    </Box>
  )
}

function Bar({ title, tab, above, end }: { title: string; tab?: boolean; above: PageName; end?: ReactNode }) {
  return (
    <Box as="header" className="bar">
      {tab ? null : <Press className="bar-back" label="返回" onTap={() => back(above)}><Icon name="back" /></Press>}
      <Heading level={1} className="bar-title">{title}</Heading>
      <Box className="bar-end">{end}</Box>
    </Box>
  )
}

function Tabs({ title }: { title: string }) {
  const { me } = useMe()
  const here = Taro.getCurrentInstance().router?.path ?? ''
  return (
    <Box as="nav" className="tabs" label="主要栏目">
      {tabs.map((t) => {
        const on = here ? here.includes(address(t.page)) : t.text === title
        const unread = t.page === 'inbox' ? (me?.unread.notices ?? 0) : 0
        return (
          <Press key={t.page} className={`tab${on ? ' on' : ''}`} current={on} onTap={() => go(t.page)}>
            <Icon name={t.icon} />
            <Text>{t.text}</Text>
            {unread > 0 ? <Text className="badge" label={`${unread} 条未读`}>{unread > 99 ? '99+' : unread}</Text> : null}
          </Press>
        )
      })}
    </Box>
  )
}

/** Tells that something waits for the network; it is sent by itself. */
function Waiting() {
  const count = useSyncExternalStore((f) => queue.onChange(f), () => queue.waiting.length)
  return count > 0 ? (
    <Box className="banner" role="status">
      <Box className="row-main">有 {count} 项内容等待网络恢复后发出。</Box>
      <Button kind="link" onTap={() => void queue.flush()}>现在发送</Button>
    </Box>
  ) : null
}

/** True, or what is shown in place of the page. */
function useGate(who: Who): true | ReactNode {
  const { starting, fault } = useSession()
  const { me, bound, leads } = useMe()
  if (starting) return <Skeleton lines={4} cards={2} />
  if (who === 'anyone') return true
  if (!me) {
    if (fault && fault.passing) return <ErrorState error={fault} retry={() => void begin()} />
    return <Empty title="请先登录" text="登录后就能看到这里的内容。" action="去登录" onAction={toSignIn} />
  }
  if (me.consent_required && bound) {
    return <Empty title="请先阅读个人信息告知书" text="同意后才能使用成员功能；不同意也可以继续看公开内容。" action="去阅读" onAction={() => go('consent')} />
  }
  if (who === 'signed') return true
  if (!bound) return <Empty title="请先绑定身份" text="用名册上的手机号，或支部书记发的邀请码，只需绑定一次。" action="去绑定" onAction={() => go('bind')} />
  if (who === 'leader' && !leads) {
    return <Empty title="这里是支部书记和支委的工作页" text="需要协助支部工作时，请联系支部书记。" action="回首页" onAction={() => restart(address('home'))} />
  }
  return true
}
