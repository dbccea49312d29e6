package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"gorm.io/gorm"

	"zhibu/model"
)

// The join of a chunk goes from the members to their followers by the indexes, and never through all followers.
func TestOfficialPlans(t *testing.T) {
	s := planHouse(t)
	ctx, now := context.Background(), time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	err := s.Tx(ctx, func(tx *Store) error {
		for i := range 600 {
			member := fmt.Sprintf("m%04d", i)
			identity := &model.Identity{ID: member, OpenID: "o" + member, UnionID: "u" + member, MemberID: &member, LastSeenAt: now, CreatedAt: now}
			if err := tx.AddIdentity(ctx, identity); err != nil {
				return err
			}
			follower := &model.OfficialFollower{OpenID: "p" + member, UnionID: "u" + member, Following: true, CreatedAt: now}
			if err := tx.write(ctx).Create(follower).Error; err != nil {
				return err
			}
		}
		return tx.write(ctx).Exec("ANALYZE").Error
	})
	if err != nil {
		t.Fatal(err)
	}
	s.wantPlan(t, "join", s.drawn(t, func(db *gorm.DB) *gorm.DB {
		return s.officialOpenIDs(db, []string{"m0001", "m0002", "m0003"}).Find(&[]map[string]any{})
	}), []string{"SEARCH i USING INDEX identities_member (member_id=?)", "SEARCH f USING INDEX official_followers_unionid (unionid=?)"}, "SCAN f", "SCAN i")
	s.wantPlan(t, "due", s.drawn(t, func(db *gorm.DB) *gorm.DB {
		return db.Model(&model.OfficialFollower{}).Where("look_up_at <= ?", now).Order("look_up_at, openid").Limit(100).Find(&[]model.OfficialFollower{})
	}), []string{"official_followers_due (look_up_at<?)"}, "SCAN official_followers")
}
