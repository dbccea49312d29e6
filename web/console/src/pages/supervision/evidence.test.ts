import { expect, it } from 'vitest'
import { pageOf } from './evidence'

it('leads from evidence to its page', () => {
  expect(pageOf('/meetings/m1')).toBe('/meetings/m1')
  expect(pageOf('/meetings/m1/minutes')).toBe('/meetings/m1')
  expect(pageOf('/api/v1/articles/a1?x=1')).toBe('/content/a1')
  expect(pageOf('/actions/x')).toBe('/actions')
  expect(pageOf('/orgs/o/members')).toBeUndefined()
  expect(pageOf('')).toBeUndefined()
})
