import { expectTypeOf, test } from 'vitest'

import type { Answer, Input, ListPath, PathOf, Row } from '../src/api/types'

// Held by tsc (npm run check): the wrapper's types are those of the contract.
test('calls are typed by the contract', () => {
  expectTypeOf<Answer<'get', '/me'>['bound']>().toEqualTypeOf<boolean>()
  expectTypeOf<Input<'post', '/articles/{id}/reads'>['body']['percent']>().toEqualTypeOf<number>()
  expectTypeOf<Input<'get', '/articles/{id}'>['path']>().toEqualTypeOf<{ id: string }>()
  expectTypeOf<Row<'/feed'>['title']>().toEqualTypeOf<string>()
  expectTypeOf<'/feed'>().toExtend<ListPath>()
  expectTypeOf<'/me/sessions'>().not.toExtend<ListPath>()
  expectTypeOf<'/auth/refresh'>().not.toExtend<PathOf<'get'>>()
  expectTypeOf<Answer<'delete', '/articles/{id}/like'>>().toEqualTypeOf<undefined>()
})
