package model

// Role is what a person may do at an organisation and all below it.
type Role string

// The roles, from the least to the greatest.
const (
	RoleMember          Role = "member"
	RoleGroupLeader     Role = "group_leader"
	RoleCommitteeMember Role = "committee_member"
	RoleSecretary       Role = "secretary"
	RoleStaff           Role = "staff"
	RoleAdmin           Role = "admin"
)

// Rank orders the roles; an unknown one ranks 0.
func (r Role) Rank() int {
	switch r {
	case RoleMember:
		return 1
	case RoleGroupLeader:
		return 2
	case RoleCommitteeMember:
		return 3
	case RoleSecretary:
		return 4
	case RoleStaff:
		return 5
	case RoleAdmin:
		return 6
	}
	return 0
}

// Label is the role's Chinese name.
func (r Role) Label() string {
	switch r {
	case RoleMember:
		return "成员"
	case RoleGroupLeader:
		return "党小组组长"
	case RoleCommitteeMember:
		return "支委"
	case RoleSecretary:
		return "支部书记"
	case RoleStaff:
		return "党办"
	case RoleAdmin:
		return "管理员"
	case RoleRevealPhone:
		return "查看手机号"
	}
	return string(r)
}

// Place is one membership as permission questions need it.
type Place struct {
	OrgID string
	Path  string
}

// Power is one grant as permission questions need it.
type Power struct {
	OrgID string
	Path  string
	Role  Role
}

// Actor is who asks. A nil Actor is a stranger without a token; one without MemberID is a visitor who has signed in but is not bound.
type Actor struct {
	SessionID   string
	SessionKind SessionKind
	IdentityID  string
	OpenID      string
	MemberID    string
	Name        string
	PartyStatus PartyStatus
	Consent     string // the version of the privacy notice agreed to
	Held        bool   // by a second factor that their role needs and that they have not set up yet
	Places      []Place
	Powers      []Power
}

// SystemActor acts for the program itself, in jobs.
func SystemActor() *Actor {
	return &Actor{MemberID: "", Name: "系统", Powers: []Power{{Path: EverywherePath, Role: RoleAdmin}}}
}

// SignedIn reports whether there is a session.
func (a *Actor) SignedIn() bool { return a != nil && a.SessionID != "" }

// Bound reports whether the actor is a member.
func (a *Actor) Bound() bool { return a != nil && a.MemberID != "" }

// Has reports whether the actor holds at least this role for the organisation at path.
func (a *Actor) Has(role Role, path string) bool {
	if a == nil {
		return false
	}
	for _, p := range a.Powers {
		if p.Role.Rank() >= role.Rank() && Within(path, p.Path) {
			return true
		}
	}
	return false
}

// HasAnywhere reports whether the actor holds at least this role for any organisation.
func (a *Actor) HasAnywhere(role Role) bool {
	if a == nil {
		return false
	}
	for _, p := range a.Powers {
		if p.Role.Rank() >= role.Rank() {
			return true
		}
	}
	return false
}

// Highest is the greatest role the actor holds for the organisation at path; "" when none.
func (a *Actor) Highest(path string) Role {
	var best Role
	if a == nil {
		return best
	}
	for _, p := range a.Powers {
		if p.Role.Rank() > best.Rank() && Within(path, p.Path) {
			best = p.Role
		}
	}
	return best
}

// BelongsTo reports whether the actor is a member of the organisation at path or of one below it.
func (a *Actor) BelongsTo(path string) bool {
	if a == nil {
		return false
	}
	for _, p := range a.Places {
		if Within(p.Path, path) {
			return true
		}
	}
	return false
}

// InParty reports whether the actor is a full or probationary party member.
func (a *Actor) InParty() bool {
	return a != nil && a.PartyStatus.InParty()
}

// CanSeeOrg holds for the actor's own organisations, those above them, and those the actor has a role for.
func CanSeeOrg(a *Actor, path string) bool {
	return a.Bound() && (a.BelongsTo(path) || a.ownsUnder(path) || a.Has(RoleGroupLeader, path) || a.inAnySubtree(path))
}

// inAnySubtree: a branch's member sees the groups of the own branch, but not another branch.
func (a *Actor) inAnySubtree(path string) bool {
	for _, p := range a.Places {
		if Within(path, p.Path) {
			return true
		}
	}
	return false
}

// ownsUnder: who has a role below sees the way up to the root.
func (a *Actor) ownsUnder(path string) bool {
	for _, p := range a.Powers {
		if p.OrgID != "" && Within(p.Path, path) {
			return true
		}
	}
	return false
}

// CanSeeRoster: the members' list of an organisation is for those who lead it.
func CanSeeRoster(a *Actor, path string) bool { return a.Has(RoleGroupLeader, path) }

// CanEditRoster: members are added, changed and removed by the secretary and above.
func CanEditRoster(a *Actor, path string) bool { return a.Has(RoleSecretary, path) }

// CanRevealPhone is a right of its own, which no role brings along: see RoleRevealPhone.
func CanRevealPhone(a *Actor, path string) bool { return a.HasPhoneRight(path) }

// CanAddOrg: the office builds the tree; a secretary may add groups to the own branch. A root needs a grant for everything.
func CanAddOrg(a *Actor, parentPath string, kind OrgKind) bool {
	if kind == OrgGroup {
		return a.Has(RoleSecretary, parentPath)
	}
	return a.Has(RoleStaff, parentPath)
}

// CanEditOrg: renaming and moving is for the office, or for the secretary where it is a group of the own branch.
func CanEditOrg(a *Actor, o *Org) bool { return CanAddOrg(a, o.Path, o.Kind) }

// CanGrant: nobody gives or takes a role above their own, or outside their own part of the tree; below the secretary nobody gives any.
func CanGrant(a *Actor, role Role, path string) bool {
	if role == RoleRevealPhone {
		return CanGrantPhoneRight(a, path)
	}
	return role.Rank() > 0 && a.Has(RoleSecretary, path) && a.Highest(path).Rank() >= role.Rank()
}

// CanUseConsole: the console is for those who hold a role.
func CanUseConsole(a *Actor) bool { return a.Bound() && a.HasAnywhere(RoleGroupLeader) }

// CanReadAudit: the office reads the audit.
func CanReadAudit(a *Actor) bool { return a.HasAnywhere(RoleStaff) }
