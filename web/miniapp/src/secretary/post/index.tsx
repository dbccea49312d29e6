import { useState } from 'react'

import { api, type Answer } from '@/api'
import { replace } from '@/nav'
import { choosePictures } from '@/platform/device'
import { device } from '@/platform/storage'
import { useWorkplace } from '@/secretary/org'
import './index.css'

import { Banner, Box, Button, Buttons, Card, Field, Hint, Page, Picture, Select, Tag, TextArea, Tick, toast, useAction } from '@/ui'

type File = Answer<'post', '/uploads'>
interface Draft { title: string; text: string; pictures: File[] }

const KEPT = 'secretary:post'
const empty: Draft = { title: '', text: '', pictures: [] }
const MOST = 9

/** Branch news in under a minute: a title, some sentences, some pictures, out. What was begun is kept on the phone. */
export default function PostNews() {
  const { org, chooser } = useWorkplace()
  const [draft, setDraft] = useState<Draft>(() => device.get<Draft>(KEPT) ?? empty)
  const [sight, setSight] = useState<'members' | 'public'>('members')
  const [notify, setNotify] = useState(false)
  const change = (part: Partial<Draft>) => setDraft((d) => {
    const next = { ...d, ...part }
    device.set(KEPT, next)
    return next
  })
  const add = useAction(async (_key) => {
    for (const p of await choosePictures(MOST - draft.pictures.length)) {
      const file = await api.upload(p.path)
      setDraft((d) => {
        const next = { ...d, pictures: [...d.pictures, file] }
        device.set(KEPT, next)
        return next
      })
    }
  })
  const post = useAction(
    async (key) => {
      const body = [draft.text.trim(), ...draft.pictures.map((f, i) => `![${draft.title.trim() || '配图'} ${i + 1}](/files/${f.id})`)].filter(Boolean).join('\n\n')
      const made = await api.post('/articles', { body: { org_id: org?.id ?? '', category: 'news', title: draft.title.trim(), body_markdown: body, visibility: sight, ...(draft.pictures[0] ? { cover_id: draft.pictures[0].id } : {}) }, key })
      return api.post('/articles/{id}/publish', { path: { id: made.id }, body: { notify }, key: `${key}p` })
    },
    { done: (a) => {
      device.remove(KEPT)
      setDraft(empty)
      toast('已发布')
      replace('article', { id: a.id })
    } },
  )
  const ready = Boolean(org) && draft.title.trim() !== '' && (draft.text.trim() !== '' || draft.pictures.length > 0)
  return (
    <Page title="发动态" who="leader" above="desk" foot={<Button wide busy={post.busy} disabled={!ready || add.busy} onTap={() => void post.act()}>发布</Button>}>
      {chooser}
      <Field title="标题" id="title" value={draft.title} onInput={(title) => change({ title })} most={100} fault={post.fault?.of('title')} placeholder="例如：支部义诊走进社区" />
      <TextArea title="内容" id="body_markdown" value={draft.text} onInput={(text) => change({ text })} most={5000} fault={post.fault?.of('body_markdown')} hint="可以直接粘贴，也可以用键盘上的话筒说出来。" rows={6} />
      <Card title="图片" extra={draft.pictures.length > 0 ? <Tag>{draft.pictures.length} 张</Tag> : undefined}>
        <Box className="post-pictures">
          {draft.pictures.map((f, i) => (
            <Box key={f.id} className="post-picture">
              <Picture src={f.url} alt={`第 ${i + 1} 张图片`} />
              <Button small kind="link" label={`去掉第 ${i + 1} 张图片`} onTap={() => change({ pictures: draft.pictures.filter((g) => g.id !== f.id) })}>去掉</Button>
            </Box>
          ))}
        </Box>
        {draft.pictures.length < MOST ? <Button kind="plain" busy={add.busy} onTap={() => void add.act()}>添加图片</Button> : null}
        <Hint>照片里的位置等信息会自动去掉。请不要发布患者的面容和病历。</Hint>
      </Card>
      <Select title="谁能看到" id="visibility" value={sight} options={[{ value: 'members', text: '本支部成员' }, { value: 'public', text: '所有人（公开）' }]} onChange={(v) => setSight(v as 'members' | 'public')} />
      <Tick on={notify} onChange={setNotify}>同时提醒大家看（每人每周最多两次普通提醒）</Tick>
      {post.fault && !post.fault.of('title') && !post.fault.of('body_markdown') ? <Banner tone="warn">{post.fault.message}</Banner> : null}
      {draft.title || draft.text ? <Buttons><Button kind="link" onTap={() => { device.remove(KEPT); setDraft(empty) }}>清空重写</Button></Buttons> : null}
    </Page>
  )
}
