import { Alert, Button, Card, Flex, Table, Tag, Typography } from 'antd'
import { useState } from 'react'
import { api, IDEMPOTENCY } from '~/api/client'
import { useAction } from '~/api/query'
import type { components } from '~/api/schema'
import { CopyButton } from '~/ui/buttons'
import { Load, Nothing, Page, ProblemAlert } from '~/ui/page'
import { channelWords, pushKindWords, word } from '~/ui/words'
import { useWechat } from './settings'

type Template = components['schemas']['WechatTemplateView']
type Tried = components['schemas']['TryTemplateView']

export default function Templates() {
  const loaded = useWechat()
  return (
    <Page title="消息模板" lead="每类通知用哪个微信模板、各栏填到哪个字段；可以给自己试发一条。">
      <Load of={loaded}>
        {({ templates }) => templates.length === 0 ? <Nothing title="还没有设置模板" hint="由管理员设置 ZHIBU_WECHAT_TEMPLATES；在此之前通知只进站内信。" /> : (
          <Flex vertical gap={16}>{templates.map((one) => <One key={one.channel + one.kind} template={one} />)}</Flex>
        )}
      </Load>
    </Page>
  )
}

function One({ template }: { template: Template }) {
  const [tried, setTried] = useState<Tried | null>(null)
  const test = useAction((body: { channel: Template['channel']; kind: Template['kind'] }, key) => api.POST('/api/v1/settings/wechat/test', { body, headers: { [IDEMPOTENCY]: key } }), { done: setTried })
  return (
    <Card title={<h2>{word(pushKindWords, template.kind)}</h2>} extra={<Tag color={template.trouble || template.faults.length > 0 ? 'red' : 'green'}>{template.trouble ? '已停用' : template.faults.length > 0 ? '需要核对' : '可用'}</Tag>}>
      <Flex vertical gap={12}>
        <div>{word(channelWords, template.channel)} · {template.title || '（微信没有返回标题）'}{template.quota && ` · ${template.quota === 'long_term' ? '长期订阅' : '一次性订阅'}`}
          <div className="hash">{template.id} <CopyButton size="small" type="text" text={template.id} aria-label="复制模板编号">{''}</CopyButton></div></div>
        {template.trouble && <Alert type="error" showIcon title="已停用，这类通知只进站内信" description={template.trouble} />}
        {template.faults.length > 0 && <Alert type="warning" showIcon title="设置与微信后台不符" description={<ul className="faults">{template.faults.map((fault) => <li key={fault}>{fault}</li>)}</ul>} />}
        {!template.compared && <Alert type="info" showIcon title="微信暂时没有应答，没能与后台核对。" />}
        <Table size="small" rowKey="field" pagination={false} dataSource={template.fields} scroll={{ x: 'max-content' }} columns={[
          { title: '内容', dataIndex: 'label' }, { title: '模板字段', dataIndex: 'key', render: (key: string) => <code>{key}</code> },
          { title: '限填', key: 'among', render: (_, field) => <div className="cell-wide">{field.among.join('、') || '不限'}</div> },
        ]} />
        <Flex gap={8} align="center" wrap><Button type="primary" loading={test.running} onClick={() => { setTried(null); void test.run({ channel: template.channel, kind: template.kind }) }}>给自己试发一条</Button><Typography.Text type="secondary">只发给您本人，会用掉一次订阅。</Typography.Text></Flex>
        <div aria-live="polite">
          {test.problem && <ProblemAlert problem={test.problem} />}
          {tried && <Alert type={tried.sent ? 'success' : 'error'} showIcon title={tried.text} description={<>
            <ul className="plain">{tried.lines.map((line) => <li key={line.field}>{line.label}：{line.shown}</li>)}</ul>
            {tried.errcode !== 0 && <span className="request-id">微信错误码 {tried.errcode}：{tried.errmsg}</span>}
          </>} />}
        </div>
      </Flex>
    </Card>
  )
}
