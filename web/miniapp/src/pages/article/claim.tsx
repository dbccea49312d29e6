import { useState } from 'react'

import { api, type Schema } from '@/api'
import { day, picked } from '@/text/time'
import { Button, Field, Hint, Sheet, toast, useAction, When } from '@/ui'

/** 单位已学: the same document was studied at the hospital. It counts, and is not asked for again. */
export function Claim({ id, marks, onMarks }: { id: string; marks: Schema<'MarkView'>; onMarks: (m: Schema<'MarkView'>) => void }) {
  const [open, setOpen] = useState(false)
  const [on, setOn] = useState(() => picked(Date.now()).day)
  const [where, setWhere] = useState('')
  const claim = useAction((_key) => api.put('/articles/{id}/claim', { path: { id }, body: { studied_on: on, where: where.trim() || null } }), {
    done: (m) => {
      onMarks(m)
      setOpen(false)
      toast('已登记，这篇不再提醒您')
    },
  })
  const undo = useAction((_key) => api.delete('/articles/{id}/claim', { path: { id } }), {
    done: () => {
      onMarks({ ...marks, claimed: false })
      toast('已撤销登记')
    },
  })
  if (marks.claimed) return <Button kind="plain" pressed busy={undo.busy} onTap={() => void undo.act()}>单位已学（撤销）</Button>
  return (
    <>
      <Button kind="plain" pressed={false} onTap={() => setOpen(true)}>单位已学</Button>
      {open ? (
        <Sheet title="单位已学" onClose={() => setOpen(false)}>
          <Hint>在单位学过同一文件的，登记一下即可，计入您的学习记录，不用再学一遍，也不需要证明材料。</Hint>
          <When id="studied_on" title="学习日期" kind="date" value={on} to={picked(Date.now()).day} onChange={setOn} fault={claim.fault?.of('studied_on')} hint={day(on)} />
          <Field id="where" title="在哪里学的（可不填）" value={where} most={100} onInput={setWhere} placeholder="如：医院党支部" fault={claim.fault?.of('where')} />
          <Button wide busy={claim.busy} onTap={() => void claim.act()}>登记</Button>
        </Sheet>
      ) : null}
    </>
  )
}
