package store

import (
	"context"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"zhibu/model"
)

// Scope is whose work is counted: an organisation's own, or with Below also that of all below it.
type Scope struct {
	OrgID string
	Path  string
	Below bool
}

// within narrows a query to a scope by a column of paths.
func (c Scope) within(q *gorm.DB, column string) *gorm.DB {
	if c.Below {
		return under(q, column, c.Path)
	}
	return q.Where(column+" = ?", c.Path)
}

// RecordedMeeting is a meeting with what a record tells of it.
type RecordedMeeting struct {
	model.Meeting
	Entitled, Present, Observers, OnLeave int
	Minutes                               *model.Minutes
}

// RecordedMeetings are the scope's meetings that began within the stretch and are over by now, in order, with who came and their minutes.
func (s *Store) RecordedMeetings(ctx context.Context, c Scope, from, to, now time.Time) ([]RecordedMeeting, error) {
	rows, err := many[model.Meeting](c.within(s.read(ctx), "org_path").
		Where("cancelled_at IS NULL AND starts_at >= ? AND starts_at < ? AND ends_at <= ?", from.UTC(), to.UTC(), now.UTC()).Order("starts_at, id"))
	if err != nil {
		return nil, err
	}
	ids, leads := make([]string, len(rows)), make([]string, len(rows))
	for i, m := range rows {
		ids[i], leads[i] = m.ID, m.LeadID()
	}
	came, err := s.attendanceCounts(ctx, leads)
	if err != nil {
		return nil, err
	}
	minutes, err := s.minutesOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]RecordedMeeting, len(rows))
	for i, m := range rows {
		out[i] = came[m.LeadID()]
		out[i].Meeting, out[i].Minutes = m, minutes[m.ID]
	}
	return out, nil
}

func (s *Store) attendanceCounts(ctx context.Context, ids []string) (map[string]RecordedMeeting, error) {
	came := map[string]RecordedMeeting{}
	for start := 0; start < len(ids); start += 500 {
		var rows []struct {
			MeetingID  string
			Entitled   bool
			Attendance model.Attendance
			Answer     model.RSVP
			N          int
		}
		err := s.read(ctx).Model(&model.MeetingInvitee{}).Select("meeting_id, entitled, attendance, answer, COUNT(*) AS n").
			Where("meeting_id IN ?", ids[start:min(start+500, len(ids))]).Group("meeting_id, entitled, attendance, answer").Scan(&rows).Error
		if err != nil {
			return nil, fault(err)
		}
		for _, r := range rows {
			c := came[r.MeetingID]
			how := (&model.MeetingInvitee{Attendance: r.Attendance, Answer: r.Answer}).Effective(model.MeetingOver)
			switch {
			case !r.Entitled && (how == model.AttendancePresent || how == model.AttendanceObserver):
				c.Observers += r.N
			case r.Entitled:
				c.Entitled += r.N
				switch how {
				case model.AttendancePresent:
					c.Present += r.N
				case model.AttendanceObserver:
					c.Observers += r.N
				case model.AttendanceLeave:
					c.OnLeave += r.N
				}
			}
			came[r.MeetingID] = c
		}
	}
	return came, nil
}

func (s *Store) minutesOf(ctx context.Context, ids []string) (map[string]*model.Minutes, error) {
	byMeeting := map[string]*model.Minutes{}
	for start := 0; start < len(ids); start += 500 {
		rows, err := many[model.Minutes](s.read(ctx).Omit("facts").Where("meeting_id IN ?", ids[start:min(start+500, len(ids))]))
		if err != nil {
			return nil, err
		}
		for i := range rows {
			byMeeting[rows[i].MeetingID] = &rows[i]
		}
	}
	return byMeeting, nil
}

// RecordedArticles are what the scope published within the stretch, also where it was withdrawn since.
func (s *Store) RecordedArticles(ctx context.Context, c Scope, from, to time.Time) ([]model.Article, error) {
	return many[model.Article](c.within(s.read(ctx), "org_path").Where("published_at >= ? AND published_at < ? AND state IN ?", from.UTC(), to.UTC(),
		[]model.ArticleState{model.ArticlePublished, model.ArticleWithdrawn}).Order("published_at, id"))
}

// StudyCounts says how much the people of a scope studied.
type StudyCounts struct{ Readers, Read, ReadArticles, Claimants, Claimed, ClaimedArticles int }

