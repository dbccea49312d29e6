import { useSearchParams } from 'react-router'
import { ORG } from './org'

/** useLinkTo makes addresses that stay with the branch that was chosen: `to('/pushes/new')` → `/pushes/new?org=…`. */
export function useLinkTo(): (path: string, query?: Record<string, string>) => string {
  const [now] = useSearchParams()
  const org = now.get(ORG)
  return (path, query = {}) => {
    const [bare, own] = path.split('?')
    const next = new URLSearchParams(own)
    if (org && !next.has(ORG)) next.set(ORG, org)
    for (const [name, value] of Object.entries(query)) next.set(name, value)
    const text = next.toString()
    return text ? `${bare}?${text}` : bare!
  }
}
