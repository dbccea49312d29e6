package store

import (
	"context"
	"time"

	"zhibu/model"
)

// PhoneLine is a line of a push's ledger whose member nothing has reached, as far as the whole list must be known before it is written.
type PhoneLine struct {
	MemberID  string
	State     model.DeliveryState
	Reason    string
	HasPhone  bool
	UpdatedAt time.Time
}

// PhoneLines are the lines of a push that ended without a bell, or without knowing of one, and that their members have not opened in the inbox
// meanwhile. What was cancelled is not among them, nor what is still being tried, nor who has been erased. They come in the order of the names.
func (s *Store) PhoneLines(ctx context.Context, pushID string) ([]PhoneLine, error) {
	return many[PhoneLine](s.read(ctx).Table("deliveries d").Select("d.member_id, d.state, d.reason, (m.phone_index IS NOT NULL) AS has_phone, d.updated_at").
		Joins("JOIN members m ON m.id = d.member_id AND m.erased_at IS NULL").
		Where("d.push_id = ? AND d.read_at IS NULL", pushID).
		Where("(d.state IN ? OR (d.state = ? AND d.due_at IS NULL AND d.owner = ''))",
			[]model.DeliveryState{model.DeliveryFailed, model.DeliveryInboxOnly}, model.DeliveryInDoubt).
		Order("m.name_sort, d.member_id"))
}

// DigestLines are the evening cards that lines of a push were folded into, by member. A line is closed in the transaction that writes its
// card, so that the one's last change is the other's beginning.
func (s *Store) DigestLines(ctx context.Context, pushID string) (map[string]model.Delivery, error) {
	rows, err := many[model.Delivery](s.read(ctx).Table("deliveries d").Select("c.*").
		Joins("JOIN deliveries c ON c.member_id = d.member_id AND c.created_at = d.updated_at").
		Joins("JOIN pushes p ON p.id = c.push_id AND p.kind = ?", model.PushDigest).
		Where("d.push_id = ? AND d.state = ? AND d.read_at IS NULL", pushID, model.DeliveryInboxOnly))
	byMember := make(map[string]model.Delivery, len(rows))
	for _, c := range rows {
		byMember[c.MemberID] = c
	}
	return byMember, err
}

// MemberLine is a line of one member's history, with the push that it is of.
type MemberLine struct {
	model.Delivery
	PushKind  model.PushKind
	PushTitle string
	PushHours model.HoursClass
}

// MemberLines lists what happened to one member's messages on behalf of organisations of these subtrees, the newest first. What is the
// member's own is not among them, nor what was sent to those who have not read something.
func (s *Store) MemberLines(ctx context.Context, memberID string, paths []string, page model.Page) ([]MemberLine, string, error) {
	if len(paths) == 0 {
		return []MemberLine{}, "", nil
	}
	places := s.read(ctx).Where("p.org_path LIKE ?", paths[0]+"%")
	for _, path := range paths[1:] {
		places = places.Or("p.org_path LIKE ?", path+"%")
	}
	q := s.read(ctx).Table("deliveries d").Select("d.*, p.kind AS push_kind, p.title AS push_title, p.hours AS push_hours").
		Joins("JOIN pushes p ON p.id = d.push_id").
		Where("d.member_id = ? AND p.private = ?", memberID, false).Where(places).
		Where(`COALESCE(p.audience, '') NOT LIKE '%"not_read_article_id":%'`). // the name is there only where the condition is
		Order("d.created_at DESC, d.push_id DESC").Limit(page.Size() + 1)
	list := "lines " + memberID
	var after noticePlace
	if ok, err := model.ReadCursor(page.Cursor, list, &after); err != nil {
		return nil, "", err
	} else if ok {
		at := time.UnixMilli(after.At).UTC()
		q = q.Where("d.created_at <= ? AND (d.created_at < ? OR d.push_id < ?)", at, at, after.Push)
	}
	rows, err := many[MemberLine](q)
	if err != nil {
		return nil, "", err
	}
	rows, next := cut(rows, page, list, func(l MemberLine) any { return noticePlace{l.CreatedAt.UnixMilli(), l.PushID} })
	return rows, next, nil
}
