import {
  ApartmentOutlined, AuditOutlined, BellOutlined, CalendarOutlined, CheckSquareOutlined, CommentOutlined, DashboardOutlined, FileTextOutlined,
  NotificationOutlined, SafetyCertificateOutlined, SettingOutlined, SolutionOutlined, TeamOutlined,
} from '@ant-design/icons'
import type { ReactNode } from 'react'
import type { Myself } from './me'

export interface NavItem {
  path: string
  name: string
  icon?: ReactNode
  /** Who sees it; all who may enter the console when left out. */
  who?: (me: Myself) => boolean
  /** Still to be written: not shown. */
  soon?: boolean
  children?: NavItem[]
}

const office = (me: Myself) => me.office

/** The menu. What is not shown is not allowed either, but that the server decides. */
export const nav: NavItem[] = [
  { path: '/', name: '总览', icon: <DashboardOutlined /> },
  {
    path: 'content', name: '内容', icon: <FileTextOutlined />,
    children: [
      { path: '/content', name: '文章' },
      { path: '/content/new', name: '写文章' },
      { path: '/moderation', name: '评论审核', icon: <CommentOutlined /> },
    ],
  },
  {
    path: 'meetings', name: '会议', icon: <CalendarOutlined />,
    children: [
      { path: '/meetings', name: '日历' },
      { path: '/meetings/new', name: '召集会议' },
      { path: '/actions', name: '督办事项', icon: <CheckSquareOutlined /> },
    ],
  },
  {
    path: 'pushes', name: '推送', icon: <NotificationOutlined />,
    children: [
      { path: '/pushes', name: '推送记录' },
      { path: '/pushes/new', name: '发推送' },
      { path: '/reminders', name: '定时提醒', icon: <BellOutlined /> },
    ],
  },
  { path: '/suggestions', name: '意见建议', icon: <SolutionOutlined /> },
  {
    path: 'organisation', name: '组织', icon: <ApartmentOutlined />,
    children: [
      { path: '/organisation', name: '组织与角色' },
      { path: '/organisation/roster', name: '花名册', icon: <TeamOutlined /> },
      { path: '/organisation/import', name: '导入花名册' },
      { path: '/organisation/handovers', name: '工作交接' },
    ],
  },
  {
    path: 'supervision', name: '履职', icon: <SafetyCertificateOutlined />,
    children: [
      { path: '/supervision', name: '督导总览', who: office },
      { path: '/supervision/obligations', name: '应开展的组织生活' },
      { path: '/supervision/work-record', name: '工作纪实' },
      { path: '/supervision/annual-check', name: '年检' },
      { path: '/supervision/progress', name: '进程反馈表', who: office },
    ],
  },
  { path: '/audit', name: '审计', icon: <AuditOutlined />, who: office },
  {
    path: 'settings', name: '设置', icon: <SettingOutlined />, who: office,
    children: [
      { path: '/settings', name: '微信与运行' },
      { path: '/settings/templates', name: '消息模板' },
      { path: '/settings/policy', name: '制度参数' },
      { path: '/settings/switches', name: '开关' },
      { path: '/settings/calendar', name: '放假安排与活动' },
      { path: '/settings/privacy', name: '个人信息' },
      { path: '/settings/accounts', name: '后台账号', who: (me) => me.whole },
    ],
  },
]

export function visible(items: NavItem[], me: Myself): NavItem[] {
  return items
    .filter((item) => !item.soon && (!item.who || item.who(me)))
    .map((item) => (item.children ? { ...item, children: visible(item.children, me) } : item))
    .filter((item) => !item.children || item.children.length > 0)
}

/** The menu's entry for an address: the longest that it begins with. */
export function entryOf(items: NavItem[], pathname: string): { item: string; group: string } {
  let best = { item: '', group: '' }
  const look = (list: NavItem[], group: string) => {
    for (const entry of list) {
      if (entry.children) look(entry.children, entry.path)
      else if ((pathname === entry.path || (entry.path !== '/' && pathname.startsWith(`${entry.path}/`))) && entry.path.length > best.item.length) best = { item: entry.path, group }
    }
  }
  look(items, '')
  return best
}
