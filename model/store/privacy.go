package store

import (
	"context"
	"strings"
	"time"

	"zhibu/model"
)

// Erased is everything by which the tables know a person.
type Erased struct {
	MemberID   string
	Name       string
	Identities []string // of WeChat users bound to them
	OpenIDs    []string // at the mini-program and at the service account
	UnionIDs   []string
	Usernames  []string
	// SuggestionIndexes are those by which anonymous suggestions know their author.
	SuggestionIndexes []string
}

// KnownAs finds everything by which the tables know a person, all but the index of anonymous suggestions.
func (s *Store) KnownAs(ctx context.Context, m *model.Member) (*Erased, error) {
	e := &Erased{MemberID: m.ID, Name: m.Name}
	bound, err := many[model.Identity](s.read(ctx).Where("member_id = ?", m.ID))
	if err != nil {
		return nil, err
	}
	for _, i := range bound {
		e.Identities, e.OpenIDs = append(e.Identities, i.ID), append(e.OpenIDs, i.OpenID)
		if i.UnionID != "" {
			e.UnionIDs = append(e.UnionIDs, i.UnionID)
		}
		if i.OfficialOpenID != "" {
			e.OpenIDs = append(e.OpenIDs, i.OfficialOpenID)
		}
	}
	// What was sent to the person names openids that they have unbound since.
	before := []string{}
	if err := s.read(ctx).Model(&model.Delivery{}).Distinct("openid").Where("member_id = ? AND openid <> '' AND openid NOT IN ?", m.ID, orNone(e.OpenIDs)).Pluck("openid", &before).Error; err != nil {
		return nil, fault(err)
	}
	e.OpenIDs = append(e.OpenIDs, before...)
	if len(e.UnionIDs) > 0 {
		follows := []string{}
		if err := s.read(ctx).Model(&model.OfficialFollower{}).Where("unionid IN ?", e.UnionIDs).Pluck("openid", &follows).Error; err != nil {
			return nil, fault(err)
		}
		e.OpenIDs = append(e.OpenIDs, follows...)
	}
	err = s.read(ctx).Model(&model.Credential{}).Where("member_id = ?", m.ID).Pluck("username", &e.Usernames).Error
	return e, fault(err)
}

func orNone(values []string) []string { return append([]string{"-"}, values...) }

// erasing is one statement of an erasure.
type erasing struct {
	what string // in the report; empty where it belongs to the one before
	sql  string
	args []any
}

// EraseMember removes the person from every table. What is told about them by number stays, under the number of a row that says 已注销成员; so the
// counts stay. It reports how much of what there was.
func (s *Store) EraseMember(ctx context.Context, e *Erased, now time.Time) ([]model.ErasureLine, error) {
	var report []model.ErasureLine
	for _, step := range erasingSteps(e, now) {
		n, err := changed(s.write(ctx).Exec(step.sql, step.args...))
		if err != nil {
			return nil, err
		}
		switch {
		case n == 0:
		case step.what != "":
			report = append(report, model.ErasureLine{What: step.what, Count: int(n)})
		case len(report) > 0:
			report[len(report)-1].Count += int(n)
		}
	}
	return report, nil
}

