/** The elements of the mini-program, under the same names as the browser's. */
import { Button, Image, Input, Picker, RichText, ScrollView, Text as WeText, Textarea, View } from '@tarojs/components'
import type { ReactNode } from 'react'

import { readable } from './html'
import type { Common, TextInput } from './base.h5'

export type { Common, TextInput } from './base.h5'

const aria = (c: Common) => ({ ariaRole: c.role, ariaLabel: c.label, id: c.id })

export function Box({ className, style, children, onTap, ...c }: Common & { as?: string; onTap?: () => void }) {
  return (
    <View className={className} style={style} onClick={onTap} {...aria(c)}>
      {children}
    </View>
  )
}

export function Text({ className, style, children, strong, selectable, ...c }: Common & { strong?: boolean; selectable?: boolean }) {
  return (
    <WeText className={`${className ?? ''} ${strong ? 'strong' : ''}`} style={style} userSelect={selectable} {...aria(c)}>
      {children}
    </WeText>
  )
}

export function Heading({ level = 2, className = '', style, children, ...c }: Common & { level?: 1 | 2 | 3 | 4 }) {
  return (
    <View className={`h${level} ${className}`} style={style} {...aria({ ...c, role: 'heading' })}>
      {children}
    </View>
  )
}

export function Press({ className = '', style, children, onTap, disabled, ...c }: Common & {
  onTap?: () => void
  disabled?: boolean
  pressed?: boolean
  checked?: boolean
  expanded?: boolean
  current?: boolean
}) {
  const on = c.pressed || c.checked || c.current
  return (
    <Button className={`press ${className}`} style={style as object} hoverClass="down" disabled={disabled} onClick={disabled ? undefined : onTap} {...aria({ ...c, label: c.label && on ? `${c.label}，已选中` : c.label })}>
      {children}
    </Button>
  )
}

export function Line({ value, onInput, kind = 'text', most, className = '', onEnter, placeholder, disabled, label, id }: TextInput) {
  if (kind === 'date' || kind === 'time') return <DateTime id={id} kind={kind} value={value} onChange={onInput} label={label} disabled={disabled} />
  return (
    <Input
      id={id} className={`input ${className}`} value={value} type={kind === 'number' || kind === 'tel' ? 'number' : 'text'} password={kind === 'password'} maxlength={most ?? -1} placeholder={placeholder}
      disabled={disabled} ariaLabel={label} confirmType={kind === 'search' ? 'search' : 'done'} onInput={(e) => onInput(e.detail.value)} onConfirm={() => onEnter?.()}
    />
  )
}

export function Lines({ value, onInput, most, className = '', placeholder, disabled, label, id, rows = 5 }: TextInput & { rows?: number }) {
  return (
    <Textarea
      id={id} className={`input lines ${className}`} style={{ minHeight: `${rows * 1.6}em` }} autoHeight value={value} maxlength={most ?? -1} placeholder={placeholder} disabled={disabled} ariaLabel={label} cursorSpacing={80}
      onInput={(e) => onInput(e.detail.value)}
    />
  )
}

export function Choice({ value, options, onChange, label, disabled, className = '' }: {
  id?: string
  value: string
  options: readonly { value: string; text: string }[]
  onChange: (value: string) => void
  label?: string
  disabled?: boolean
  className?: string
}) {
  const at = options.findIndex((o) => o.value === value)
  return (
    <Picker
      mode="selector" range={options.map((o) => o.text)} value={Math.max(at, 0)} disabled={disabled}
      onChange={(e) => {
        const chosen = options[Number(e.detail.value)]
        if (chosen) onChange(chosen.value)
      }}
    >
      <View className={`input ${className}`} ariaRole="button" ariaLabel={label}>
        {options[at]?.text ?? '请选择'}
      </View>
    </Picker>
  )
}

export function DateTime({ kind, value, onChange, label, disabled, from = '', to = '' }: { id?: string; kind: 'date' | 'time'; value: string; onChange: (value: string) => void; label?: string; disabled?: boolean; from?: string; to?: string }) {
  return (
    <Picker mode={kind} value={value} start={from} end={to} disabled={disabled} onChange={(e) => onChange(e.detail.value)}>
      <View className="input" ariaRole="button" ariaLabel={label}>
        {value || '请选择'}
      </View>
    </Picker>
  )
}

export function Picture({ src, alt, className }: { src: string; alt?: string; className?: string; width?: number; height?: number }) {
  return <Image src={src.startsWith('/') ? SERVER + src : src} className={className} mode="widthFix" lazyLoad ariaLabel={alt} />
}

export function Html({ html, className = '' }: { html: string; className?: string }) {
  return <RichText className={`html ${className}`} nodes={readable(html, SERVER)} userSelect />
}

export function Scroll({ className, children, horizontal }: { className?: string; children?: ReactNode; horizontal?: boolean; label?: string }) {
  return (
    <ScrollView className={className} scrollX={horizontal} scrollY={!horizontal} enhanced showScrollbar={false}>
      {children}
    </ScrollView>
  )
}
