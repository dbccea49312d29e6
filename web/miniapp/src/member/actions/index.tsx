import { useState } from 'react'

import { useMe } from '@/me'
import { mark } from '@/pages/action/words'
import { day } from '@/text/time'
import { Page, PagedList, Row, Segments, Tag, usePages } from '@/ui'

type Look = 'open' | 'branch' | 'closed'

const empties: Record<Look, { title: string; text?: string }> = {
  open: { title: '没有待办的督办事项', text: '会议决议交给您办的事会出现在这里，到期前会提醒您。' },
  branch: { title: '支部没有待办的督办事项', text: '会议记录定稿后，决议里的事项会自动列出来。' },
  closed: { title: '还没有办结的事项' },
}

/** What resolutions ask of me, by the day on which it is due. Who leads a branch sees the branch's too. */
export default function Actions() {
  const { leads } = useMe()
  const [look, setLook] = useState<Look>('open')
  const list = usePages('/actions', { query: { mine: look !== 'branch', state: look === 'closed' ? 'closed' : 'open' } })
  const options: { value: Look; text: string }[] = [{ value: 'open', text: '待办' }, ...(leads ? [{ value: 'branch' as const, text: '支部待办' }] : []), { value: 'closed', text: '已办结' }]
  return (
    <Page title="督办事项" who="member" above="mine">
      <Segments label="范围" value={look} onChange={setLook} options={options} />
      <PagedList of={list} label="督办事项" empty={empties[look]} row={(a) => {
        const m = mark(a)
        return <Row title={a.text} text={`${look === 'branch' ? `${a.owner.name} · ` : ''}${day(a.due_on)} 前`} end={<Tag tone={m.tone}>{m.text}</Tag>} to="action" params={{ id: a.id }} />
      }} />
    </Page>
  )
}
