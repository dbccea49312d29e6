import { Button, Card, Flex, Input, Timeline, Typography } from 'antd'
import { useState } from 'react'
import { api, IDEMPOTENCY } from '~/api/client'
import { useAction } from '~/api/query'
import { useConfirm, useTell } from '~/ui/buttons'
import { useDraft } from '~/ui/draft'
import { ProblemAlert } from '~/ui/page'
import { when } from '~/ui/time'
import { Unsaved } from '~/ui/unsaved'
import type { Minutes } from './minutes-text'

/** Addenda are all that locked minutes take. */
export function Addenda({ id, minutes: m }: { id: string; minutes: Minutes }) {
  return (
    <Card title={<h2>补记</h2>}>
      {m.addenda.length === 0 ? <Typography.Paragraph type="secondary">没有补记。</Typography.Paragraph> : <Timeline items={m.addenda.map((one, i) => ({ key: i, content: <><span className="line-note">{when(one.at)} · {one.author.name}</span><div className="pre">{one.text}</div></> }))} />}
      {m.can_write && <Add id={id} />}
    </Card>
  )
}

function Add({ id }: { id: string }) {
  const tell = useTell()
  const confirm = useConfirm()
  const draft = useDraft<string>(`minutes.addendum.${id}`)
  const [text, setText] = useState('')
  const write = (value: string) => { setText(value); if (value) draft.save(value); else draft.forget() }
  const add = useAction((body: string, key) => api.POST('/api/v1/meetings/{id}/minutes/addenda', { params: { path: { id } }, body: { text: body }, headers: { [IDEMPOTENCY]: key } }), { changes: [['minutes', id]], done: () => { tell.done('补记已写入'); write('') } })
  return (
    <Flex vertical gap={8} className="no-print">
      <Unsaved when={text.trim() !== ''} draft />
      {draft.found && text === '' && <Typography.Text>上次有没写完的补记（{when(new Date(draft.found.at).toISOString())}）。<Button type="link" size="small" onClick={() => { setText(draft.found!.value); draft.take() }}>接着写</Button><Button type="link" size="small" onClick={draft.forget}>不要了</Button></Typography.Text>}
      {add.problem && <ProblemAlert problem={add.problem} />}
      <label htmlFor="addendum">写一条补记</label>
      <Input.TextArea id="addendum" rows={3} maxLength={2000} showCount value={text} onChange={(event) => write(event.target.value)} placeholder="更正、补充的事实，或定稿后才知道的情况。" />
      <div><Button type="primary" disabled={!text.trim()} loading={add.running} onClick={() => confirm({ title: '写入补记？', content: '写入后附在记录后面，连同您的姓名和时间，不能修改或删除。', ok: '写入', act: () => add.run(text.trim()) })}>写入补记</Button></div>
    </Flex>
  )
}
