package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"zhibu/model"
)

// OfficialOpenIDs joins members to their openids at the service account, by the unionid of the mini-program's user. Who does not follow the
// account, or is not bound, is not in it.
func (s *Store) OfficialOpenIDs(ctx context.Context, memberIDs []string) (map[string]string, error) {
	out := make(map[string]string, len(memberIDs))
	if len(memberIDs) == 0 {
		return out, nil
	}
	rows, err := many[struct {
		MemberID string
		OpenID   string `gorm:"column:openid"`
	}](s.officialOpenIDs(s.read(ctx), memberIDs))
	for _, r := range rows {
		out[r.MemberID] = r.OpenID
	}
	return out, err
}

// officialOpenIDs is the statement of OfficialOpenIDs. Of two openids with one unionid, which an account that moved leaves behind, the one
// that WeChat spoke of last wins.
func (s *Store) officialOpenIDs(db *gorm.DB, memberIDs []string) *gorm.DB {
	return db.Table("identities i").Select("i.member_id, f.openid").
		Joins("JOIN official_followers f ON f.unionid = i.unionid").
		Where("i.member_id IN ? AND i.unionid <> '' AND f.following = ?", padded(memberIDs), true).
		Order("f.looked_up_at, f.openid")
}

// Follower reads one follower of the service account.
func (s *Store) Follower(ctx context.Context, openID string) (*model.OfficialFollower, error) {
	return one[model.OfficialFollower](s.read(ctx).Where("openid = ?", openID), "该关注者")
}

// TellFollower books an event: at is WeChat's time of it. One that is older than what is known changes nothing. Either way of it is looked up
// soon: of two events of one second nobody knows the order.
func (s *Store) TellFollower(ctx context.Context, openID string, following bool, at, now time.Time) error {
	if _, err := s.Follower(ctx, openID); model.IsNotFound(err) {
		row := &model.OfficialFollower{OpenID: openID, Following: following, EventAt: &at, ToldAt: &now, LookUpAt: &now, CreatedAt: now}
		if first, err := s.insertOnce(ctx, row); err != nil || first {
			return err
		}
	} else if err != nil {
		return err
	}
	return fault(s.followers(ctx).Where("openid = ? AND (event_at IS NULL OR event_at <= ?)", openID, at).
		Updates(map[string]any{"following": following, "event_at": at, "told_at": now, "look_up_at": now, "tries": 0}).Error)
}

// Unfollow books that WeChat refused a message because the person does not follow the account, and reports whether that was news.
func (s *Store) Unfollow(ctx context.Context, openID string, now time.Time) (bool, error) {
	n, err := changed(s.followers(ctx).Where("openid = ? AND following = ?", openID, true).Updates(map[string]any{"following": false, "told_at": now}))
	return n > 0, err
}

func (s *Store) followers(ctx context.Context) *gorm.DB {
	return s.write(ctx).Model(&model.OfficialFollower{})
}

// TakeLookUps takes up to limit followers whose look-up is due and moves it to the instant until, by which EndLookUps and PutOffLookUps know
// it again. When another worker takes some of them at the same moment it gives none, and those wait until then.
func (s *Store) TakeLookUps(ctx context.Context, now, until time.Time, limit int) ([]model.OfficialFollower, error) {
	rows, err := many[model.OfficialFollower](s.read(ctx).Where("look_up_at <= ?", now).Order("look_up_at, openid").Limit(limit))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.OpenID
	}
	n, err := changed(s.followers(ctx).Where("openid IN ? AND look_up_at <= ?", padded(ids), now).Update("look_up_at", until))
	if err != nil || int(n) < len(rows) {
		return nil, err
	}
	return rows, nil
}

// EndLookUps writes what WeChat answered about followers whose look-up was moved to the instant taken. Of whom an event came in meanwhile
// nothing is written: they are due again. The answer about who has left holds no unionid, and the known one stays.
func (s *Store) EndLookUps(ctx context.Context, taken time.Time, profiles []model.OfficialProfile, now time.Time) error {
	return s.Tx(ctx, func(tx *Store) error {
		for _, p := range profiles {
			set := map[string]any{"following": p.Following, "looked_up_at": now, "look_up_at": nil, "tries": 0}
			if p.UnionID != "" {
				set["unionid"] = p.UnionID
			}
			if err := tx.followers(ctx).Where("openid = ? AND look_up_at = ?", p.OpenID, taken).Updates(set).Error; err != nil {
				return fault(err)
			}
		}
		return nil
	})
}

// PutOffLookUps moves look-ups that did not succeed from the instant taken to a later one.
func (s *Store) PutOffLookUps(ctx context.Context, taken time.Time, openIDs []string, until time.Time) error {
	if len(openIDs) == 0 {
		return nil
	}
	return fault(s.followers(ctx).Where("openid IN ? AND look_up_at = ?", padded(openIDs), taken).
		Updates(map[string]any{"look_up_at": until, "tries": gormExpr("tries + 1")}).Error)
}

// followerBatch is how many followers one transaction of a listing writes.
const followerBatch = 256

