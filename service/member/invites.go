package member

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Invitation is a fresh code. It is shown once; only its hash is kept.
type Invitation struct {
	Code      string
	ExpiresAt time.Time
}

// The life and the uses of a code: the default, and the most that may be asked for.
const (
	inviteDays, maxInviteDays = 7, 30
	inviteUses, maxInviteUses = 200, 1000
)

// codeSigns are those that nobody confuses, neither on paper nor on the telephone's screen: no 0 and O, no 1 and I.
const codeSigns = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// codeLength gives 50 bits.
const codeLength = 10

// Invite makes a code with which people who are not on the roster join an organisation. Zero days or uses mean the default.
// Errors: not_found, forbidden, validation_failed.
func (s *Service) Invite(ctx context.Context, actor *model.Actor, orgID string, days, uses int) (*Invitation, error) {
	now := s.clock()
	code, err := newCode()
	if err != nil {
		return nil, err
	}
	out := &Invitation{Code: code}
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		o, err := leadOrg(ctx, tx, actor, orgID, model.CanEditRoster, "邀请码由支部书记发放。")
		if err != nil {
			return err
		}
		days, uses, err := checkInvite(days, uses)
		if err != nil {
			return err
		}
		out.ExpiresAt = now.AddDate(0, 0, days)
		row := &model.Invite{ID: store.NewID(), CodeHash: hashCode(code), OrgID: o.ID, CreatedBy: actor.MemberID, MaxUses: uses,
			ExpiresAt: out.ExpiresAt, CreatedAt: now}
		if err := tx.AddInvite(ctx, row); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "invite.create", "invite:"+row.ID, o.ID, nil)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func checkInvite(days, uses int) (int, int, error) {
	var v model.Invalid
	if days < 0 || days > maxInviteDays {
		v.Add("days", "not_allowed", "有效期应为 1 到 30 天。")
	}
	if uses < 0 || uses > maxInviteUses {
		v.Add("max_uses", "not_allowed", "使用次数应为 1 到 1000 次。")
	}
	if days == 0 {
		days = inviteDays
	}
	if uses == 0 {
		uses = inviteUses
	}
	return days, uses, v.Err()
}

func newCode() (string, error) {
	b := make([]byte, codeLength)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	for i := range b {
		b[i] = codeSigns[int(b[i])%len(codeSigns)] // 256 is a multiple of 32, so that each sign is as likely as the others
	}
	return string(b), nil
}

// hashCode is how a code is kept; signing in hashes what it is given in the same way, in capitals.
func hashCode(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}

// JoinedByInvite tells the secretaries of the organisation, or those nearest above it, that somebody came in by a code, and puts the newcomer into
// the order of the roster. It is what signing in calls, in its transaction.
func (s *Service) JoinedByInvite(ctx context.Context, tx *store.Store, m *model.Member, o *model.Org) error {
	now := s.clock()
	m.NameSort = SortKey(m.Name)
	if err := tx.SaveMember(ctx, m); err != nil {
		return err
	}
	if err := tx.Audit(ctx, now, &model.Actor{MemberID: m.ID}, "member.join", "member:"+m.ID, o.ID, nil); err != nil {
		return err
	}
	to, err := keepers(ctx, tx, o)
	if err != nil || len(to) == 0 {
		return err
	}
	return s.outbox.Push(ctx, tx, &model.Push{
		OrgID: o.ID, OrgPath: o.Path, Kind: model.PushAnnouncement, Title: "新成员加入，请核对",
		Body: m.Name + "通过邀请码加入了" + o.Name + "。请在花名册中核对身份，并补充手机号和政治面貌；如不是本组织成员，请将其移除。",
		Fields: map[string]string{"title": m.Name + "加入" + o.Name, "from": o.Name,
			"time": now.In(model.Zone).Format("2006-01-02 15:04"), "note": "请在花名册中核对"},
		Audience: model.Audience{MemberIDs: to}, Hours: model.HoursOrdinary, Private: true, Subject: "member:" + m.ID, CreatedBy: m.ID,
	})
}

// keepers are the secretaries nearest to an organisation; where there is none all the way up, the office is.
func keepers(ctx context.Context, tx *store.Store, o *model.Org) ([]string, error) {
	for _, roles := range [][]model.Role{{model.RoleSecretary}, {model.RoleStaff, model.RoleAdmin}} {
		grants, err := tx.HoldersOver(ctx, o.Path, roles...)
		if err != nil {
			return nil, err
		}
		var ids []string
		for _, g := range grants { // the nearest first
			if g.OrgPath == grants[0].OrgPath && !slices.Contains(ids, g.MemberID) {
				ids = append(ids, g.MemberID)
			}
		}
		if len(ids) > 0 {
			return ids, nil
		}
	}
	return nil, nil
}
