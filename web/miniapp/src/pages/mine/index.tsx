import { useMe } from '@/me'
import { go } from '@/nav'
import { changeLook, useLook, type Look } from '@/platform/look'
import { signOut, toSignIn } from '@/session'
import { Banner, Button, Card, confirm, Hint, Page, Row, Rows, Segments, Skeleton, Switch } from '@/ui'
import { roleWords, word } from '@/text/words'

/** Who I am here, and the ways to what is mine. */
export default function Mine() {
  const { me, starting, bound, leads } = useMe()
  if (starting && !me) return <Page title="我的" tab><Skeleton lines={4} /></Page>
  return (
    <Page title="我的" tab>
      {me ? <Identity /> : (
        <Card title="还没有登录">
          <Hint>登录后可以看学习记录、待办事项、收藏，也能评论和提建议。</Hint>
          <Button wide onTap={toSignIn}>登录</Button>
        </Card>
      )}
      {bound ? <Places leads={leads} todo={me?.unread.todo ?? 0} /> : null}
      <Looks />
      <Rows label="说明与隐私">
        {bound ? <Row title="个人信息与隐私" text="告知书、我的数据、登录设备、退出党支部" to="privacy" /> : <Row title="个人信息告知书" text="保存什么、为什么、多久" to="consent" />}
      </Rows>
      {me ? <Button wide kind="plain" onTap={() => void leave()}>退出登录</Button> : null}
    </Page>
  )
}

async function leave(): Promise<void> {
  if (await confirm({ title: '退出登录？', text: '您的数据都在，下次登录还能看到。', ok: '退出' })) await signOut()
}

function Identity() {
  const { me, bound } = useMe()
  if (!me) return null
  if (!bound) return <Banner action="去绑定" onAction={() => go('bind')}>您已登录，还没有与名册绑定。绑定后才能参加会议、评论和提建议。</Banner>
  return (
    <Card title={me.name}>
      {me.memberships.map((m) => {
        const roles = m.roles.filter((r) => r !== 'member').map((r) => word(roleWords, r))
        return <Hint key={m.org.id}>{m.org.name}{roles.length > 0 ? ` · ${roles.join('、')}` : ''}</Hint>
      })}
    </Card>
  )
}

function Places({ leads, todo }: { leads: boolean; todo: number }) {
  return (
    <>
      {leads ? (
        <Rows label="支部工作">
          <Row title="书记工作台" text="发动态、召集会议、审核、办理建议" to="desk" />
          <Row title="登录电脑后台" text="在电脑上打开后台，扫屏幕上的码" to="console" />
        </Rows>
      ) : null}
      <Rows label="我的">
        <Row title="我的任务" text={todo > 0 ? `有 ${todo} 件等您处理` : '会议交办的事项'} to="actions" />
        <Row title="学习记录" text="只有您自己能看，可存为 PDF" to="record" />
        <Row title="提醒与订阅" text="微信还能提醒您几次、会议日历" to="reminders" />
        <Row title="我的收藏" to="favourites" />
        <Row title="会议签到" text="扫码或输入签到码" to="checkin" />
      </Rows>
    </>
  )
}

const shades = [{ value: 'system', text: '随系统' }, { value: 'light', text: '浅色' }, { value: 'dark', text: '深色' }] as const

function Looks() {
  const look = useLook()
  return (
    <Card title="显示">
      <Switch title="大字" text="全部文字再大一号" on={look.large} onChange={(large) => changeLook({ large })} />
      <Segments<Look['shade']> label="深浅" value={look.shade} options={shades} onChange={(shade) => changeLook({ shade })} />
    </Card>
  )
}
