import type { ReactNode } from 'react'

import { go } from '@/nav'
import type { PageName } from '@/pages'

import { Box, Choice, DateTime, Heading, Line, Lines, Press, Text, type TextInput } from './base'

/** A button. One `primary` a page; `danger` for what cannot be undone; `link` within a line. */
export function Button({ children, kind = 'primary', onTap, busy, disabled, small, wide, label, pressed }: {
  children: ReactNode
  kind?: 'primary' | 'plain' | 'danger' | 'link'
  onTap?: () => void
  busy?: boolean
  disabled?: boolean
  small?: boolean
  wide?: boolean
  label?: string
  /** For what is on or off, such as 点赞. */
  pressed?: boolean
}) {
  return (
    <Press className={`btn btn-${kind}${small ? ' btn-small' : ''}${wide ? ' btn-wide' : ''}${pressed ? ' on' : ''}`} onTap={onTap} disabled={disabled || busy} label={label} pressed={pressed}>
      {busy ? '请稍候…' : children}
    </Press>
  )
}

/** Buttons side by side, or below each other where there is no room. */
export function Buttons({ children }: { children: ReactNode }) {
  return <Box className="buttons">{children}</Box>
}

/** A part of the page on its own ground, with a title when given. */
export function Card({ title, extra, children, onTap, label, tone }: { title?: ReactNode; extra?: ReactNode; children?: ReactNode; onTap?: () => void; label?: string; tone?: 'warn' | 'accent' }) {
  const inside = (
    <>
      {title ? (
        <Box className="card-head">
          <Heading level={2}>{title}</Heading>
          {extra}
        </Box>
      ) : null}
      {children}
    </>
  )
  const name = `card${tone ? ` card-${tone}` : ''}`
  if (onTap) return <Press className={`${name} tappable`} onTap={onTap} label={label}>{inside}</Press>
  return <Box as="section" className={name} label={label}>{inside}</Box>
}

/** One line of a list that leads somewhere: title, a smaller text below, something at the end. */
export function Row({ title, text, end, onTap, to, params, unread, label }: {
  title: ReactNode
  text?: ReactNode
  end?: ReactNode
  onTap?: () => void
  to?: PageName
  params?: Record<string, string | number | undefined>
  unread?: boolean
  label?: string
}) {
  const tap = onTap ?? (to ? () => go(to, params) : undefined)
  const inside = (
    <>
      <Box className="row-main">
        <Box className={`row-title${unread ? ' strong' : ''}`}>
          {unread ? <Text className="dot" label="未读" role="img" /> : null}
          {title}
        </Box>
        {text ? <Box className="hint">{text}</Box> : null}
      </Box>
      {end ? <Box className="row-end">{end}</Box> : null}
      {tap ? <Text className="chevron" hidden>›</Text> : null}
    </>
  )
  return tap ? <Press className="row" onTap={tap} label={label}>{inside}</Press> : <Box className="row" label={label}>{inside}</Box>
}

/** Rows together, as a list. */
export function Rows({ children, label }: { children: ReactNode; label?: string }) {
  return <Box className="rows" label={label} role="group">{children}</Box>
}

/** A word or two that mark something. Colour never says it alone. */
export function Tag({ children, tone = 'plain' }: { children: ReactNode; tone?: 'plain' | 'accent' | 'warn' | 'good' | 'bad' }) {
  return <Text className={`tag tag-${tone}`}>{children}</Text>
}

/** Words that are less than the text. */
export function Hint({ children }: { children: ReactNode }) {
  return <Box className="hint">{children}</Box>
}

/** Something the person should know before going on. */
export function Banner({ children, tone = 'plain', action, onAction }: { children: ReactNode; tone?: 'plain' | 'warn' | 'good'; action?: string; onAction?: () => void }) {
  return (
    <Box className={`banner banner-${tone}`} role="status">
      <Box className="row-main">{children}</Box>
      {action && onAction ? <Button kind="link" onTap={onAction}>{action}</Button> : null}
    </Box>
  )
}

/** Name and value, one below the other in a row: 时间 今天 20:00. */
export function Facts({ items }: { items: readonly (readonly [name: string, value: ReactNode] | undefined | false | null)[] }) {
  return (
    <Box className="facts">
      {items.map((x) => x && x[1] !== '' && x[1] !== undefined && x[1] !== null ? (
        <Box key={x[0]} className="fact">
          <Text className="fact-name">{x[0]}</Text>
          <Box className="fact-value">{x[1]}</Box>
        </Box>
      ) : null)}
    </Box>
  )
}

/** Somebody: the name, and where they are. No pictures of people. */
export function Person({ name, org, role }: { name: string | null | undefined; org?: string | null; role?: string }) {
  return (
    <Box className="person">
      <Text strong>{name || '匿名'}</Text>
      {role ? <Text className="hint"> {role}</Text> : null}
      {org ? <Text className="hint"> · {org}</Text> : null}
    </Box>
  )
}