// SeeFollowers books one page of the listing that began at started, and was asked for at asked: who is new is looked up, and who was thought
// to have left follows again, unless an event said otherwise since.
func (s *Store) SeeFollowers(ctx context.Context, openIDs []string, started, asked time.Time) error {
	return portions(openIDs, followerBatch, func(ids []string) error {
		err := s.seeFollowers(ctx, ids, started, asked)
		if model.CodeOf(err) == model.CodeConflict { // an event added one of them at this moment
			err = s.seeFollowers(ctx, ids, started, asked)
		}
		return err
	})
}

func (s *Store) seeFollowers(ctx context.Context, ids []string, started, asked time.Time) error {
	return s.Tx(ctx, func(tx *Store) error {
		known := []string{}
		if err := tx.read(ctx).Model(&model.OfficialFollower{}).Where("openid IN ?", ids).Pluck("openid", &known).Error; err != nil {
			return fault(err)
		}
		old := make(map[string]bool, len(known))
		for _, id := range known {
			old[id] = true
		}
		var rows []model.OfficialFollower
		for _, id := range ids {
			if !old[id] {
				old[id] = true // WeChat has been seen to list one twice
				rows = append(rows, model.OfficialFollower{OpenID: id, Following: true, LookUpAt: &asked, SeenAt: &started, CreatedAt: asked})
			}
		}
		if len(rows) > 0 {
			if err := tx.write(ctx).Create(&rows).Error; err != nil {
				return fault(err)
			}
		}
		if len(known) == 0 {
			return nil
		}
		if err := tx.followers(ctx).Where("openid IN ?", padded(known)).Update("seen_at", started).Error; err != nil {
			return fault(err)
		}
		return fault(tx.followers(ctx).Where("openid IN ? AND following = ? AND (told_at IS NULL OR told_at < ?)", padded(known), false, asked).
			Updates(map[string]any{"following": true, "look_up_at": asked, "tries": 0}).Error)
	})
}

// DropUnseen ends a whole listing that began at started: who was not in it has left, unless an event or the listing itself spoke of them since.
func (s *Store) DropUnseen(ctx context.Context, started time.Time) (int, error) {
	return s.eachFollower(ctx, "following = ? AND (seen_at IS NULL OR seen_at < ?) AND (told_at IS NULL OR told_at < ?) AND created_at < ?",
		[]any{true, started, started, started}, map[string]any{"following": false})
}

// AskAgain has followers without a unionid looked up at now, if WeChat last answered before the instant: the account may have been bound to
// an Open Platform account since.
func (s *Store) AskAgain(ctx context.Context, before, now time.Time) (int, error) {
	return s.eachFollower(ctx, "following = ? AND unionid = '' AND look_up_at IS NULL AND (looked_up_at IS NULL OR looked_up_at < ?)",
		[]any{true, before}, map[string]any{"look_up_at": now, "tries": 0})
}

// eachFollower updates the followers that fit, a batch at a time, so that no statement holds its locks for long.
func (s *Store) eachFollower(ctx context.Context, where string, args []any, set map[string]any) (int, error) {
	total, after := 0, ""
	for {
		ids := []string{}
		err := s.read(ctx).Model(&model.OfficialFollower{}).Where("openid > ?", after).Where(where, args...).Order("openid").Limit(followerBatch).Pluck("openid", &ids).Error
		if err != nil || len(ids) == 0 {
			return total, fault(err)
		}
		n, err := changed(s.followers(ctx).Where("openid IN ?", padded(ids)).Where(where, args...).Updates(set))
		if err != nil {
			return total, err
		}
		total, after = total+int(n), ids[len(ids)-1]
	}
}

// OfficialCoverage counts whom the service account can reach.
func (s *Store) OfficialCoverage(ctx context.Context) (model.OfficialCoverage, error) {
	var following, known, members int64
	followers := func() *gorm.DB { return s.read(ctx).Table("official_followers f").Where("f.following = ?", true) }
	err := errors.Join(
		followers().Count(&following).Error,
		followers().Where("f.unionid <> ''").Count(&known).Error,
		followers().Joins("JOIN identities i ON i.unionid = f.unionid AND i.unionid <> '' AND i.member_id IS NOT NULL").Distinct("i.member_id").Count(&members).Error,
	)
	return model.OfficialCoverage{Following: int(following), WithUnionID: int(known), Members: int(members)}, fault(err)
}

// FollowersSyncedAt is when the last whole listing of followers began; zero when there was none.
func (s *Store) FollowersSyncedAt(ctx context.Context) (time.Time, error) {
	v, err := s.Setting(ctx, followersSynced)
	if err != nil || v == "" {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339Nano, v)
	if err != nil {
		return time.Time{}, nil //nolint:nilerr // a value that nobody can read is none
	}
	return t, nil
}

// SetFollowersSyncedAt notes when a whole listing began.
func (s *Store) SetFollowersSyncedAt(ctx context.Context, at, now time.Time) error {
	return s.PutSetting(ctx, followersSynced, at.UTC().Format(time.RFC3339Nano), now)
}

const followersSynced = "official.followers_synced_at"
