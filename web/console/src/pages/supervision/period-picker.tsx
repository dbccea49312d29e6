import { DatePicker, Flex, Segmented } from 'antd'
import { now } from '~/ui/time'
import { kindOf, periodDay, periodKey, type PeriodKind } from './period'

/** PeriodPicker chooses a month, a quarter or a year; its value is the API's name of it. */
export function PeriodPicker({ value, onChange }: { value: string; onChange: (key: string) => void }) {
  const kind = kindOf(value)
  const at = periodDay(value, now())
  return (
    <Flex wrap gap={8}>
      <Segmented aria-label="期间" value={kind} onChange={(next) => onChange(periodKey(next as PeriodKind, at))} options={[{ value: 'month', label: '月' }, { value: 'quarter', label: '季' }, { value: 'year', label: '年' }]} />
      <DatePicker aria-label="哪一期" picker={kind} allowClear={false} value={at} onChange={(day) => day && onChange(periodKey(kind, day))} style={{ width: 150 }} />
    </Flex>
  )
}

/** What the API asks for: one of month, quarter and year. */
export function periodQuery(key: string): { month?: string; quarter?: string; year?: string } {
  return { [kindOf(key)]: key }
}
