import { Alert, Card, Col, Descriptions, Flex, Row, Tag } from 'antd'
import { Link } from 'react-router'
import { api } from '~/api/client'
import { useLoad } from '~/api/query'
import type { components } from '~/api/schema'
import { useLinkTo } from '~/ui/link'
import { Load, Page } from '~/ui/page'

type Account = components['schemas']['WechatAccountView']

export function useWechat() {
  return useLoad(['settings', 'wechat'], (signal) => api.GET('/api/v1/settings/wechat', { signal }))
}

const Set = ({ yes, hint }: { yes: boolean; hint: string }) => (yes ? <Tag color="green">已设置</Tag> : <><Tag color="orange">未设置</Tag><span className="line-note">{hint}</span></>)

export default function Settings() {
  const to = useLinkTo()
  const loaded = useWechat()
  const account = (title: string, one: Account, name: string) => (
    <Card title={<h2>{title}</h2>}>
      <Descriptions column={1} size="small" items={[
        { key: 'id', label: 'AppID', children: one.app_id || <Tag>未设置</Tag> },
        ...(one.app_id ? [
          { key: 'secret', label: 'AppSecret', children: <Set yes={one.secret_set} hint={`请设置 ZHIBU_WECHAT_${name}_SECRET`} /> },
          { key: 'events', label: '消息推送', children: <Set yes={one.events_set} hint={`请设置 ZHIBU_WECHAT_${name}_TOKEN 与 _AES_KEY，否则收不到订阅与送达事件`} /> },
        ] : []),
      ]} />
    </Card>
  )
  return (
    <Page title="微信与运行" lead="这里只看设了什么；密钥不显示，也不能在网页上改，由管理员在服务器上设置。">
      <Load of={loaded}>
        {(wechat) => (
          <Flex vertical gap={16}>
            {wechat.standin && <Alert type="warning" showIcon title="现在连的不是微信，而是替身：消息不会真的发到手机上。" />}
            <Row gutter={[16, 16]}>
              <Col xs={24} lg={12}>{account('小程序', wechat.mini_program, 'MINIPROGRAM')}</Col>
              <Col xs={24} lg={12}>{account('公众号', wechat.official, 'OFFICIAL')}</Col>
            </Row>
            <Card title={<h2>运行</h2>}>
              <Descriptions column={1} size="small" items={[
                { key: 'url', label: '对外地址', children: wechat.public_url || '未设置（按访问时的地址）' },
                { key: 'upload', label: '单个附件上限', children: `${Math.round(wechat.max_upload / 1024 / 1024)} MB` },
                { key: 'templates', label: '消息模板', children: <Link to={to('/settings/templates')}>{wechat.templates.length} 个，看字段对应、试发</Link> },
              ]} />
            </Card>
          </Flex>
        )}
      </Load>
    </Page>
  )
}
