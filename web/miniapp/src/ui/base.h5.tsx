/** The elements of the browser. Real buttons and fields: what a screen reader and a keyboard know already. */
import { forwardRef, type CSSProperties, type ReactNode } from 'react'

import { readable } from './html'

/** What every element takes. */
export interface Common {
  className?: string
  style?: CSSProperties
  children?: ReactNode
  id?: string
  role?: string
  label?: string
  hidden?: boolean
  live?: 'polite' | 'assertive'
}

type Tag = 'div' | 'section' | 'header' | 'main' | 'nav' | 'ul' | 'li' | 'form' | 'article'

/** A block: in the browser the element named by `as`, in the mini-program a view. */
export const Box = forwardRef<HTMLElement, Common & { as?: Tag; onTap?: () => void }>(function Box({ as: As = 'div', label, hidden, live, onTap, ...rest }, ref) {
  const props = { ...rest, ref, 'aria-label': label, 'aria-hidden': hidden || undefined, 'aria-live': live, onClick: onTap }
  return <As {...(props as object)} />
})

/** Words within a line. */
export function Text({ label, hidden, live, strong, selectable: _, ...rest }: Common & { strong?: boolean; selectable?: boolean }) {
  const Tag = strong ? 'strong' : 'span'
  return <Tag {...rest} aria-label={label} aria-hidden={hidden || undefined} aria-live={live} />
}

/** A heading of level 1 to 4. */
export function Heading({ level = 2, label, live: _l, hidden: _h, className = '', ...rest }: Common & { level?: 1 | 2 | 3 | 4 }) {
  const Tag = `h${level}` as 'h2'
  return <Tag {...rest} className={`h${level} ${className}`} aria-label={label} />
}

/** Whatever can be tapped. */
export function Press({ label, hidden, live: _, onTap, disabled, pressed, checked, expanded, current, role, className = '', ...rest }: Common & {
  onTap?: () => void
  disabled?: boolean
  pressed?: boolean
  checked?: boolean
  expanded?: boolean
  current?: boolean
}) {
  return (
    <button
      type="button" {...rest} className={`press ${className}`} role={role} disabled={disabled} onClick={onTap} aria-label={label} aria-hidden={hidden || undefined}
      aria-pressed={pressed} aria-checked={checked} aria-expanded={expanded} aria-current={current ? 'page' : undefined}
    />
  )
}

/** What a field of text takes. */
export interface TextInput {
  id?: string
  value: string
  onInput: (value: string) => void
  placeholder?: string
  kind?: 'text' | 'password' | 'tel' | 'number' | 'search' | 'date' | 'time'
  most?: number
  label?: string
  describedBy?: string
  invalid?: boolean
  disabled?: boolean
  className?: string
  onEnter?: () => void
  autoComplete?: string
}

/** One line of text. */
export function Line({ onInput, kind = 'text', most, label, describedBy, invalid, className = '', onEnter, ...rest }: TextInput) {
  return (
    <input
      {...rest} type={kind === 'number' ? 'text' : kind} inputMode={kind === 'number' ? 'numeric' : undefined} enterKeyHint={kind === 'search' ? 'search' : undefined} maxLength={most}
      className={`input ${className}`} aria-label={label} aria-describedby={describedBy} aria-invalid={invalid || undefined} onChange={(e) => onInput(e.target.value)}
      onKeyDown={(e) => {
        if (e.key === 'Enter' && !e.nativeEvent.isComposing) onEnter?.()
      }}
    />
  )
}

/** Several lines of text. */
export function Lines({ onInput, kind: _k, most, label, describedBy, invalid, className = '', onEnter: _e, rows = 5, ...rest }: TextInput & { rows?: number }) {
  return (
    <textarea
      {...rest} rows={rows} maxLength={most} className={`input lines ${className}`} aria-label={label} aria-describedby={describedBy} aria-invalid={invalid || undefined}
      onChange={(e) => onInput(e.target.value)}
    />
  )
}

/** One of several, by the system's own list. */
export function Choice({ id, value, options, onChange, label, disabled, className = '' }: {
  id?: string
  value: string
  options: readonly { value: string; text: string }[]
  onChange: (value: string) => void
  label?: string
  disabled?: boolean
  className?: string
}) {
  return (
    <select id={id} className={`input ${className}`} value={value} disabled={disabled} aria-label={label} onChange={(e) => onChange(e.target.value)}>
      {options.some((o) => o.value === value) ? null : <option value={value} disabled>请选择</option>}
      {options.map((o) => (
        <option key={o.value} value={o.value}>{o.text}</option>
      ))}
    </select>
  )
}

/** A day (YYYY-MM-DD) or a time of day (HH:MM), by the system's own picker. */
export function DateTime({ kind, value, onChange, ...rest }: { id?: string; kind: 'date' | 'time'; value: string; onChange: (value: string) => void; label?: string; disabled?: boolean; from?: string; to?: string }) {
  const { from, to, label, ...more } = rest
  return <input {...more} type={kind} className="input" value={value} min={from} max={to} aria-label={label} onChange={(e) => onChange(e.target.value)} />
}

/** A picture; without words it is an ornament. */
export function Picture({ src, alt = '', className, width, height }: { src: string; alt?: string; className?: string; width?: number; height?: number }) {
  return <img src={src} alt={alt} className={className} width={width} height={height} loading="lazy" decoding="async" />
}

/** HTML that the server has cleaned. */
export function Html({ html, className = '' }: { html: string; className?: string }) {
  return <div className={`html ${className}`} dangerouslySetInnerHTML={{ __html: readable(html, '') }} />
}

/** A part that scrolls by itself. */
export function Scroll({ className, children, horizontal, label }: { className?: string; children?: ReactNode; horizontal?: boolean; label?: string }) {
  return (
    <div className={`${className ?? ''} ${horizontal ? 'scroll-x' : 'scroll-y'}`} role={label ? 'group' : undefined} aria-label={label} tabIndex={0}>
      {children}
    </div>
  )
}
