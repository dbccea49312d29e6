import { expect, test } from 'vitest'
import { dueIn } from './due'

test('a day is said by its distance', () => {
  expect([dueIn('2026-11-24', '2026-11-24'), dueIn('2026-11-25', '2026-11-24'), dueIn('2026-12-01', '2026-11-24'), dueIn('2026-11-20', '2026-11-24')]).toEqual(['今天到期', '明天到期', '还有 7 天', '逾期 4 天'])
})
