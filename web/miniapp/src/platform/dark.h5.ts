const media = () => window.matchMedia('(prefers-color-scheme: dark)')

/** Whether the system is dark now. */
export function systemDark(): boolean {
  return media().matches
}

/** Tells when the system goes dark or light. */
export function watchSystemDark(f: () => void): void {
  const m = media()
  if (m.addEventListener) m.addEventListener('change', f)
  else m.addListener(f) // Safari before 14
}
