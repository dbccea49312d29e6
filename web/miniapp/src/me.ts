import type { Me } from './session'
import { useSession } from './session'

/** The roles that lead a branch or group: their holders see the secretary's tools. */
const leading = ['secretary', 'committee_member', 'group_leader']

export type Org = Me['memberships'][number]['org']

/** Where the person holds one of the roles. */
export function orgsWhere(me: Me | undefined, roles: readonly string[]): Org[] {
  return (me?.memberships ?? []).filter((m) => m.roles.some((r) => roles.includes(r))).map((m) => m.org)
}

/** The branches and groups that the person leads, in the order of the memberships. The server decides each time; this only hides what would be refused. */
export function ledOrgs(me: Me | undefined): Org[] {
  return orgsWhere(me, leading)
}

/** The organisations whose office the person is. */
export function officeOrgs(me: Me | undefined): Org[] {
  return orgsWhere(me, ['staff', 'admin'])
}

/** Whether the secretary's tools are for this person. */
export function mayLead(me: Me | undefined): boolean {
  return ledOrgs(me).length + officeOrgs(me).length > 0
}

/** Who is here, in the words that pages ask in. */
export function useMe(): { me: Me | undefined; starting: boolean; bound: boolean; led: Org[]; office: Org[]; leads: boolean } {
  const { me, starting } = useSession()
  return { me, starting, bound: me?.bound ?? false, led: ledOrgs(me), office: officeOrgs(me), leads: mayLead(me) }
}
