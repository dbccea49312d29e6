package push

import (
	"context"

	"zhibu/model"
	"zhibu/model/store"
)

// MemberLine is what became of one message to a member, with the next step. Read is nil but for a meeting's notice: that somebody has seen an
// invitation is fair to know, what anybody reads is not.
type MemberLine struct {
	store.MemberLine
	Advice string
	Read   *bool
}

// MemberHistory is what happened to a member's messages, the newest first, for those who lead an organisation that the member belongs to: of
// the organisations that the actor leads, without private messages and without those whose audience tells who has not read something.
// Errors: not_found, also for a member of others.
func (s *Service) MemberHistory(ctx context.Context, actor *model.Actor, memberID string, page model.Page) ([]MemberLine, string, error) {
	m, err := s.store.Member(ctx, memberID)
	if err != nil {
		return nil, "", err
	}
	places, err := s.store.Memberships(ctx, memberID)
	if err != nil {
		return nil, "", err
	}
	if m.ErasedAt != nil || !mayAt(actor, places, model.CanSeeRoster) {
		return nil, "", model.NotFound("该成员")
	}
	rows, next, err := s.store.MemberLines(ctx, memberID, ledBy(actor), page)
	if err != nil {
		return nil, "", err
	}
	now, out := s.now(), make([]MemberLine, len(rows))
	for i, r := range rows {
		l := MemberLine{MemberLine: r, Advice: advise(&r.Delivery, worthACall(r.PushKind, r.PushHours))}
		l.State = l.Shown(now)
		l.Reason = plainWords(&l.Delivery)
		if r.PushKind == model.PushMeeting {
			read := r.ReadAt != nil
			l.Read = &read
		}
		out[i] = l
	}
	return out, next, nil
}

// mayAt reports whether the actor has a right at one of these places. Who has no place at all is only within the reach of a power for everything.
func mayAt(actor *model.Actor, places []model.Membership, may func(*model.Actor, string) bool) bool {
	if len(places) == 0 {
		return may(actor, model.EverywherePath)
	}
	for _, m := range places {
		if may(actor, m.OrgPath) {
			return true
		}
	}
	return false
}

// ledBy are the paths of the organisations that the actor leads.
func ledBy(actor *model.Actor) []string {
	var paths []string
	for _, p := range actor.Powers {
		if p.Role.Rank() >= model.RoleGroupLeader.Rank() {
			paths = append(paths, p.Path)
		}
	}
	return paths
}
