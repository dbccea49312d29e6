import { LinkOutlined, LogoutOutlined, MenuOutlined, PrinterOutlined, UserOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Drawer, Dropdown, Grid, Layout, Menu, Result, Spin, type MenuProps } from 'antd'
import { Suspense, useEffect, useMemo, useState } from 'react'
import { Link, Navigate, Outlet, useLocation, useNavigate, useNavigation } from 'react-router'
import { session } from '~/api/client'
import { asProblem } from '~/api/problem'
import { copy, useTell } from '~/ui/buttons'
import { forgetAllDrafts } from '~/ui/draft'
import { useLinkTo } from '~/ui/link'
import { ORG, OrgPicker, useOrg } from '~/ui/org'
import { ProblemPage } from '~/ui/page'
import { useIdle } from './idle'
import { MeProvider, useMe, useMeLoad, useSignedIn } from './me'
import { entryOf, nav, visible, type NavItem } from './nav'
import { useLook, type Look } from './theme'

/** Shell is the frame around all pages: who is signed in, the menu, the branch. `bare` leaves menu and header out, for the host's screen. */
export function Shell({ bare = false }: { bare?: boolean }) {
  const signedIn = useSignedIn()
  const at = useLocation()
  if (!signedIn) return <Navigate to={`/sign-in?to=${encodeURIComponent(at.pathname + at.search)}`} replace />
  return <Inside bare={bare} />
}

function Inside({ bare }: { bare: boolean }) {
  const me = useMeLoad()
  if (me.problem && !me.data) return <main className="whole"><ProblemPage problem={me.problem} retry={me.reload} /></main>
  if (!me.data) return <Waiting />
  return (
    <MeProvider me={me.data} reload={me.reload}>
      <Allowed>{bare ? <Outlet /> : <Frame />}</Allowed>
    </MeProvider>
  )
}

export function Waiting() {
  return <main className="whole"><Spin size="large" aria-label="正在打开" /></main>
}

function Allowed({ children }: { children: React.ReactNode }) {
  const me = useMe()
  const leave = useLeave()
  if (me.leader) return children
  return (
    <main className="whole">
      <Result
        status="403"
        title="这里是支部书记和党办的工作台"
        subTitle={`${me.me?.name ?? '您'}目前没有管理角色。看文章、参加会议、提意见建议，请用手机上的小程序。`}
        extra={<Button type="primary" onClick={leave}>退出登录</Button>}
      />
    </main>
  )
}

/** Leaving takes what the browser kept along: the next person at this computer finds nothing. */
function useLeave() {
  const queries = useQueryClient()
  return () => {
    void session.signOut()
    forgetAllDrafts()
    queries.clear()
  }
}

function Frame() {
  const wide = Grid.useBreakpoint().lg !== false
  const [open, setOpen] = useState(false)
  const at = useLocation()
  const navigation = useNavigation()
  useEffect(() => setOpen(false), [at.pathname])
  useIdle()
  useHeld()
  return (
    <Layout className="frame">
      <a className="skip" href="#content">跳到正文</a>
      {wide ? (
        <Layout.Sider width={216} className="side no-print">
          <Brand />
          <SideMenu />
        </Layout.Sider>
      ) : (
        <Drawer open={open} onClose={() => setOpen(false)} placement="left" size={264} title="手机党支部" styles={{ body: { padding: 0 } }}>
          <SideMenu />
        </Drawer>
      )}
      <Layout>
        <Layout.Header className="top no-print">
          {!wide && <Button type="text" icon={<MenuOutlined />} aria-label="打开菜单" aria-expanded={open} onClick={() => setOpen(true)} />}
          <BranchChooser />
          <span className="spring" />
          <Person wide={wide} />
        </Layout.Header>
        <div className={navigation.state === 'loading' ? 'loading-bar on' : 'loading-bar'} aria-hidden />
        <Layout.Content className="content">
          <main id="content" tabIndex={-1}>
            <Suspense fallback={null}>
              <Outlet />
            </Suspense>
          </main>
        </Layout.Content>
      </Layout>
    </Layout>
  )
}

