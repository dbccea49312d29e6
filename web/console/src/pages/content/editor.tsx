import { Alert, Button, Card, Checkbox, Col, DatePicker, Flex, Form, Input, InputNumber, Modal, Progress, Row, Select, Typography } from 'antd'
import type { Dayjs } from 'dayjs'
import { useMemo, useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { api, IDEMPOTENCY } from '~/api/client'
import { asProblem, type Problem } from '~/api/problem'
import { useAction, useLoad } from '~/api/query'
import type { components } from '~/api/schema'
import { useConfirm, useTell } from '~/ui/buttons'
import { useDraft } from '~/ui/draft'
import { useLater } from '~/ui/later'
import { useLinkTo } from '~/ui/link'
import { OrgPicker, useOrg } from '~/ui/org'
import { Load, Page, ProblemAlert } from '~/ui/page'
import { china, instant, meant, now, when } from '~/ui/time'
import { SAVED, Unsaved } from '~/ui/unsaved'
import { categoryWords, options, visibilityWords } from '~/ui/words'
import { blank, bodyOf, changesOf, KEY_POINTS, stored, unstored, valuesOf, type Article, type Stored, type Values } from './article-form'
import { Assessment, Preview } from './beside'
import { ArticleState } from './list'
import { RichText } from './rich'
import { upload } from './upload'
import './content.css'

const TRAIL: [string, string][] = [['文章', '/content']]

export default function ArticleEditor() {
  const { id } = useParams()
  const { id: org, org: chosen } = useOrg()
  const loaded = useLoad(['article', id], (signal) => api.GET('/api/v1/articles/{id}', { params: { path: { id: id! } }, signal }), { enabled: !!id, keep: false })
  if (id) return <Load of={loaded}>{(article) => <Editor key={id} article={article as Article} etag={loaded.etag} reload={loaded.reload} org={article.org_id} orgName={article.org?.name ?? ''} />}</Load>
  return org ? <Editor key={org} org={org} orgName={chosen?.name ?? ''} reload={() => undefined} /> : <Page title="写文章" trail={TRAIL} />
}

interface Props { article?: Article; etag?: string; reload: () => void; org: string; orgName: string }

function Editor({ article, etag, reload, org, orgName }: Props) {
  const tell = useTell()
  const confirm = useConfirm()
  const go = useNavigate()
  const to = useLinkTo()
  const { choose } = useOrg()
  const [base, setBase] = useState<{ values: Values; tag: string | undefined }>(() => ({ values: article ? valuesOf(article) : blank(), tag: etag }))
  const [values, setValues] = useState(base.values)
  const [dirty, setDirty] = useState(false)
  const [correction, setCorrection] = useState('')
  const [problem, setProblem] = useState<Problem | null>(null)
  const [publishing, setPublishing] = useState(false)
  const draft = useDraft<Stored>(article ? `article.${article.id}` : `article.new.${org}`)
  const change = (part: Partial<Values>) => {
    const next = { ...values, ...part }
    setValues(next)
    setDirty(true)
    setProblem(null)
    draft.save(stored(next, article?.version))
  }
  // Reading time and digest that the server made follow the text until somebody writes other ones.
  const body = useMemo(() => bodyOf(values), [values])
  const settled = useLater(body, 700)
  const assess = useLoad(['article-assess', org, article?.id, settled], (signal) => api.POST('/api/v1/articles/assess', { body: { ...settled, org_id: org, ...(article ? { article_id: article.id } : {}) }, signal }), { enabled: !!settled.title || !!settled.body_html })

  const kept = (made: Article) => {
    draft.forget()
    setBase({ values: valuesOf(made), tag: `"v${made.version}"` })
    setValues(valuesOf(made))
    setDirty(false)
    setProblem(null)
    setCorrection('')
  }
  const failed = (failure: Problem) => { setProblem(failure); window.scrollTo({ top: 0 }) }
  const save = useAction(async (input: { body: ReturnType<typeof bodyOf>; tag: string | undefined }, key) => {
    const made = article
      ? await api.PATCH('/api/v1/articles/{id}', { params: { path: { id: article.id }, header: { 'If-Match': input.tag } }, body: input.body })
      : await api.POST('/api/v1/articles', { body: { ...bodyOf(values), org_id: org, title: values.title.trim(), category: values.category }, headers: { [IDEMPOTENCY]: key } })
    return made
  }, {
    changes: [['articles']],
    done: (made) => {
      kept(made as Article)
      for (const note of made.notes ?? []) tell.note(note)
      tell.done('已保存')
      if (article) reload()
      else void go(to(`/content/${made.id}`), SAVED)
    },
    failed,
  })
  const store = (tag = base.tag) => save.run({ body: { ...changesOf(base.values, values), ...(correction.trim() ? { correction: correction.trim() } : {}) }, tag })
  const again = (made: Article, words: string) => { kept(made); reload(); tell.done(words) }
  const publish = useAction((input: { at?: string; notify: boolean }, key) => api.POST('/api/v1/articles/{id}/publish', { params: { path: { id: article!.id }, header: { 'If-Match': base.tag } }, body: input, headers: { [IDEMPOTENCY]: key } }), {
    changes: [['articles']], done: (made, input) => { setPublishing(false); again(made as Article, input.at ? '已排定' : '已发布') }, failed: (failure) => { setPublishing(false); failed(failure) },
  })
  const withdraw = useAction((_: string, key) => api.POST('/api/v1/articles/{id}/withdraw', { params: { path: { id: article!.id }, header: { 'If-Match': base.tag } }, headers: { [IDEMPOTENCY]: key } }), {
    changes: [['articles']], done: (made) => again(made as Article, '已撤回'), failed,
  })
  const remove = useAction((_: string) => api.DELETE('/api/v1/articles/{id}', { params: { path: { id: article!.id }, header: { 'If-Match': base.tag } } }), {
    changes: [['articles']], done: () => { draft.forget(); tell.done('草稿已删除'); void go(to('/content'), SAVED) }, failed,
  })
  const anew = async () => {
    const { data, response } = await api.GET('/api/v1/articles/{id}', { params: { path: { id: article!.id } } })
    return { article: data as unknown as Article, tag: response.headers.get('ETag') ?? undefined }
  }
  const fault = (...names: string[]) => problem?.fields.find((one) => names.some((name) => one.field === name || one.field.startsWith(`${name}[`) || one.field.startsWith(`${name}.`)))?.detail
  const beside = (...names: string[]) => ({ validateStatus: fault(...names) ? ('error' as const) : undefined, help: fault(...names) })
  const shown = ['title', 'category', 'body_html', 'key_points', 'digest', 'reading_minutes', 'source', 'doc_no', 'visibility', 'due_at', 'required', 'attachment_ids']
  const rest = (problem?.fields ?? []).filter((one) => !shown.some((name) => one.field === name || one.field.startsWith(`${name}[`) || one.field.startsWith(`${name}.`)))
  const status = article?.status
  const running = save.running || publish.running || withdraw.running || remove.running
  const stale = problem?.status === 412
  const found = draft.found && !dirty ? draft.found : null
  return (
    <Page
      title={article ? article.title || '（未写标题）' : '写文章'} trail={TRAIL}
      lead={article ? <><ArticleState state={article.status} />{orgName}{article.publish_at && status === 'scheduled' ? ` · 定于 ${when(article.publish_at)} 发布` : ''}</> : '先写要点，再写正文；三分钟能看完。'}
      extra={article && <Link to={to(`/content/${article.id}/revisions`)}><Button>历次修改</Button></Link>}
    >
      <Unsaved when={dirty} draft />
      {found && (
        <Alert className="problem" type="info" showIcon title={`这台电脑上留有没保存的内容（${china(found.at).fromNow()}）：${found.value.title || '未写标题'}`} action={
          <Flex gap={8}><Button size="small" type="primary" onClick={() => { setValues(unstored(found.value)); setDirty(true); draft.take() }}>接着写</Button><Button size="small" onClick={draft.forget}>不要了</Button></Flex>
        } />
      )}
      {stale ? (
        <Alert className="problem" type="warning" showIcon role="alert" title="另一位同志刚刚改过这篇文章，您的改动还没有保存。" description="可以先在“历次修改”里看对方改了什么；两份都会留在修改记录里。" action={
          <Flex vertical gap={8}>
            <Button size="small" type="primary" onClick={async () => { try { const fresh = await anew(); setBase((was) => ({ ...was, tag: fresh.tag })); setProblem(null); await store(fresh.tag) } catch (error) { failed(asProblem(error)) } }}>保存我改的部分</Button>
            <Button size="small" onClick={async () => { try { const fresh = await anew(); kept(fresh.article); setBase({ values: valuesOf(fresh.article), tag: fresh.tag }); reload() } catch (error) { failed(asProblem(error)) } }}>放弃，用对方的</Button>
          </Flex>
        } />
      ) : <ProblemAlert problem={problem} faults={rest} />}
      <Row gutter={[16, 16]}>
        <Col xs={24} lg={14}>
          <Form layout="vertical" component={false}>
            <Card title={<h2>内容</h2>} className="stack">
              {!article && <Form.Item label="以谁的名义" htmlFor="org"><OrgPicker id="org" value={org} onChange={(next) => next && choose(next)} disabled={dirty} /></Form.Item>}
              <Form.Item label="标题" htmlFor="title" required {...beside('title')}><Input id="title" maxLength={100} showCount value={values.title} onChange={(event) => change({ title: event.target.value })} placeholder="一句话说清是什么事" /></Form.Item>
              <Form.Item label={`要点（最多 ${KEY_POINTS} 条，读者先看到）`} {...beside('key_points')}>
                <Flex vertical gap={8}>
                  {values.key_points.map((point, i) => (
                    <Flex key={i} gap={8}>
                      <Input aria-label={`要点 ${i + 1}`} value={point} maxLength={100} onChange={(event) => change({ key_points: values.key_points.map((one, n) => (n === i ? event.target.value : one)) })} />
                      {values.key_points.length > 1 && <Button aria-label={`去掉要点 ${i + 1}`} onClick={() => change({ key_points: values.key_points.filter((_, n) => n !== i) })}>去掉</Button>}
                    </Flex>
                  ))}
                  {values.key_points.length < KEY_POINTS && <div><Button size="small" onClick={() => change({ key_points: [...values.key_points, ''] })}>加一条要点</Button></div>}
                </Flex>
              </Form.Item>
              <Form.Item label="正文" required {...beside('body_html', 'body_markdown', 'body')}><RichText value={values.body_html} onChange={(body_html) => body_html !== values.body_html && change({ body_html })} wrong={!!fault('body_html', 'body_markdown', 'body')} failed={tell.failed} /></Form.Item>
              <Row gutter={16}>
                <Col xs={24} md={16}><Form.Item label="摘要（空着由系统生成）" htmlFor="digest" {...beside('digest')}><Input.TextArea id="digest" rows={2} maxLength={200} showCount value={values.digest} placeholder={assess.data?.digest} onChange={(event) => change({ digest: event.target.value })} /></Form.Item></Col>
                <Col xs={24} md={8}><Form.Item label="阅读时间（分钟）" htmlFor="minutes" extra="空着按字数算" {...beside('reading_minutes')}><InputNumber id="minutes" min={1} max={600} precision={0} value={values.reading_minutes} placeholder={assess.data ? String(assess.data.reading_minutes) : undefined} onChange={(reading_minutes) => change({ reading_minutes })} /></Form.Item></Col>
              </Row>
              <Files files={values.attachments} change={(attachments) => change({ attachments })} fault={fault('attachment_ids')} />
            </Card>
            <Card title={<h2>来源与范围</h2>} className="stack">
              <Row gutter={16}>
                <Col xs={24} md={12}><Form.Item label="栏目" htmlFor="category" {...beside('category')}><Select id="category" value={values.category} onChange={(category) => change({ category })} options={options(categoryWords)} /></Form.Item></Col>
                <Col xs={24} md={12}><Form.Item label="谁能看" htmlFor="visibility" {...beside('visibility')}><Select id="visibility" value={values.visibility} onChange={(visibility) => change({ visibility })} options={options(visibilityWords)} /></Form.Item></Col>
                <Col xs={24} md={12}><Form.Item label={`来源${['central', 'law'].includes(values.category) ? '（必填）' : ''}`} htmlFor="source" {...beside('source.name', 'source')}><Input id="source" maxLength={100} value={values.source_name} onChange={(event) => change({ source_name: event.target.value })} placeholder="如 新华社" /></Form.Item></Col>
                <Col xs={24} md={12}><Form.Item label="发文字号" htmlFor="doc_no" {...beside('doc_no')}><Input id="doc_no" value={values.doc_no} onChange={(event) => change({ doc_no: event.target.value })} placeholder="如 中发〔2026〕8号" /></Form.Item></Col>
                <Col xs={24} md={12}><Form.Item label="来源网址" htmlFor="source_url" {...beside('source.url')}><Input id="source_url" value={values.source_url} onChange={(event) => change({ source_url: event.target.value })} placeholder="https://…" /></Form.Item></Col>
                <Col xs={24} md={12}><Form.Item label="来源日期" htmlFor="source_date" {...beside('source.date')}><DatePicker id="source_date" style={{ width: '100%' }} value={values.source_date} onChange={(source_date: Dayjs | null) => change({ source_date })} /></Form.Item></Col>
              </Row>
              <Flex wrap gap={16}>
                <Checkbox checked={values.pinned} onChange={(event) => change({ pinned: event.target.checked })}>置顶</Checkbox>
                <Checkbox checked={values.required} onChange={(event) => change({ required: event.target.checked, ...(event.target.checked ? {} : { due_at: null }) })}>必学</Checkbox>
              </Flex>
              {values.required && <Form.Item className="gap-top" label="学完期限（北京时间）" htmlFor="due_at" {...beside('due_at', 'required')}><DatePicker id="due_at" showTime={{ format: 'HH:mm', minuteStep: 5 }} format="YYYY-MM-DD HH:mm" needConfirm={false} value={values.due_at} onChange={(due_at: Dayjs | null) => change({ due_at })} style={{ width: 'min(260px, 100%)' }} /></Form.Item>}
              {status === 'published' && <Form.Item className="gap-top" label="更正说明（读者会看到；不写则只留在修改记录里）" htmlFor="correction" {...beside('correction')}><Input.TextArea id="correction" rows={2} maxLength={300} showCount value={correction} onChange={(event) => { setCorrection(event.target.value); setDirty(true) }} /></Form.Item>}
            </Card>
          </Form>
        </Col>
        <Col xs={24} lg={10}>
          <Flex vertical gap={16}>
            <Assessment data={assess.data} problem={assess.problem} minutes={values.reading_minutes} org={org} />
            <Preview values={values} data={assess.data} orgName={orgName} />
          </Flex>
        </Col>
      </Row>
      <Flex gap={8} wrap align="center" className="gap-top no-print">
        <Button type={dirty || !article ? 'primary' : 'default'} size="large" disabled={running || stale || (!!article && !dirty)} loading={save.running} onClick={() => void store()}>{status === 'published' ? '保存修改' : '保存草稿'}</Button>
        {article && status !== 'published' && <Button size="large" type={dirty ? 'default' : 'primary'} disabled={dirty || running} onClick={() => setPublishing(true)}>{dirty ? '保存后可发布' : '发布…'}</Button>}
        {article && (status === 'published' || status === 'scheduled') && <Button size="large" danger disabled={running || dirty} onClick={() => confirm({ title: '撤回这篇文章？', content: '读者马上看不到它，没发出的通知一并取消；文章留在后台，改好后可以再发布。', ok: '撤回', danger: true, act: () => withdraw.run('') })}>撤回…</Button>}
        {article && status === 'draft' && <Button size="large" danger disabled={running} onClick={() => confirm({ title: '删除这篇草稿？', content: '删除后不能恢复。', ok: '删除', danger: true, act: () => remove.run('') })}>删除草稿…</Button>}
        <Typography.Text type="secondary" aria-live="polite">{draft.savedAt && dirty ? `已暂存在这台电脑 ${china(draft.savedAt).format('HH:mm')}` : ''}</Typography.Text>
      </Flex>
      {publishing && <Publish running={publish.running} close={() => setPublishing(false)} act={(input) => void publish.run(input)} />}
    </Page>
  )
}

function Publish({ running, close, act }: { running: boolean; close: () => void; act: (input: { at?: string; notify: boolean }) => void }) {
  const [at, setAt] = useState<Dayjs | null>(null)
  const [notify, setNotify] = useState(false)
  return (
    <Modal title="发布文章" open onCancel={close} okText={at ? '排定' : '现在发布'} cancelText="取消" confirmLoading={running} onOk={() => act({ ...(at ? { at: instant(meant(at)) } : {}), notify })}>
      <Form layout="vertical" component={false}>
        <Form.Item label="发布时间（北京时间，空着就是现在）" htmlFor="at"><DatePicker id="at" showTime={{ format: 'HH:mm', minuteStep: 5 }} format="YYYY-MM-DD HH:mm" needConfirm={false} minDate={now()} value={at} onChange={(next: Dayjs | null) => setAt(next)} style={{ width: 'min(260px, 100%)' }} /></Form.Item>
        <Checkbox checked={notify} onChange={(event) => setNotify(event.target.checked)}>发布时通知能看到的人</Checkbox>
      </Form>
    </Modal>
  )
}

type File_ = components['schemas']['UploadView']

function Files({ files, change, fault }: { files: Values['attachments']; change: (files: Values['attachments']) => void; fault: string | undefined }) {
  const [percent, setPercent] = useState<number | null>(null)
  const [wrong, setWrong] = useState('')
  const take = async (chosen: File[]) => {
    setWrong('')
    let all = files
    for (const file of chosen) {
      try {
        setPercent(0)
        const made: File_ = await upload(file, setPercent)
        all = [...all, { id: made.id, name: made.name, size: made.size }]
        change(all)
      } catch (error) {
        setWrong(`${file.name}：${asProblem(error).message}`)
      }
    }
    setPercent(null)
  }
  return (
    <Form.Item label="附件（PDF、Word、Excel、PPT、图片）" htmlFor="files" validateStatus={wrong || fault ? 'error' : undefined} help={wrong || fault}>
      {files.length > 0 && <ul className="plain">{files.map((file) => <li key={file.id}>{file.name}（{Math.max(1, Math.round(file.size / 1024))} KB）<Button size="small" type="link" aria-label={`去掉附件 ${file.name}`} onClick={() => change(files.filter((one) => one.id !== file.id))}>去掉</Button></li>)}</ul>}
      <input id="files" type="file" multiple disabled={percent !== null} style={{ maxWidth: '100%' }} onChange={(event) => { const chosen = [...(event.target.files ?? [])]; event.target.value = ''; void take(chosen) }} />
      {percent !== null && <Progress percent={percent} size="small" aria-label={`上传 ${percent}%`} />}
    </Form.Item>
  )
}
