package model

// CanManageAccount: who may change the phone of a person, or untie their WeChat, could then sign in as them. So it takes every role that the
// person holds, wherever it is: the secretary of one branch may not take over the account of another branch's secretary or of the office.
func CanManageAccount(a *Actor, path string, held []Grant) bool {
	if !CanEditRoster(a, path) {
		return false
	}
	for _, g := range held {
		if !CanGrant(a, g.Role, g.OrgPath) {
			return false
		}
	}
	return true
}

// CanRemoveMember: nobody takes out of an organisation somebody who is above them there, nor makes them lose a role that they may not take.
func CanRemoveMember(a *Actor, path string, held, lost []Grant) bool {
	if !CanEditRoster(a, path) {
		return false
	}
	for _, g := range held {
		if g.Role == RoleAdmin && Within(path, g.OrgPath) && !CanGrant(a, RoleAdmin, path) {
			return false
		}
	}
	for _, g := range lost {
		if g.Role != RoleRevealPhone && !CanGrant(a, g.Role, g.OrgPath) { // who leaves needs no numbers any more
			return false
		}
	}
	return true
}

// GrantsLost are the roles that end when a person's places change: those at organisations in which they had a place and have none any more.
// A role that never rested on a place, such as the office's, stays.
func GrantsLost(held []Grant, before, after []Membership) []Grant {
	var lost []Grant
	for _, g := range held {
		if g.OrgID != "" && hasPlaceIn(before, g.OrgPath) && !hasPlaceIn(after, g.OrgPath) {
			lost = append(lost, g)
		}
	}
	return lost
}

func hasPlaceIn(places []Membership, path string) bool {
	for _, m := range places {
		if Within(m.OrgPath, path) {
			return true
		}
	}
	return false
}
