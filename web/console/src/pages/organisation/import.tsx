import { InboxOutlined } from '@ant-design/icons'
import { Alert, Button, Card, Flex, Spin, Statistic, Table, Typography, Upload } from 'antd'
import { useState } from 'react'
import { Link } from 'react-router'
import { api } from '~/api/client'
import { useAction } from '~/api/query'
import type { components } from '~/api/schema'
import { CopyButton, useConfirm } from '~/ui/buttons'
import { useLinkTo } from '~/ui/link'
import { OrgPicker, useOrg } from '~/ui/org'
import { Page, ProblemAlert } from '~/ui/page'
import { Unsaved } from '~/ui/unsaved'

type Result = components['schemas']['ImportView']
type RowFault = components['schemas']['RowFaultView']

/** The faults row by row, as they can be pasted beside the sheet. */
export function faultsText(faults: RowFault[]): string {
  return faults.map((fault) => `第 ${fault.row} 行\t${fault.column}\t${fault.detail}`).join('\n')
}

export default function ImportRoster() {
  const to = useLinkTo()
  const confirm = useConfirm()
  const { id, org, choose } = useOrg()
  const [file, setFile] = useState<File | null>(null)
  const [dry, setDry] = useState<Result | null>(null)
  const [done, setDone] = useState<Result | null>(null)
  const send = async ({ file: body, dryRun }: { file: File; dryRun: boolean }) =>
    api.POST('/api/v1/orgs/{id}/members/import', {
      params: { path: { id }, query: { dry_run: dryRun } }, body: { file: '' },
      bodySerializer: () => { const form = new FormData(); form.append('file', body, body.name); return form },
    })
  const check = useAction(send, { done: setDry })
  const apply = useAction(send, { changes: [['roster'], ['orgs']], done: (result) => { setDone(result); setDry(null) } })
  const again = () => { setFile(null); setDry(null); setDone(null); check.forget(); apply.forget() }
  const take = (chosen: File) => { again(); setFile(chosen); void check.run({ file: chosen, dryRun: true }) }
  const faults = dry?.errors ?? []
  const problem = check.problem ?? apply.problem
  return (
    <Page title="导入花名册" trail={[['花名册', '/organisation/roster']]} lead="拖入表格，先逐行检查给您看，确认后才写入。">
      <Unsaved when={!!dry && !done} />
      <Flex vertical gap={16}>
        <Card title={<h2>一、选表格</h2>}>
          <Flex vertical gap={12}>
            <label>导入到 <OrgPicker aria-label="导入到" value={id} onChange={(next) => { choose(next); again() }} style={{ width: 'min(320px, 100%)' }} /></label>
            <Upload.Dragger accept=".xlsx,.csv" maxCount={1} showUploadList={false} beforeUpload={(chosen) => { take(chosen); return false }} disabled={check.running || apply.running}>
              <p className="ant-upload-drag-icon"><InboxOutlined /></p>
              <p className="ant-upload-text">{file ? file.name : '把 .xlsx 或 .csv 拖到这里，或点一下选择'}</p>
              <p className="ant-upload-hint">表头要有“姓名”“手机号”；可有“单位”“职务”“政治面貌”“党小组”“入党时间”。身份证号等多余的列不会读入。</p>
            </Upload.Dragger>
          </Flex>
        </Card>
        {(check.running || apply.running) && <Card><Flex gap={12} align="center" role="status"><Spin />{apply.running ? '正在写入，请不要关闭本页…' : '正在逐行检查…'}</Flex></Card>}
        {problem && <ProblemAlert problem={problem} faults={problem.fields} />}
        {dry && (
          <Card title={<h2>二、看检查结果</h2>} extra={faults.length > 0 && <CopyButton size="small" text={faultsText(faults)}>复制问题</CopyButton>}>
            <Figures result={dry} />
            {dry.ignored_columns.length > 0 && <Typography.Paragraph type="secondary">没有读入的列：{dry.ignored_columns.join('、')}</Typography.Paragraph>}
            {faults.length === 0 ? (
              <Alert type="success" showIcon title="没有发现问题，可以导入。" />
            ) : (
              <>
                <Alert type="error" showIcon className="stack" title={`有 ${faults.length} 处要改`} description="表格整份写入或整份不写。请在表格里改好后重新拖入。" />
                <Table<RowFault> size="small" rowKey={(fault) => `${fault.row}-${fault.column}-${fault.code}`} dataSource={faults} pagination={faults.length > 50 ? { pageSize: 50 } : false}
                  columns={[{ title: '行', dataIndex: 'row', width: 52 }, { title: '列', dataIndex: 'column', width: 84 }, { title: '怎么改', dataIndex: 'detail', render: (text: string) => <div className="pre">{text}</div> }]} />
              </>
            )}
            <Flex gap={8} className="gap-top">
              <Button type="primary" disabled={faults.length > 0 || !file} loading={apply.running} onClick={() => file && confirm({ title: `写入${org?.name ?? ''}的花名册？`, content: `新增 ${dry.created} 人，更新 ${dry.updated} 人。`, ok: '写入', act: () => apply.run({ file, dryRun: false }) })}>写入花名册</Button>
              <Button onClick={again}>换一份表格</Button>
            </Flex>
          </Card>
        )}
        {done && (
          <Card title={<h2>三、已经写入</h2>}>
            <Figures result={done} />
            <Flex gap={8} className="gap-top"><Link to={to('/organisation/roster')}><Button type="primary">看花名册</Button></Link><Button onClick={again}>再导入一份</Button></Flex>
          </Card>
        )}
      </Flex>
    </Page>
  )
}

function Figures({ result }: { result: Result }) {
  return <div className="figures stack"><Statistic title="新增" value={result.created} suffix="人" /><Statistic title="更新" value={result.updated} suffix="人" /><Statistic title="没有变化" value={result.unchanged} suffix="人" /></div>
}
