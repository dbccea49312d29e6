import { describe, expect, it } from 'vitest'
import { fileNameOf } from './client'
import { EventParser } from './events'
import { Keys } from './keys'
import { asProblem, pathOf, Problem, showFaults } from './problem'

describe('events', () => {
  it('are read in pieces of any size', () => {
    const text = ': hello\nevent: push\ndata: {"a":1}\ndata: 二\nid: 7\n\ndata:x\r\n\r\n'
    for (let size = 1; size <= text.length; size++) {
      const parser = new EventParser()
      const got = []
      for (let at = 0; at < text.length; at += size) got.push(...parser.push(text.slice(at, at + size)))
      expect(got, `pieces of ${size}`).toEqual([
        { event: 'push', data: '{"a":1}\n二', id: '7' },
        { event: 'message', data: 'x', id: '7' },
      ])
    }
  })
})

describe('idempotency keys', () => {
  it('stay with one intention', () => {
    let n = 0
    const keys = new Keys(() => `k${++n}`)
    const first = keys.for({ a: 1 })
    expect(keys.for({ a: 1 })).toBe(first)
    expect(keys.for({ a: 2 })).not.toBe(first)
    const again = keys.for({ a: 2 })
    keys.done()
    expect(keys.for({ a: 2 })).not.toBe(again)
  })
})

describe('faults', () => {
  const formOf = (...names: (string | number)[][]) => {
    const set: Record<string, string[]> = {}
    return {
      set,
      getFieldsError: () => names.map((name) => ({ name })),
      setFields: (fields: { name: (string | number)[]; errors: string[] }[]) => fields.forEach((field) => (set[field.name.join('.')] = field.errors)),
    }
  }
  const problem = new Problem({
    fields: [
      { field: 'agenda[1].title', code: 'required', detail: '请填写议题。' },
      { field: 'audience.roles[0]', code: 'not_allowed', detail: '没有这个角色。' },
      { field: 'audience.roles[1]', code: 'not_allowed', detail: '这个也没有。' },
      { field: 'org_id', code: 'required', detail: '请选择组织。' },
    ],
  })

  it('stand beside their field or the nearest around it, and the rest is handed back', () => {
    const form = formOf(['agenda', 1, 'title'], ['audience', 'roles'])
    const rest = showFaults(form, problem)
    expect(form.set).toEqual({ 'agenda.1.title': ['请填写议题。'], 'audience.roles': ['没有这个角色。', '这个也没有。'] })
    expect(rest.map((fault) => fault.field)).toEqual(['org_id'])
  })

  it('follow a field that has another name in the form', () => {
    const form = formOf(['org'])
    expect(showFaults(form, problem, { org_id: 'org' }).map((fault) => fault.field)).not.toContain('org_id')
    expect(form.set.org).toEqual(['请选择组织。'])
  })

  it('name places as forms do', () => {
    expect(pathOf('agenda[0].minutes')).toEqual(['agenda', 0, 'minutes'])
  })
})

describe('problems', () => {
  it('tell what may pass from what will not', () => {
    expect(asProblem(new TypeError('Failed to fetch')).passing).toBe(true)
    expect(new Problem({ status: 503 }).passing).toBe(true)
    expect(new Problem({ status: 422 }).passing).toBe(false)
  })
})

describe('file names', () => {
  it('are the Chinese ones where there are such', () => {
    expect(fileNameOf(`attachment; filename="phone-list.xlsx"; filename*=UTF-8''%E5%90%8D%E5%8D%95.xlsx`)).toBe('名单.xlsx')
    expect(fileNameOf('attachment; filename="a.docx"')).toBe('a.docx')
    expect(fileNameOf(null)).toBeUndefined()
  })
})
