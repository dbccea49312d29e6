import { useEffect, useRef } from 'react'

/**
 * useKeys binds single keys on a page, such as the moderation queue: `useKeys({ a: approve, h: hide, j: next })`. They rest while somebody types,
 * while a dialog is open, and together with Ctrl, Alt or Meta.
 */
export function useKeys(bindings: Record<string, () => void>, active = true): void {
  const now = useRef(bindings)
  useEffect(() => {
    now.current = bindings
  })
  useEffect(() => {
    if (!active) return undefined
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return
      const at = event.target as HTMLElement | null
      if (at?.closest('input, textarea, select, [contenteditable="true"], [role="combobox"], [role="dialog"]')) return
      if (document.querySelector('.ant-modal-wrap:not([style*="display: none"]) [role="dialog"]')) return
      const act = now.current[event.key.length === 1 ? event.key.toLowerCase() : event.key]
      if (!act) return
      event.preventDefault()
      act()
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  }, [active])
}
