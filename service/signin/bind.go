package signin

import (
	"context"
	_ "embed"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// ConsentVersion names the privacy notice that came with the program. The office may put in later ones.
const ConsentVersion = "2026-11"

//go:embed consent.html
var consentHTML string

// Notice is the privacy notice a member agrees to before binding.
type Notice struct{ Version, Title, BodyHTML string }

// BindRequest carries either PhoneCode or InviteCode with Name.
type BindRequest struct {
	ConsentVersion string
	PhoneCode      string
	InviteCode     string
	Name           string
}

// Bind makes a visitor the member of the roster whose phone, or whose name behind an invitation, they hold.
// Errors: consent_required, not_on_roster, already_bound, wechat_code_invalid, wechat_unavailable, validation_failed.
func (s *Service) Bind(ctx context.Context, actor *model.Actor, req BindRequest) (*Tokens, error) {
	notice, err := s.ConsentNow(ctx)
	if err != nil {
		return nil, err
	}
	if err := checkBind(actor, req, notice.Version); err != nil {
		return nil, err
	}
	now := s.clock()
	var phone string
	if req.PhoneCode != "" { // WeChat is asked before the transaction begins
		var err error
		if phone, err = s.wechat.Phone(ctx, req.PhoneCode); err != nil {
			return nil, err
		}
	}
	var out *Tokens
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		var member *model.Member
		var err error
		if phone != "" {
			member, err = s.byPhone(ctx, tx, phone)
		} else {
			member, err = s.byInvite(ctx, tx, req, now)
		}
		if err != nil {
			return err
		}
		if err := s.tie(ctx, tx, actor, member, notice.Version, now); err != nil {
			return err
		}
		out, err = s.issue(ctx, tx, &model.Session{ID: actor.SessionID}, now)
		return err
	})
	return out, s.withMe(ctx, out, err)
}

func checkBind(actor *model.Actor, req BindRequest, version string) error {
	if actor.IdentityID == "" {
		return model.Forbidden("请在微信小程序中绑定身份。")
	}
	if req.ConsentVersion != version {
		return consentRequired(version)
	}
	var v model.Invalid
	switch {
	case req.PhoneCode == "" && req.InviteCode == "":
		v.Add("phone_code", "required", "请授权手机号，或填写邀请码和姓名。")
	case req.PhoneCode != "" && req.InviteCode != "":
		v.Add("invite_code", "not_allowed", "手机号与邀请码只需提供一种。")
	case req.InviteCode != "" && model.FoldName(req.Name) == "":
		v.Add("name", "required", "请填写姓名。")
	case len([]rune(req.Name)) > 50:
		v.Add("name", "too_long", "姓名不能超过 50 个字。")
	}
	return v.Err()
}

func (s *Service) byPhone(ctx context.Context, tx *store.Store, phone string) (*model.Member, error) {
	number, ok := model.NormalizePhone(phone)
	if ok {
		m, err := tx.MemberByPhone(ctx, s.vault.Index(number))
		if err == nil || !model.IsNotFound(err) {
			return m, err
		}
	}
	return nil, model.Fail(model.CodeNotOnRoster, "花名册中没有这个手机号，请联系支部书记核对，或使用邀请码绑定。")
}

// byInvite finds the person of this name who is not bound yet; who is not on the roster joins it, and the secretary is told.
func (s *Service) byInvite(ctx context.Context, tx *store.Store, req BindRequest, now time.Time) (*model.Member, error) {
	invite, err := tx.UseInvite(ctx, HashCode(req.InviteCode), now)
	if model.IsNotFound(err) {
		return nil, model.BadField("invite_code", "invalid_invite", "邀请码无效或已过期，请向支部书记索取新的邀请码。")
	}
	if err != nil {
		return nil, err
	}
	org, err := tx.Org(ctx, invite.OrgID)
	if err != nil {
		return nil, err
	}
	name := model.FoldName(req.Name)
	same, err := tx.NamesakesUnder(ctx, org.Path, name)
	if err != nil {
		return nil, err
	}
	var free []model.Member
	for _, m := range same {
		_, err := tx.IdentityOf(ctx, m.ID)
		switch {
		case model.IsNotFound(err):
			free = append(free, m)
		case err != nil:
			return nil, err
		}
	}
	switch {
	case len(free) == 1:
		return &free[0], s.onlyMember(ctx, tx, &free[0])
	case len(free) > 1:
		return nil, model.Conflict("花名册中有同名成员，请使用手机号绑定，或联系支部书记。")
	case len(same) > 0:
		return nil, alreadyBound()
	}
	m := &model.Member{ID: store.NewID(), Name: name, NameSort: name, PartyStatus: model.PartyNone, CreatedAt: now, UpdatedAt: now}
	if err := tx.AddMember(ctx, m); err != nil {
		return nil, err
	}
	place := &model.Membership{ID: store.NewID(), MemberID: m.ID, OrgID: org.ID, OrgPath: org.Path, CreatedAt: now}
	if err := tx.AddMembership(ctx, place); err != nil {
		return nil, err
	}
	return m, s.inviter.JoinedByInvite(ctx, tx, m, org)
}

// onlyMember keeps those who hold a role from being taken over by whoever knows their name: they bind by phone.
func (s *Service) onlyMember(ctx context.Context, tx *store.Store, m *model.Member) error {
	held, err := tx.Grants(ctx, m.ID)
	if err == nil && len(held) > 0 {
		err = model.Conflict("该成员担任支部职务，为安全起见，请使用手机号绑定。")
	}
	return err
}

func alreadyBound() error {
	return model.Fail(model.CodeAlreadyBound, "该成员已绑定其他微信，如已更换微信，请联系支部书记解除绑定。")
}

// tie binds the actor's WeChat user to the member, in all their sessions.
func (s *Service) tie(ctx context.Context, tx *store.Store, actor *model.Actor, m *model.Member, version string, now time.Time) error {
	identity, err := tx.Identity(ctx, actor.IdentityID)
	if err != nil {
		return err
	}
	if identity.MemberID != nil && *identity.MemberID != m.ID {
		return model.Fail(model.CodeAlreadyBound, "当前微信已绑定其他成员，请先解除绑定。")
	}
	other, err := tx.IdentityOf(ctx, m.ID)
	if err == nil && other.ID != identity.ID {
		return alreadyBound()
	}
	if err != nil && !model.IsNotFound(err) {
		return err
	}
	if err := tx.BindIdentity(ctx, identity.ID, &m.ID, now); err != nil {
		if model.CodeOf(err) == model.CodeConflict {
			return alreadyBound()
		}
		return err
	}
	m.ConsentVersion, m.ConsentAt, m.UpdatedAt = version, &now, now
	if err := tx.SaveMember(ctx, m); err != nil {
		return err
	}
	if err := s.admitAll(ctx, tx, identity.ID, m.ID, now); err != nil {
		return err
	}
	if err := s.lift(ctx, tx, identity, m, now); err != nil {
		return err
	}
	who := *actor
	who.MemberID = m.ID
	return tx.Audit(ctx, now, &who, "member.bind", "member:"+m.ID, "", map[string]string{"consent": version})
}
