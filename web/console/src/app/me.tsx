import { createContext, useContext, useMemo, useSyncExternalStore, type ReactNode } from 'react'
import { api, session } from '~/api/client'
import { useLoad } from '~/api/query'
import type { Me } from '~/api/session'

const RANK: Record<string, number> = { member: 1, group_leader: 2, committee_member: 3, secretary: 4, staff: 5, admin: 6 }

/** What pages ask about the person. It decides what is shown; what is allowed, the server decides. */
export interface Myself {
  me: Me | undefined
  /** staff or admin anywhere: the committee's office. */
  office: boolean
  admin: boolean
  /** staff or admin of the whole: at the organisation above which there is none. */
  whole: boolean
  /** Any role above that of a member. */
  leader: boolean
  /** The organisation of the greatest role. */
  homeOrg: string | undefined
  /** The greatest role held at exactly this organisation or at one above it. */
  rankAt: (orgId: string, parents: (id: string) => string | undefined) => number
  reload: () => void
}

/** myselfOf reads the roles; a function of its own, so that it can be tested. */
export function myselfOf(me: Me | undefined, reload: () => void = () => undefined): Myself {
  const grants = (me?.memberships ?? []).flatMap((m) => (m.roles ?? []).map((role) => ({ org: m.org.id, rank: RANK[role] ?? 0 })))
  const best = grants.reduce((a, b) => (b.rank > a.rank ? b : a), { org: me?.memberships?.[0]?.org.id ?? '', rank: 0 })
  return {
    me,
    office: best.rank >= RANK.staff!,
    admin: best.rank >= RANK.admin!,
    whole: (me?.memberships ?? []).some((m) => (m.ancestors ?? []).length === 0 && (m.roles ?? []).some((role) => RANK[role]! >= RANK.staff!)),
    leader: best.rank > RANK.member!,
    homeOrg: best.org || undefined,
    rankAt: (orgId, parents) => {
      let rank = 0
      for (let id: string | undefined = orgId; id; id = parents(id)) for (const grant of grants) if (grant.org === id) rank = Math.max(rank, grant.rank)
      return rank
    },
    reload,
  }
}

const Context = createContext<Myself>(myselfOf(undefined))

export function useMe(): Myself {
  return useContext(Context)
}

/** Whether somebody is signed in, here or in another tab. */
export function useSignedIn(): boolean {
  return useSyncExternalStore(
    (changed) => session.onChange(changed),
    () => session.signedIn,
  )
}

export function useMeLoad() {
  return useLoad(['me'], (signal) => api.GET('/api/v1/me', { signal }))
}

export function MeProvider({ me, reload, children }: { me: Me; reload: () => void; children: ReactNode }) {
  // reload is made anew with each drawing and does the same each time.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const value = useMemo(() => myselfOf(me, reload), [me])
  return <Context.Provider value={value}>{children}</Context.Provider>
}
