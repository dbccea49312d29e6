package store

import (
	"context"
	"time"

	"zhibu/model"
)

// IdentityByOpenID finds a WeChat user.
func (s *Store) IdentityByOpenID(ctx context.Context, openID string) (*model.Identity, error) {
	return one[model.Identity](s.read(ctx).Where("openid = ?", openID), "该微信用户")
}

// IdentityOf finds the WeChat user a member is bound to.
func (s *Store) IdentityOf(ctx context.Context, memberID string) (*model.Identity, error) {
	return one[model.Identity](s.read(ctx).Where("member_id = ?", memberID), "该微信用户")
}

// Identity reads a WeChat user by id.
func (s *Store) Identity(ctx context.Context, id string) (*model.Identity, error) {
	return one[model.Identity](s.read(ctx).Where("id = ?", id), "该微信用户")
}

// AddIdentity writes a new WeChat user.
func (s *Store) AddIdentity(ctx context.Context, i *model.Identity) error {
	return fault(s.write(ctx).Create(i).Error)
}

// TouchIdentity notes a visit, and the unionid once WeChat tells it.
func (s *Store) TouchIdentity(ctx context.Context, id, unionID string, now time.Time) error {
	statement, args := "UPDATE identities SET last_seen_at = ?", []any{now}
	if unionID != "" {
		statement, args = statement+", unionid = ?", append(args, unionID)
	}
	_, err := s.exec(ctx, statement+" WHERE id = ?", append(args, id)...)
	return err
}

// IdentityOfWeb finds the user behind an openid of the service account, or the user of the mini-program with its unionid. Of two, who is bound to a
// member comes first.
func (s *Store) IdentityOfWeb(ctx context.Context, officialOpenID, unionID string) (*model.Identity, error) {
	rows, err := many[model.Identity](s.read(ctx).Where("official_openid = ?", officialOpenID))
	if err != nil {
		return nil, err
	}
	if unionID != "" {
		joined, err := many[model.Identity](s.read(ctx).Where("unionid = ?", unionID).Order("created_at, id"))
		if err != nil {
			return nil, err
		}
		rows = append(rows, joined...)
	}
	for i := range rows {
		if rows[i].MemberID != nil {
			return &rows[i], nil
		}
	}
	if len(rows) == 0 {
		return nil, model.NotFound("该微信用户")
	}
	return &rows[0], nil
}

// WebOnlyIdentity finds who came by the service account alone, by their unionid.
func (s *Store) WebOnlyIdentity(ctx context.Context, unionID string) (*model.Identity, error) {
	return one[model.Identity](s.read(ctx).Where("unionid = ? AND openid LIKE ?", unionID, model.WebOnlyOpenID("")+"%").Order("created_at, id"), "该微信用户")
}

// TouchWebIdentity notes a visit by the service account, and the unionid once WeChat tells it.
func (s *Store) TouchWebIdentity(ctx context.Context, id, officialOpenID, unionID string, now time.Time) error {
	set := map[string]any{"official_openid": officialOpenID, "last_seen_at": now}
	if unionID != "" {
		set["unionid"] = unionID
	}
	return fault(s.write(ctx).Model(&model.Identity{}).Where("id = ?", id).Updates(set).Error)
}

// GiveOpenID notes the mini-program's openid of who came by the service account alone.
func (s *Store) GiveOpenID(ctx context.Context, id, openID string) error {
	return fault(s.write(ctx).Model(&model.Identity{}).Where("id = ?", id).Update("openid", openID).Error)
}

// DropIdentity removes a WeChat user who turned out to be another one.
func (s *Store) DropIdentity(ctx context.Context, id string) error {
	return fault(s.write(ctx).Where("id = ?", id).Delete(&model.Identity{}).Error)
}

// BindIdentity ties a WeChat user to a member; nil unties.
func (s *Store) BindIdentity(ctx context.Context, id string, memberID *string, now time.Time) error {
	set := map[string]any{"member_id": memberID, "bound_at": nil}
	if memberID != nil {
		set["bound_at"] = now
	}
	return fault(s.write(ctx).Model(&model.Identity{}).Where("id = ?", id).Updates(set).Error)
}

// Credential finds a console account by its name.
func (s *Store) Credential(ctx context.Context, username string) (*model.Credential, error) {
	return one[model.Credential](s.read(ctx).Where("username = ?", username), "该账号")
}

// AddCredential writes a new console account.
func (s *Store) AddCredential(ctx context.Context, c *model.Credential) error {
	return fault(s.write(ctx).Create(c).Error)
}

// CountCredentials tells how many console accounts there are.
func (s *Store) CountCredentials(ctx context.Context) (n int64, err error) {
	return n, fault(s.read(ctx).Model(&model.Credential{}).Count(&n).Error)
}

// AddSession writes a new session.
func (s *Store) AddSession(ctx context.Context, v *model.Session) error {
	return fault(s.write(ctx).Create(v).Error)
}