/** useHeld leads to one's own account who holds a role now that needs a second factor, and has none: all else is refused to them. */
function useHeld() {
  const queries = useQueryClient()
  const go = useNavigate()
  const { pathname } = useLocation()
  useEffect(() => {
    if (pathname === '/account') return undefined
    const held = (error: unknown) => error !== null && asProblem(error).code === 'second_factor_setup_required'
    const cache = queries.getQueryCache()
    if (cache.getAll().some((query) => held(query.state.error))) void go('/account', { replace: true })
    return cache.subscribe((event) => {
      if (event.type === 'updated' && event.action.type === 'error' && held(event.query.state.error)) void go('/account', { replace: true })
    })
  }, [queries, go, pathname])
}

function Brand() {
  return (
    <Link to="/" className="brand" aria-label="手机党支部，回到总览">
      <span className="brand-mark" aria-hidden>
        <i /><i /><i />
      </span>
      手机党支部
    </Link>
  )
}

function SideMenu() {
  const me = useMe()
  const to = useLinkTo()
  const { pathname } = useLocation()
  const items = useMemo(() => visible(nav, me), [me])
  const here = entryOf(items, pathname)
  const [opened, setOpened] = useState<string[]>(here.group ? [here.group] : [])
  useEffect(() => {
    if (here.group) setOpened((now) => (now.includes(here.group) ? now : [...now, here.group]))
  }, [here.group])
  const entry = (item: NavItem): NonNullable<MenuProps['items']>[number] =>
    item.children
      ? { key: item.path, icon: item.icon, label: item.name, children: item.children.map((child) => entry({ ...child, icon: undefined })) }
      : { key: item.path, icon: item.icon, label: <Link to={to(item.path)}>{item.name}</Link> }
  return (
    <nav aria-label="主菜单">
      <Menu mode="inline" selectedKeys={[here.item]} openKeys={opened} onOpenChange={setOpened} items={items.map(entry)} />
    </nav>
  )
}

function BranchChooser() {
  const { id, choose, orgs } = useOrg()
  if (orgs.length < 2) return <span className="branch-only">{orgs[0]?.name}</span>
  return <OrgPicker value={id} onChange={choose} aria-label="所看的组织" style={{ width: 'min(320px, 46vw)' }} />
}

/** The page's address with the branch that is looked at, so that whoever opens it sees the same. */
function shared(org: string): string {
  const at = new URL(window.location.href)
  if (org) at.searchParams.set(ORG, org)
  return at.href
}

function Person({ wide }: { wide: boolean }) {
  const { me } = useMe()
  const go = useNavigate()
  const { modal } = App.useApp()
  const { look, choose } = useLook()
  const leave = useLeave()
  const tell = useTell()
  const { id } = useOrg()
  const menu: MenuProps = {
    selectedKeys: [`look-${look}`],
    items: [
      { key: 'account', icon: <UserOutlined />, label: '账号与登录设备' },
      { key: 'share', icon: <LinkOutlined />, label: '复制本页链接' },
      { key: 'print', icon: <PrinterOutlined />, label: '打印本页' },
      { key: 'look', label: '外观', children: ([['system', '跟随系统'], ['light', '浅色'], ['dark', '深色']] as [Look, string][]).map(([key, label]) => ({ key: `look-${key}`, label })) },
      { type: 'divider' },
      { key: 'leave', icon: <LogoutOutlined />, label: '退出登录' },
    ],
    onClick: ({ key }) => {
      if (key === 'account') void go('/account')
      if (key === 'share') copy(shared(id)).then(() => tell.done('链接已复制，有权限的人打开就是这一页'), tell.failed)
      if (key === 'print') setTimeout(() => window.print(), 300) // the menu has gone by then
      if (key.startsWith('look-')) choose(key.slice(5) as Look)
      if (key === 'leave') {
        modal.confirm({ title: '退出登录？', content: '保存在这台电脑上的草稿也会一并清除。', okText: '退出', cancelText: '取消', onOk: leave })
      }
    },
  }
  return (
    <Dropdown menu={menu} trigger={['click']} placement="bottomRight">
      <Button type="text" icon={<UserOutlined />} aria-label={`${me?.name ?? ''}的账号菜单`}>
        {wide ? me?.name : null}
      </Button>
    </Dropdown>
  )
}
