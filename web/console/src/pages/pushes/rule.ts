/** The rhythms that the form offers; everything else stays the rule that it is. */
export interface Rhythm {
  freq: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'OTHER'
  interval: number
  byday: string[]
  monthday?: number
  rule: string
}

export const weekdays = [
  { value: 'MO', label: '一' }, { value: 'TU', label: '二' }, { value: 'WE', label: '三' }, { value: 'TH', label: '四' }, { value: 'FR', label: '五' }, { value: 'SA', label: '六' }, { value: 'SU', label: '日' },
]

export function ruleOf(rhythm: Rhythm): string {
  if (rhythm.freq === 'OTHER') return (rhythm.rule ?? '').trim()
  const parts = [`FREQ=${rhythm.freq}`]
  if ((rhythm.interval ?? 1) > 1) parts.push(`INTERVAL=${rhythm.interval}`)
  if (rhythm.freq === 'WEEKLY' && rhythm.byday?.length) parts.push(`BYDAY=${weekdays.map((day) => day.value).filter((day) => rhythm.byday.includes(day)).join(',')}`)
  if (rhythm.freq === 'MONTHLY' && rhythm.monthday) parts.push(`BYMONTHDAY=${rhythm.monthday}`)
  return parts.join(';')
}

/** parse reads a rule back into the form where the form can say the same; what it cannot say is left as it is. */
export function parse(rule: string): Rhythm {
  const parts = Object.fromEntries(rule.replace(/^RRULE:/i, '').split(';').filter(Boolean).map((part) => part.toUpperCase().split('=') as [string, string]))
  const rhythm: Rhythm = { freq: 'OTHER', interval: Number(parts.INTERVAL ?? 1), byday: parts.BYDAY?.split(',') ?? [], rule, monthday: parts.BYMONTHDAY ? Number(parts.BYMONTHDAY) : undefined }
  if (parts.FREQ === 'DAILY' || parts.FREQ === 'WEEKLY' || parts.FREQ === 'MONTHLY') {
    const said: Rhythm = { ...rhythm, freq: parts.FREQ }
    const same = (a: string) => a.toUpperCase().split(';').filter((part) => part && part !== 'INTERVAL=1').sort().join(';')
    if (same(ruleOf(said)) === same(rule)) return said
  }
  return rhythm
}
