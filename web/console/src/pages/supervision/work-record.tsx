import { Button, Card, Flex, Input, Typography } from 'antd'
import { useState } from 'react'
import { api } from '~/api/client'
import { useAction, useLoad } from '~/api/query'
import { CopyButton, ExportButton, PrintButton, useTell } from '~/ui/buttons'
import { useFilters } from '~/ui/filters'
import { OrgPicker, useOrg } from '~/ui/org'
import { Load, Nothing, Page } from '~/ui/page'
import { now } from '~/ui/time'
import { Unsaved } from '~/ui/unsaved'
import { RecordLines } from './lines'
import { PeriodPicker, periodQuery } from './period-picker'
import { kindOf, periodKey } from './period'

export default function WorkRecord() {
  const { id, org, choose } = useOrg()
  const [filters, filter] = useFilters({ period: periodKey('month', now()) })
  const query = periodQuery(filters.period)
  const loaded = useLoad(['work-record', id, filters.period], (signal) => api.GET('/api/v1/orgs/{id}/work-record', { params: { path: { id }, query }, signal }), { enabled: !!id, keep: false })
  const file = (kind: string) => `/api/v1/orgs/${id}/work-record.${kind}?${kindOf(filters.period)}=${filters.period}`
  return (
    <Page title="工作纪实" lead="由会议、发布、学习、办理的实际记录自动形成，不用再填。" extra={<>
      <ExportButton path={file('docx')} name="工作纪实.docx">Word</ExportButton><ExportButton path={file('xlsx')} name="工作纪实.xlsx">Excel</ExportButton>
      <CopyButton text={() => (loaded.data?.lines ?? []).map((line) => `${line.on}　${line.kind_text}　${line.title}　${line.text}`).join('\n')} /><PrintButton />
    </>}>
      <Flex wrap gap={8} className="filters no-print"><OrgPicker aria-label="组织" value={id} onChange={choose} style={{ width: 'min(300px, 100%)' }} /><PeriodPicker value={filters.period} onChange={(period) => filter({ period })} /></Flex>
      <Load of={loaded}>
        {(record) => {
          const kinds = [...new Map(record.lines.map((line) => [line.kind, line.kind_text]))]
          return (
            <Flex vertical gap={16}>
              <Typography.Text>{org?.name} · {record.period.label}（{record.period.from} 至 {record.period.to}）</Typography.Text>
              {kinds.length === 0 && <Card><Nothing title="本期暂无记录" hint="换一期看看，或先把会议记录签好。" /></Card>}
              {kinds.map(([kind, text]) => <Card key={kind} title={<h2>{text}</h2>}><RecordLines lines={record.lines.filter((line) => line.kind === kind)} /></Card>)}
              <Note key={`${id}-${filters.period}`} org={id} period={filters.period} text={record.note?.text ?? ''} late={record.note?.late?.text} />
            </Flex>
          )
        }}
      </Load>
    </Page>
  )
}

function Note({ org, period, text, late }: { org: string; period: string; text: string; late: string | undefined }) {
  const tell = useTell()
  const [draft, setDraft] = useState(text)
  const save = useAction((body: { text: string }) => api.PUT('/api/v1/orgs/{id}/work-record/note', { params: { path: { id: org }, query: periodQuery(period) }, body }), { changes: [['work-record', org]], done: () => tell.done('已保存'), failed: tell.failed })
  return (
    <Card title={<h2>补一句说明</h2>} className={text ? undefined : 'no-print'}>
      <Unsaved when={draft !== text} />
      <Input.TextArea aria-label="补一句说明" rows={2} maxLength={200} showCount value={draft} onChange={(event) => setDraft(event.target.value)} placeholder="一句话，可不填。" />
      <Flex gap={8} align="center" className="gap-top no-print"><Button type="primary" disabled={draft === text} loading={save.running} onClick={() => void save.run({ text: draft.trim() })}>保存</Button>{late && <Typography.Text type="secondary">{late}</Typography.Text>}</Flex>
    </Card>
  )
}
