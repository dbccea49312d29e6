package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"zhibu/model"
)

// InAudience reports whether a member is in an audience. It looks at that one member, however many there are.
func (s *Store) InAudience(ctx context.Context, a model.Audience, memberID string) (bool, error) {
	if memberID == "" || (len(a.MemberIDs) > 0 && !slices.Contains(a.MemberIDs, memberID)) {
		return false, nil
	}
	if a.OrgID == "" && a.MeetingID == "" && len(a.MemberIDs) == 0 {
		return false, nil
	}
	a.MemberIDs = []string{memberID}
	ids, err := s.AudienceIDs(ctx, a, "", 1, true)
	return len(ids) > 0, err
}

// ScheduledPushes are those of the organisations of these paths, and those of no organisation, that are to go out from one instant to another,
// the first first. What is about a meeting is not among them: who is invited is known from the meeting.
func (s *Store) ScheduledPushes(ctx context.Context, paths []string, from, to time.Time, limit int) ([]model.Push, error) {
	return many[model.Push](s.scheduledPushes(s.read(ctx), paths, from, to).Limit(limit))
}

func (s *Store) scheduledPushes(db *gorm.DB, paths []string, from, to time.Time) *gorm.DB {
	return db.Model(&model.Push{}).Select("id, kind, audience, send_at, counted").
		Where("state = ? AND send_at > ? AND send_at <= ?", model.PushScheduled, from, to).
		Where("org_path IN ?", padded(append([]string{""}, paths...))).
		Where("subject NOT LIKE ?", "meeting:%").Order("send_at, id")
}

// MeetingsAhead are the meetings that begin from one instant to another to which a member is invited and has not asked for leave.
func (s *Store) MeetingsAhead(ctx context.Context, memberID string, from, to time.Time, limit int) ([]model.Meeting, error) {
	return many[model.Meeting](s.meetingsAhead(s.read(ctx), memberID, from, to).Limit(limit))
}

func (s *Store) meetingsAhead(db *gorm.DB, memberID string, from, to time.Time) *gorm.DB {
	return db.Model(&model.Meeting{}).Select("meetings.id, meetings.starts_at, meetings.reminders").
		Joins("JOIN meeting_invitees i ON i.meeting_id = meetings.id").
		Where("i.member_id = ? AND i.answer <> ?", memberID, model.RSVPLeave).
		Where("meetings.cancelled_at IS NULL AND meetings.starts_at > ? AND meetings.starts_at <= ?", from.UTC(), to.UTC()).Order("meetings.starts_at, meetings.id")
}

// RemindersAhead are the reminders of these organisations whose next message goes out by then, the first first.
func (s *Store) RemindersAhead(ctx context.Context, orgIDs []string, by time.Time, limit int) ([]model.Reminder, error) {
	if len(orgIDs) == 0 {
		return nil, nil
	}
	return many[model.Reminder](s.remindersAhead(s.read(ctx), orgIDs, by).Limit(limit))
}

func (s *Store) remindersAhead(db *gorm.DB, orgIDs []string, by time.Time) *gorm.DB {
	return db.Model(&model.Reminder{}).Where("org_id IN ? AND paused = ? AND next_at <= ?", padded(orgIDs), false, by.UTC()).Order("next_at, id")
}

// Brought is one message that a member got, or that waits for the digest of that instant.
type Brought struct {
	Kind      model.PushKind
	Counted   bool
	CreatedAt time.Time
	HeldUntil *time.Time
}

// BroughtSince are the messages that a member got since an instant, the latest first; digests are not among them, but what they told is.
func (s *Store) BroughtSince(ctx context.Context, memberID string, since time.Time, limit int) ([]Brought, error) {
	return many[Brought](s.broughtSince(s.read(ctx), memberID, since).Limit(limit))
}

func (s *Store) broughtSince(db *gorm.DB, memberID string, since time.Time) *gorm.DB {
	return db.Table("deliveries d").Select("p.kind, d.counted, d.created_at, d.held_until").Joins("JOIN pushes p ON p.id = d.push_id").
		Where("d.member_id = ? AND d.created_at >= ? AND d.state <> ? AND p.kind <> ?", memberID, since, model.DeliveryCancelled, model.PushDigest).
		Order("d.created_at DESC")
}