// Session reads one session.
func (s *Store) Session(ctx context.Context, id string) (*model.Session, error) {
	return one[model.Session](s.read(ctx).Where("id = ?", id), "该登录")
}

// LiveSessions are a member's sessions that are neither revoked nor expired, the newest first.
func (s *Store) LiveSessions(ctx context.Context, memberID string, now time.Time) ([]model.Session, error) {
	return many[model.Session](s.read(ctx).Where("member_id = ? AND revoked_at IS NULL AND expires_at > ?", memberID, now).Order("created_at DESC, id DESC"))
}

// LiveSessionsOfIdentity are a WeChat user's sessions that are neither revoked nor expired.
func (s *Store) LiveSessionsOfIdentity(ctx context.Context, identityID string, now time.Time) ([]model.Session, error) {
	return many[model.Session](s.read(ctx).Where("identity_id = ? AND revoked_at IS NULL AND expires_at > ?", identityID, now))
}

// SetSessionMember ties a session to the member its WeChat user was bound to.
func (s *Store) SetSessionMember(ctx context.Context, id, memberID string) error {
	return fault(s.write(ctx).Model(&model.Session{}).Where("id = ?", id).Update("member_id", memberID).Error)
}

// ExtendSession moves a session's end, at each refresh.
func (s *Store) ExtendSession(ctx context.Context, id string, now, expires time.Time) error {
	return fault(s.write(ctx).Model(&model.Session{}).Where("id = ?", id).
		Updates(map[string]any{"last_seen_at": now, "expires_at": expires}).Error)
}

// RevokeSession ends a session with all its tokens. It reports whether the session was still live.
func (s *Store) RevokeSession(ctx context.Context, id, reason string, now time.Time) (bool, error) {
	n, err := changed(s.write(ctx).Model(&model.Session{}).Where("id = ? AND revoked_at IS NULL", id).
		Updates(map[string]any{"revoked_at": now, "reason": reason}))
	return n > 0, err
}

// AddToken writes a token's hash.
func (s *Store) AddToken(ctx context.Context, t *model.Token) error {
	return fault(s.write(ctx).Create(t).Error)
}

// AddTokens writes several at once.
func (s *Store) AddTokens(ctx context.Context, tokens []model.Token) error {
	return fault(s.write(ctx).Create(&tokens).Error)
}

// Token finds a token by its hash.
func (s *Store) Token(ctx context.Context, hash string) (*model.Token, error) {
	return one[model.Token](s.read(ctx).Where("hash = ?", hash), "该令牌")
}

// UseToken marks a refresh token as used and reports whether this call was the one to use it.
func (s *Store) UseToken(ctx context.Context, hash string, now time.Time) (bool, error) {
	n, err := changed(s.write(ctx).Model(&model.Token{}).Where("hash = ? AND used_at IS NULL", hash).Update("used_at", now))
	return n > 0, err
}

// PruneSessions forgets sessions that ended before the instant, with their tokens.
func (s *Store) PruneSessions(ctx context.Context, before time.Time) error {
	ended := s.read(ctx).Model(&model.Session{}).Select("id").Where("expires_at < ? OR revoked_at < ?", before, before)
	if err := s.write(ctx).Where("session_id IN (?)", ended).Delete(&model.Token{}).Error; err != nil {
		return fault(err)
	}
	return fault(s.write(ctx).Where("expires_at < ? OR revoked_at < ?", before, before).Delete(&model.Session{}).Error)
}

// AddInvite writes an invitation.
func (s *Store) AddInvite(ctx context.Context, v *model.Invite) error {
	return fault(s.write(ctx).Create(v).Error)
}

// UseInvite counts one use of a live invitation and returns it; an unknown, spent or expired one is not found.
func (s *Store) UseInvite(ctx context.Context, hash string, now time.Time) (*model.Invite, error) {
	n, err := changed(s.write(ctx).Model(&model.Invite{}).Where("code_hash = ? AND uses < max_uses AND expires_at > ?", hash, now).
		UpdateColumn("uses", gormExpr("uses + 1")))
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, model.NotFound("这个邀请码")
	}
	return one[model.Invite](s.write(ctx).Where("code_hash = ?", hash), "这个邀请码")
}

// AddConsoleCode writes a code to be scanned.
func (s *Store) AddConsoleCode(ctx context.Context, c *model.ConsoleCode) error {
	return fault(s.write(ctx).Create(c).Error)
}

// ConsoleCode reads a code.
func (s *Store) ConsoleCode(ctx context.Context, id string) (*model.ConsoleCode, error) {
	return one[model.ConsoleCode](s.read(ctx).Where("id = ?", id), "这个登录码")
}

// MoveConsoleCode takes a code from one state to the next and reports whether it was in the first.
func (s *Store) MoveConsoleCode(ctx context.Context, id string, from, to model.ConsoleState, memberID string) (bool, error) {
	n, err := changed(s.write(ctx).Model(&model.ConsoleCode{}).Where("id = ? AND state = ?", id, from).
		Updates(map[string]any{"state": to, "member_id": memberID}))
	return n > 0, err
}