// RecordedStudy counts what the people of the scope read to the end within the stretch, and what they studied at their employers'.
func (s *Store) RecordedStudy(ctx context.Context, c Scope, from, to time.Time) (StudyCounts, error) {
	var n StudyCounts
	members := c.within(s.read(ctx).Model(&model.Membership{}).Select("member_id"), "org_path")
	read := s.read(ctx).Model(&model.ArticleRead{}).Where("finished_at >= ? AND finished_at < ? AND member_id IN (?)", from.UTC(), to.UTC(), members)
	claimed := s.read(ctx).Model(&model.ArticleClaim{}).Where("studied_on >= ? AND studied_on < ? AND member_id IN (?)", model.DateOf(from), model.DateOf(to), members)
	for _, part := range []struct {
		rows                  *gorm.DB
		all, people, articles *int
	}{{read, &n.Read, &n.Readers, &n.ReadArticles}, {claimed, &n.Claimed, &n.Claimants, &n.ClaimedArticles}} {
		var pairs []struct{ MemberID, ArticleID string }
		if err := part.rows.Select("member_id, article_id").Scan(&pairs).Error; err != nil {
			return n, fault(err)
		}
		people, articles := map[string]bool{}, map[string]bool{}
		for _, p := range pairs {
			people[p.MemberID], articles[p.ArticleID] = true, true
		}
		*part.all, *part.people, *part.articles = len(pairs), len(people), len(articles)
	}
	return n, nil
}

// SuggestionCounts is about those who answer.
type SuggestionCounts struct{ Received, Answered, InTime int }

// RecordedSuggestions counts what came to the scope within the stretch and what was answered there.
func (s *Store) RecordedSuggestions(ctx context.Context, c Scope, from, to time.Time) (SuggestionCounts, error) {
	var n SuggestionCounts
	var received int64
	if err := c.within(s.read(ctx).Model(&model.Suggestion{}), "to_org_path").Where("created_at >= ? AND created_at < ?", from.UTC(), to.UTC()).Count(&received).Error; err != nil {
		return n, fault(err)
	}
	var rows []struct {
		RepliedAt time.Time
		ReplyBy   time.Time
	}
	err := c.within(s.read(ctx).Model(&model.Suggestion{}).Select("replied_at, reply_by"), "org_path").Where("replied_at >= ? AND replied_at < ?", from.UTC(), to.UTC()).Scan(&rows).Error
	n.Received, n.Answered = int(received), len(rows)
	for _, r := range rows {
		if !r.RepliedAt.After(r.ReplyBy) {
			n.InTime++
		}
	}
	return n, fault(err)
}

// RecordedActions are the scope's actions that were given or closed within the stretch.
func (s *Store) RecordedActions(ctx context.Context, c Scope, from, to time.Time) ([]model.Action, error) {
	return many[model.Action](c.within(s.read(ctx), "org_path").
		Where("((created_at >= ? AND created_at < ?) OR (closed_at >= ? AND closed_at < ?))", from.UTC(), to.UTC(), from.UTC(), to.UTC()).Order("created_at, id"))
}

// RecordedPushes are what people of the scope sent out within the stretch; the notices that follow from meetings and articles stand with these.
func (s *Store) RecordedPushes(ctx context.Context, c Scope, from, to time.Time) ([]model.Push, error) {
	return many[model.Push](c.within(s.read(ctx), "org_path").
		Where("send_at >= ? AND send_at < ? AND state IN ? AND private = ? AND subject = ? AND created_by <> ?", from.UTC(), to.UTC(),
			[]model.PushState{model.PushSending, model.PushDone}, false, "", "").Order("send_at, id"))
}

// RecordNote is the sentence added to a record; not found where there is none.
func (s *Store) RecordNote(ctx context.Context, orgID, period string) (*model.RecordNote, error) {
	return one[model.RecordNote](s.read(ctx).Where("org_id = ? AND period = ?", orgID, period), "这句说明")
}

// PutRecordNote writes the sentence over the one before.
func (s *Store) PutRecordNote(ctx context.Context, n *model.RecordNote) error {
	return fault(s.write(ctx).Clauses(clause.OnConflict{UpdateAll: true}).Create(n).Error)
}

// DropRecordNote takes the sentence away.
func (s *Store) DropRecordNote(ctx context.Context, orgID, period string) error {
	return fault(s.write(ctx).Where("org_id = ? AND period = ?", orgID, period).Delete(&model.RecordNote{}).Error)
}
