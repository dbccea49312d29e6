import { Button, Card, Descriptions, Flex, Tag, Typography } from 'antd'
import { api, session } from '~/api/client'
import { useAction, useLoad } from '~/api/query'
import type { components } from '~/api/schema'
import { useMe } from '~/app/me'
import { useConfirm, useTell } from '~/ui/buttons'
import { Load, Page } from '~/ui/page'
import { fromNow, when } from '~/ui/time'
import { partyWords, roleWords, word } from '~/ui/words'
import { Security } from './security'

type Device = components['schemas']['DeviceView']

const kinds: Record<Device['kind'], string> = { wechat: '微信小程序', password: '密码登录', console: '扫码登录后台' }

/** When a device was last used is known to the hour alone. */
function seen(device: Device): string {
  if (device.current) return '正在使用'
  return Date.now() - Date.parse(device.last_seen_at) < 2 * 3600_000 ? '两小时内用过' : `${fromNow(device.last_seen_at)}用过`
}

export default function Account() {
  const { me } = useMe()
  const tell = useTell()
  const confirm = useConfirm()
  const devices = useLoad(['sessions'], (signal) => api.GET('/api/v1/me/sessions', { signal }))
  const end = useAction((id: string) => api.DELETE('/api/v1/me/sessions/{id}', { params: { path: { id } } }), { changes: [['sessions']], done: () => tell.done('该设备已退出'), failed: tell.failed })
  const others = useAction((_: string) => api.DELETE('/api/v1/me/sessions'), { changes: [['sessions']], done: () => tell.done('其他设备都已退出'), failed: tell.failed })
  return (
    <Page title="账号与登录设备" lead="怎样登录，在哪些设备上登录着。">
      <Flex vertical gap={16}>
        <Card title={<h2>我的身份</h2>}>
          <Descriptions column={{ xs: 1, md: 2 }} items={[
            { key: 'name', label: '姓名', children: me?.name },
            { key: 'party', label: '政治面貌', children: word(partyWords, me?.party_status) },
            { key: 'roles', label: '任职', children: (
              <Flex vertical>
                {(me?.memberships ?? []).map((one) => <span key={one.org.id}>{one.org.name}：{one.roles.map((role) => word(roleWords, role)).join('、')}</span>)}
              </Flex>
            ) },
          ]} />
        </Card>
        <Security />
        <Card
          title={<h2>登录的设备</h2>}
          extra={(devices.data?.items.length ?? 0) > 1 && (
            <Button size="small" className="no-print" loading={others.running} onClick={() => confirm({ title: '让其他设备都退出？', content: '只留下这台；其他设备上（包括手机）要重新登录。', ok: '全部退出', danger: true, act: () => others.run('') })}>其他都退出</Button>
          )}
        >
          <Typography.Paragraph type="secondary">不认识的设备请立即让它退出，并联系党办。管理后台半小时没有操作会自动退出。</Typography.Paragraph>
          <Load of={devices}>
            {({ items }) => (
              <ul className="lines wide">
                {items.map((device) => (
                  <li key={device.id}>
                    <div>
                      <strong>{device.device || '未知设备'}</strong> {device.current && <Tag color="green">这台</Tag>}
                      <div className="line-note">{kinds[device.kind]} · {when(device.created_at)} 登录 · {seen(device)}</div>
                    </div>
                    <Button
                      size="small" loading={end.running && !device.current}
                      onClick={() => confirm(device.current
                        ? { title: '退出这台设备？', ok: '退出', act: () => session.signOut() }
                        : { title: `让“${device.device || '这台设备'}”退出？`, content: '那台设备上的人要重新登录。', ok: '让它退出', danger: true, act: () => end.run(device.id) })}
                    >
                      退出
                    </Button>
                  </li>
                ))}
              </ul>
            )}
          </Load>
        </Card>
      </Flex>
    </Page>
  )
}
