import { useState } from 'react'

import { Button, Field, Hint, Segments, Sheet } from '@/ui'

const usual = ['值班', '门诊', '手术', '出差', '身体不适'] as const

/** Asks why somebody asks for leave: one tap for the usual, a line for the rest. */
export function LeaveSheet({ topic, busy, fault, onLeave, onClose }: { topic: string; busy: boolean; fault?: string; onLeave: (reason: string) => void; onClose: () => void }) {
  const [reason, setReason] = useState('')
  return (
    <Sheet title="请假" onClose={onClose}>
      <Hint>{topic}</Hint>
      <Segments label="常用原因" value={reason} onChange={setReason} options={usual.map((text) => ({ value: text as string, text }))} />
      <Field id="leave-reason" title="原因" value={reason} most={100} placeholder="点上面一项，或简单写几个字" onInput={setReason} fault={fault} />
      <Button wide busy={busy} disabled={!reason.trim()} onTap={() => onLeave(reason.trim())}>请假</Button>
    </Sheet>
  )
}
