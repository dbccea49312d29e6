import { Select } from 'antd'
import { now } from '~/ui/time'

/** YearPicker chooses one of the years of which there may be records. */
export function YearPicker({ value, onChange }: { value: string; onChange: (year: string) => void }) {
  const year = now().year()
  return <Select aria-label="年度" value={value} onChange={onChange} options={[year + 1, year, year - 1, year - 2, year - 3].map((y) => ({ value: String(y), label: `${y} 年` }))} style={{ width: 110 }} />
}
