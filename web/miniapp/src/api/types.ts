import type { components, paths } from './schema'

/** A body or view of the contract by the name that the document gives it, such as `Schema<'ArticleView'>`. */
export type Schema<N extends keyof components['schemas']> = components['schemas'][N]

type Short = { [P in keyof paths as P extends `/api/v1${infer R}` ? R : never]: paths[P] }

/** The methods in use. */
export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** The paths that answer a method, as the contract writes them: `/articles/{id}`. */
export type PathOf<M extends Method> = {
  [P in keyof Short]: Short[P] extends { [K in M]: infer O } ? (O extends { responses: unknown } ? P : never) : never
}[keyof Short]

type Op<M extends Method, P extends PathOf<M>> = Short[P] extends { [K in M]: infer O } ? O : never
type Part<O, K extends 'path' | 'query'> = O extends { parameters: { [X in K]?: infer V } } ? NonNullable<V> : never
type BodyOf<O> = O extends { requestBody?: infer R } ? (NonNullable<R> extends { content: { 'application/json': infer B } } ? ([NonNullable<R>] extends [never] ? never : B) : never) : never
type Success<R> = R extends { 200: infer A } ? A : R extends { 201: infer A } ? A : R extends { 204: unknown } ? { content: { 'application/json': undefined } } : never
type JSONOf<A> = A extends { content: infer C } ? (C extends { 'application/json': infer B } ? B : unknown) : undefined

/** What a call answers. */
export type Answer<M extends Method, P extends PathOf<M>> = Op<M, P> extends { responses: infer R } ? JSONOf<Success<R>> : never

/** The query of a call. */
export type Query<M extends Method, P extends PathOf<M>> = Part<Op<M, P>, 'query'>

type Field<K extends string, V> = [V] extends [never] ? unknown : { [X in K]: V }
type MaybeField<K extends string, V> = [V] extends [never] ? unknown : { [X in K]?: V }

/** What a call takes: the parameters of its path, its query, its body. */
export type Input<M extends Method, P extends PathOf<M>> = Field<'path', Part<Op<M, P>, 'path'>> &
  MaybeField<'query', Part<Op<M, P>, 'query'>> &
  Field<'body', BodyOf<Op<M, P>>>

/** The paths of lists in pages. */
export type ListPath = { [P in PathOf<'get'>]: Answer<'get', P> extends { items: unknown[]; next_cursor: string } ? P : never }[PathOf<'get'>]

/** One row of a list. */
export type Row<P extends PathOf<'get'>> = Answer<'get', P> extends { items: (infer R)[] } ? R : never