/** A few ways to look at a page: tap one. */
export function Segments<V extends string>({ value, options, onChange, label }: { value: V; options: readonly { value: V; text: string; count?: number }[]; onChange: (v: V) => void; label: string }) {
  return (
    <Box className="segments" role="group" label={label}>
      {options.map((o) => (
        <Press key={o.value} className={`segment${o.value === value ? ' on' : ''}`} pressed={o.value === value} onTap={() => onChange(o.value)}>
          {o.text}{o.count ? ` ${o.count}` : ''}
        </Press>
      ))}
    </Box>
  )
}

/** On or off, with what it means. */
export function Switch({ title, text, on, onChange, disabled }: { title: string; text?: string; on: boolean; onChange: (on: boolean) => void; disabled?: boolean }) {
  return (
    <Press className="row" role="switch" checked={on} onTap={() => onChange(!on)} disabled={disabled} label={`${title}${text ? `，${text}` : ''}`}>
      <Box className="row-main">
        <Box className="row-title">{title}</Box>
        {text ? <Box className="hint">{text}</Box> : null}
      </Box>
      <Text className={`toggle${on ? ' on' : ''}`} hidden>{on ? '开' : '关'}</Text>
    </Press>
  )
}

/** A box to tick. */
export function Tick({ children, on, onChange, label }: { children: ReactNode; on: boolean; onChange: (on: boolean) => void; label?: string }) {
  return (
    <Press className="tick" role="checkbox" checked={on} onTap={() => onChange(!on)} label={label}>
      <Text className={`tick-box${on ? ' on' : ''}`} hidden>{on ? '✓' : ''}</Text>
      <Box className="row-main">{children}</Box>
    </Press>
  )
}

let fields = 0
/** A number that no other field of this run has. */
export function fieldId(): string {
  return `f${++fields}`
}

type Labelled = { title: string; hint?: string; fault?: string; id: string }

function Around({ title, hint, fault, id, count, children }: Labelled & { count?: string; children: ReactNode }) {
  return (
    <Box className="field">
      <FieldLabel htmlFor={id}>{title}</FieldLabel>
      {children}
      {fault ? <Box className="fault" role="alert" id={`${id}-note`}>{fault}</Box> : hint ? <Box className="hint" id={`${id}-note`}>{hint}</Box> : null}
      {count ? <Box className="hint count" hidden>{count}</Box> : null}
    </Box>
  )
}

function FieldLabel({ htmlFor, children }: { htmlFor: string; children: ReactNode }) {
  return process.env.TARO_ENV === 'h5' ? <label htmlFor={htmlFor} className="field-title">{children}</label> : <Box className="field-title">{children}</Box>
}

/** One line to fill in. `id` names the field of the contract, so that `fault` finds its way. */
export function Field({ title, hint, fault, id, ...rest }: Labelled & Omit<TextInput, 'label' | 'invalid' | 'describedBy' | 'id'>) {
  return (
    <Around title={title} hint={hint} fault={fault} id={id}>
      <Line {...rest} id={id} label={process.env.TARO_ENV === 'h5' ? undefined : title} invalid={Boolean(fault)} describedBy={fault || hint ? `${id}-note` : undefined} />
    </Around>
  )
}

/** Several lines to fill in; says how much room is left near the end. */
export function TextArea({ title, hint, fault, id, most, value, ...rest }: Labelled & Omit<TextInput, 'label' | 'invalid' | 'describedBy' | 'id'> & { rows?: number }) {
  const left = most === undefined ? Infinity : most - [...value].length
  return (
    <Around title={title} hint={hint} fault={fault} id={id} count={left < 50 ? `还可以写 ${Math.max(left, 0)} 字` : undefined}>
      <Lines {...rest} value={value} most={most} id={id} label={process.env.TARO_ENV === 'h5' ? undefined : title} invalid={Boolean(fault)} describedBy={fault || hint ? `${id}-note` : undefined} />
    </Around>
  )
}

/** One of several. */
export function Select({ title, hint, fault, id, value, options, onChange, disabled }: Labelled & { value: string; options: readonly { value: string; text: string }[]; onChange: (v: string) => void; disabled?: boolean }) {
  return (
    <Around title={title} hint={hint} fault={fault} id={id}>
      <Choice id={id} value={value} options={options} onChange={onChange} disabled={disabled} label={process.env.TARO_ENV === 'h5' ? undefined : title} />
    </Around>
  )
}

/** A day or a time of day. */
export function When({ title, hint, fault, id, kind, value, onChange, from, to }: Labelled & { kind: 'date' | 'time'; value: string; onChange: (v: string) => void; from?: string; to?: string }) {
  return (
    <Around title={title} hint={hint} fault={fault} id={id}>
      <DateTime id={id} kind={kind} value={value} onChange={onChange} from={from} to={to} label={process.env.TARO_ENV === 'h5' ? undefined : title} />
    </Around>
  )
}
