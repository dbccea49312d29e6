package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"zhibu/model"
)

// ReachLine is how many lines of the ledger went one way to one end, of the pushes of one instant.
type ReachLine struct {
	SendAt  time.Time
	Channel model.Channel
	State   model.DeliveryState
	Members int
}

// ReachSince counts the ledger of the pushes of a subtree that were due from one instant to another. What is somebody's own is not among them.
func (s *Store) ReachSince(ctx context.Context, path string, since, until time.Time) ([]ReachLine, error) {
	q := s.readLate(ctx).Table("pushes p").Select("p.send_at, d.channel, d.state, COUNT(*) AS members").Joins("JOIN deliveries d ON d.push_id = p.id").
		Where("p.private = ? AND p.send_at >= ? AND p.send_at <= ?", false, since, until)
	return many[ReachLine](under(q, "p.org_path", path).Group("p.send_at, d.channel, d.state").Order("p.send_at"))
}

// SubscriptionLine is what one member has left of one template; of none, where they have nothing left of any.
type SubscriptionLine struct {
	MemberID   string
	TemplateID string
	Available  int
}

// SubscriptionsUnder are the books of the members of a subtree who are bound to WeChat.
func (s *Store) SubscriptionsUnder(ctx context.Context, path string) ([]SubscriptionLine, error) {
	return many[SubscriptionLine](s.readLate(ctx).Table("identities i").
		Select("i.member_id, COALESCE(q.template_id, '') AS template_id, COALESCE(q.available, 0) AS available").
		Joins("LEFT JOIN quotas q ON q.openid = i.openid AND q.available > 0").Where("i.member_id IN (?)", s.membersUnder(ctx, path)))
}

// BroughtLine is how many messages of a kind one member got.
type BroughtLine struct {
	MemberID string
	Kind     model.PushKind
	Messages int
}

// BroughtUnder counts what the members of a subtree got since an instant. Digests are not among it, but what they told is.
func (s *Store) BroughtUnder(ctx context.Context, path string, since time.Time) ([]BroughtLine, error) {
	return many[BroughtLine](s.readLate(ctx).Table("deliveries d").Select("d.member_id, p.kind, COUNT(*) AS messages").Joins("JOIN pushes p ON p.id = d.push_id").
		Where("d.member_id IN (?) AND d.created_at >= ? AND d.state <> ? AND p.kind <> ?", s.membersUnder(ctx, path), since, model.DeliveryCancelled, model.PushDigest).
		Group("d.member_id, p.kind"))
}

func (s *Store) membersUnder(ctx context.Context, path string) *gorm.DB {
	return under(s.readLate(ctx).Model(&model.Membership{}).Select("member_id"), "org_path", path)
}
