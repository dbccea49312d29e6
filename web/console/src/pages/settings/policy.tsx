import { InboxOutlined } from '@ant-design/icons'
import { Alert, Button, Card, Flex, Table, Tag, Typography, Upload } from 'antd'
import { useState } from 'react'
import { api } from '~/api/client'
import { useAction, useLoad } from '~/api/query'
import type { components } from '~/api/schema'
import { ExportButton, PrintButton, useConfirm, useTell } from '~/ui/buttons'
import { Load, Page, ProblemAlert } from '~/ui/page'
import { day, when } from '~/ui/time'
import { Unsaved } from '~/ui/unsaved'

type Plan = components['schemas']['PolicyPlanView']
type Row = components['schemas']['PolicyRow']

const stateWords: Record<Row['state'], string> = { in_force: '现行', future: '待生效', past: '已过期', replaced: '已被替换' }

export default function Policy() {
  const tell = useTell()
  const confirm = useConfirm()
  const [file, setFile] = useState<{ name: string; text: string } | null>(null)
  const [plan, setPlan] = useState<Plan | null>(null)
  const now = useLoad(['policy'], (signal) => api.GET('/api/v1/policy', { params: { query: { format: 'json' } }, signal }) as Promise<{ data?: components['schemas']['PolicyView']; response: Response }>)
  const versions = useLoad(['policies'], (signal) => api.GET('/api/v1/policies', { signal }))
  const put = ({ text, dryRun }: { text: string; dryRun: boolean }) => api.PUT('/api/v1/policy', { params: { query: { dry_run: dryRun }, header: dryRun ? {} : { 'If-Match': now.etag } }, body: text, bodySerializer: (body) => body, headers: { 'Content-Type': 'application/yaml' } })
  const check = useAction(put, { done: setPlan })
  const enable = useAction(put, { changes: [['policy'], ['policies'], ['supervision'], ['obligations']], done: (made) => { tell.done(`已启用“${made.version}”，自${day(made.holds_from)}起`); setPlan(null); setFile(null) } })
  const take = async (chosen: File) => {
    const text = await chosen.text()
    setFile({ name: chosen.name, text }); setPlan(null); enable.forget()
    void check.run({ text, dryRun: true })
  }
  const problem = check.problem ?? enable.problem
  return (
    <Page title="制度参数" lead="会议次数、期限、推送时段等数字都在一份文件里：下载、修改、试算、启用。" extra={<><ExportButton path="/api/v1/policy?format=yaml" name="制度参数.yaml">下载现行文件</ExportButton><PrintButton /></>}>
      <Unsaved when={!!plan && !plan.stored} />
      <Flex vertical gap={16}>
        <Card title={<h2>换一份</h2>} className="no-print">
          <Upload.Dragger accept=".yaml,.yml" maxCount={1} showUploadList={false} disabled={check.running || enable.running} beforeUpload={(chosen) => { void take(chosen); return false }}>
            <p className="ant-upload-drag-icon"><InboxOutlined /></p>
            <p className="ant-upload-text">{file ? file.name : '把改好的 .yaml 拖到这里，或点一下选择'}</p>
            <p className="ant-upload-hint">先试算给您看，不会直接启用。</p>
          </Upload.Dragger>
        </Card>
        <div aria-live="polite">{problem && <ProblemAlert problem={problem} faults={problem.fields} />}</div>
        {plan && (
          <Card title={<h2>试算：“{plan.version}”自{day(plan.holds_from)}起</h2>}>
            <h3>改了什么</h3>
            {plan.changes.length === 0 ? <Typography.Paragraph>与那一天的现行参数相同。</Typography.Paragraph> : <ul className="diff">{plan.changes.map((change) => <li key={change.key}>{change.text}</li>)}</ul>}
            <h3>对各支部的影响</h3>
            {plan.effects.every((effect) => effect.texts.length === 0) ? <Typography.Paragraph>各支部没有变化。</Typography.Paragraph> : (
              <ul className="lines">{plan.effects.filter((effect) => effect.texts.length > 0).map((effect) => <li key={effect.org.id}><strong>{effect.org.name}</strong><ul className="diff">{effect.texts.map((text) => <li key={text}>{text}</li>)}</ul></li>)}</ul>
            )}
            <Flex gap={8} className="gap-top no-print">
              <Button type="primary" loading={enable.running} onClick={() => file && confirm({ title: `启用“${plan.version}”？`, content: `自${day(plan.holds_from)}起，提醒、期限和应开次数都按它重算。`, ok: '启用', act: () => enable.run({ text: file.text, dryRun: false }) })}>启用</Button>
              <Button onClick={() => { setPlan(null); setFile(null) }}>放弃</Button>
            </Flex>
          </Card>
        )}
        <Card title={<h2>现行</h2>}>
          <Load of={now}>
            {(policy) => (
              <>
                <Typography.Paragraph>{policy.version === 'built-in' ? '随程序提供的默认参数' : `“${policy.version}”`}{policy.holds_from && `，自${day(policy.holds_from)}起`}{policy.put_by && `，${policy.put_by}启用`}</Typography.Paragraph>
                <Table size="small" rowKey="type" pagination={false} scroll={{ x: 'max-content' }} dataSource={policy.meetings} columns={[
                  { title: '组织生活', dataIndex: 'type_label' }, { title: '次数', dataIndex: 'words' }, { title: '时长', key: 'minutes', render: (_, row) => `${row.minutes} 分钟` }, { title: '说明', dataIndex: 'note', render: (note: string) => <div className="cell-wide">{note || '—'}</div> },
                ]} />
              </>
            )}
          </Load>
        </Card>
        <Card title={<h2>历次</h2>}>
          <Load of={versions} rows={2}>
            {({ items }) => (
              <ul className="lines wide">{items.map((row) => (
                <li key={row.version + row.state}><div>{row.built_in ? '随程序提供的默认参数' : row.version} <Tag color={row.state === 'in_force' ? 'green' : row.state === 'future' ? 'blue' : undefined}>{stateWords[row.state]}</Tag><div className="line-note">{row.holds_from ? `自${day(row.holds_from)}起` : '从一开始'}{row.put_at && ` · ${when(row.put_at)}${row.put_by ?? ''}放入`}</div></div>
                  <ExportButton size="small" path={`/api/v1/policy?format=yaml&version=${encodeURIComponent(row.version)}`} name={`制度参数-${row.version}.yaml`}>下载</ExportButton></li>
              ))}</ul>
            )}
          </Load>
        </Card>
        <SelfCheck />
      </Flex>
    </Page>
  )
}

function SelfCheck() {
  const [asked, setAsked] = useState(false)
  const loaded = useLoad(['policy', 'self-check'], (signal) => api.GET('/api/v1/policy/self-check', { signal }), { enabled: asked })
  return (
    <Card title={<h2>制度自查</h2>} extra={<Button size="small" className="no-print" loading={loaded.loading || loaded.refreshing} onClick={() => (asked ? loaded.reload() : setAsked(true))}>自查一遍</Button>}>
      {!asked ? <Typography.Text type="secondary">不排名、不点名、匿名就是匿名：对照程序实际的回答，看各项原则守住没有。</Typography.Text> : (
        <Load of={loaded}>
          {(view) => <>{view.ok && <Alert type="success" showIcon className="stack" title="各项原则都守住了。" />}<ul className="lines">{view.checks.map((item) => <li key={item.key}><Tag color={item.ok ? 'green' : 'red'}>{item.ok ? '守住' : '未守住'}</Tag> {item.principle}<div className="line-note">{item.evidence}{item.where.length > 0 && `：${item.where.join('、')}`}</div></li>)}</ul></>}
        </Load>
      )}
    </Card>
  )
}