func erasingSteps(e *Erased, now time.Time) []erasing {
	m, gone := e.MemberID, model.ErasedName
	mine, openIDs, ids := []any{m}, []any{orNone(e.OpenIDs)}, orNone(e.Identities)
	both := "openid IN ? OR unionid IN ?"
	rename := func(table, column string, length int, where string, args ...any) erasing {
		sql := "UPDATE " + table + " SET " + column + " = SUBSTR(REPLACE(" + column + ", ?, ?), 1, ?) WHERE " + where + " AND " + column + " LIKE ?"
		return erasing{sql: sql, args: append(append([]any{e.Name, gone, length}, args...), like(e.Name))}
	}
	about := []any{"member:" + m, m}
	return []erasing{
		{"登录凭证", "DELETE FROM tokens WHERE session_id IN (SELECT id FROM sessions WHERE member_id = ? OR identity_id IN ?)", []any{m, ids}},
		{"登录设备", "DELETE FROM sessions WHERE member_id = ? OR identity_id IN ?", []any{m, ids}},
		{"扫码登录", "DELETE FROM console_codes WHERE member_id = ?", mine},
		{"管理账号", "DELETE FROM credentials WHERE member_id = ?", mine},
		{"", "DELETE FROM second_factors WHERE member_id = ?", mine},
		{"", "DELETE FROM recovery_codes WHERE member_id = ?", mine},
		{"", "DELETE FROM login_failures WHERE username IN ?", []any{orNone(e.Usernames)}},
		{"微信绑定", "DELETE FROM identities WHERE member_id = ? OR id IN ?", []any{m, ids}},
		{"公众号关注", "DELETE FROM official_followers WHERE " + both, []any{orNone(e.OpenIDs), orNone(e.UnionIDs)}},
		{"订阅余量", "DELETE FROM quotas WHERE openid IN ?", openIDs},
		{"", "DELETE FROM taps WHERE openid IN ?", openIDs},
		{"微信事件", "DELETE FROM wechat_events WHERE openid IN ?", openIDs},
		{"邀请码", "UPDATE invites SET expires_at = ? WHERE created_by = ? AND expires_at > ?", []any{now, m, now}},
		{"阅读记录", "DELETE FROM article_reads WHERE member_id = ?", mine},
		{"单位已学", "DELETE FROM article_claims WHERE member_id = ?", mine},
		{"收藏", "DELETE FROM article_favorites WHERE member_id = ?", mine},
		{"点赞", "DELETE FROM article_likes WHERE member_id = ?", mine},
		{"", "DELETE FROM comment_likes WHERE member_id = ?", mine},
		{"举报", "DELETE FROM comment_reports WHERE member_id = ?", mine},
		// The ledger's rows stay, since a push's counts are made of them; where they went and what they said does not.
		{"站内信与推送台账中的本人信息", "UPDATE deliveries SET openid = '', own_title = '', own_body = NULL, errmsg = '', msg_id = '', read_at = NULL WHERE member_id = ?", mine},
		{"", "UPDATE deliveries SET state = 'inbox_only', channel = 'inbox', due_at = NULL, held_until = NULL, holds = '', reason = '成员已注销' " +
			"WHERE member_id = ? AND owner = '' AND state IN ('queued', 'held', 'in_doubt')", mine},
		{"推送文字中的姓名", "UPDATE pushes SET title = SUBSTR(REPLACE(title, ?, ?), 1, 200), body = REPLACE(body, ?, ?), fields = REPLACE(fields, ?, ?) WHERE subject = ? OR created_by = ?",
			append([]any{e.Name, gone, e.Name, gone, e.Name, gone}, about...)},
		{"匿名建议的作者", "UPDATE suggestions SET author_sealed = NULL, author_key_id = '', author_index = '', tell_at = NULL WHERE author_index IN ?", []any{orNone(e.SuggestionIndexes)}},
		rename("uploads", "name", 120, "owner_id = ?", m),
		rename("suggestions", "title", 200, "author_id = ?", m),
		rename("suggestions", "content", 100000, "author_id = ?", m),
		rename("suggestions", "rating_text", 100000, "author_id = ?", m),
		rename("suggestion_steps", "note", 100000, "by_id = ?", m),
		{"正在办理的意见建议（已退回待分派）", "UPDATE suggestions SET assignee_id = '' WHERE assignee_id = ? AND state <> 'closed'", mine},
		{"组织关系", "DELETE FROM memberships WHERE member_id = ?", mine},
		{"职务与权限", "DELETE FROM grants WHERE member_id = ?", mine},
		{"姓名、手机号、单位、职务、政治面貌", "UPDATE members SET name = ?, name_sort = '', phone_cipher = NULL, phone_key_id = '', phone_index = NULL, phone_mask = '', party_status = 'non_party', " +
			"employer = '', title = '', consent_version = '', consent_at = NULL, erased_at = ?, version = version + 1, updated_at = ? WHERE id = ?", []any{gone, now, now, m}},
	}
}

func like(s string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(s) + "%"
}

// AddErasure writes that somebody was erased, with the marks.
func (s *Store) AddErasure(ctx context.Context, e *model.Erasure, marks []string) error {
	if err := s.write(ctx).Create(e).Error; err != nil {
		return fault(err)
	}
	for _, mark := range marks {
		if _, err := s.insertOnce(ctx, &model.ErasureMark{Mark: mark, ErasureID: e.ID, CreatedAt: e.ErasedAt}); err != nil {
			return err
		}
	}
	return nil
}

// SaveErasureReport writes what was found after the erasure.
func (s *Store) SaveErasureReport(ctx context.Context, e *model.Erasure) error {
	return fault(s.write(ctx).Model(&model.Erasure{}).Where("id = ?", e.ID).Select("report").Updates(e).Error)
}

// Erasures lists what was erased, the newest first.
func (s *Store) Erasures(ctx context.Context, limit int) ([]model.Erasure, error) {
	return many[model.Erasure](s.read(ctx).Order("erased_at DESC, id DESC").Limit(limit))
}

// MarkedAsErased are those of the marks that some erasure left.
func (s *Store) MarkedAsErased(ctx context.Context, marks []string) (map[string]bool, error) {
	rows, err := inBatches[model.ErasureMark](s.read(ctx), "mark", marks)
	out := make(map[string]bool, len(rows))
	for _, r := range rows {
		out[r.Mark] = true
	}
	return out, err
}

// LiftErasure takes back all marks of the erasure that left one of these, when the person comes back. It reports whether there were any.
func (s *Store) LiftErasure(ctx context.Context, marks []string) (bool, error) {
	rows, err := inBatches[model.ErasureMark](s.read(ctx), "mark", marks)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	for _, r := range rows {
		if err := s.write(ctx).Where("erasure_id = ?", r.ErasureID).Delete(&model.ErasureMark{}).Error; err != nil {
			return false, fault(err)
		}
	}
	return true, nil
}

// RecentReplays are the callers and keys of all kept answers; the rest of them is sealed.
func (s *Store) RecentReplays(ctx context.Context) ([]model.Replay, error) {
	return many[model.Replay](s.read(ctx).Select("caller", "idem_key"))
}

// Vacuum writes the embedded database anew, so that nothing erased is left in its unused pages, and empties the log before it. It is
// nothing on MySQL, which reuses its pages by itself.
func (s *Store) Vacuum(ctx context.Context) error {
	if s.dialect != SQLite {
		return nil
	}
	if err := s.write(ctx).Exec("VACUUM").Error; err != nil {
		return fault(err)
	}
	return fault(s.write(ctx).Exec("PRAGMA wal_checkpoint(TRUNCATE)").Error)
}
