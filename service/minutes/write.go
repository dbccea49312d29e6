package minutes

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// The lengths of what is written by hand.
const (
	maxText       = 5000
	maxOpinion    = 2000
	maxOpinions   = 200
	maxResolution = 500
	maxResolved   = 50
)

// Text is what people write of the minutes; all of it is replaced at once.
type Text struct {
	Mode               model.MinutesMode // full when empty
	HostID, RecorderID string
	BeganAt, EndedAt   *time.Time
	PassedOn, Summary  string
	Discussion         []model.Opinion
	Resolutions        []model.Resolution
}

// clean is the text as it is kept.
func (t Text) clean() Text {
	if t.Mode == "" {
		t.Mode = model.MinutesFull
	}
	t.PassedOn, t.Summary = model.CleanText(t.PassedOn), model.CleanText(t.Summary)
	opinions := make([]model.Opinion, len(t.Discussion))
	for i, o := range t.Discussion {
		o.Text = model.CleanText(o.Text)
		opinions[i] = o
	}
	resolutions := make([]model.Resolution, len(t.Resolutions))
	for i, r := range t.Resolutions {
		r.Text = model.CleanText(r.Text)
		resolutions[i] = r
	}
	t.Discussion, t.Resolutions = opinions, resolutions
	for _, at := range []**time.Time{&t.BeganAt, &t.EndedAt} {
		if *at != nil {
			minute := (*at).UTC().Truncate(time.Minute)
			*at = &minute
		}
	}
	return t
}

// CheckText finds the faults of a text, but not whether its people were at the meeting. It may lack what signing asks for.
func CheckText(t Text) error {
	var v model.Invalid
	t = t.clean()
	if !t.Mode.Valid() {
		v.Add("mode", "not_allowed", "记录方式只能是 full（完整）或 brief（简要）。")
	}
	long(&v, "passed_on", t.PassedOn, maxText)
	long(&v, "summary", t.Summary, maxText)
	if t.BeganAt != nil && t.EndedAt != nil && !t.EndedAt.After(*t.BeganAt) {
		v.Add("ended_at", "before_start", "结束时间应晚于开始时间。")
	}
	if len(t.Discussion) > maxOpinions {
		v.Add("discussion", "too_many", "讨论发言不能超过 200 条。")
	}
	for i, o := range t.Discussion {
		place := fmt.Sprintf("discussion[%d].text", i)
		if o.Text == "" {
			v.Add(place, "required", "请填写发言内容。")
		}
		long(&v, place, o.Text, maxOpinion)
	}
	if len(t.Resolutions) > maxResolved {
		v.Add("resolutions", "too_many", "决议不能超过 50 项。")
	}
	for i, r := range t.Resolutions {
		place := fmt.Sprintf("resolutions[%d]", i)
		if r.Text == "" {
			v.Add(place+".text", "required", "请填写决议内容。")
		}
		long(&v, place+".text", r.Text, maxResolution)
		if r.DueOn != "" && !r.DueOn.Valid() {
			v.Add(place+".due_on", "invalid_date", "日期格式应如 2026-11-23。")
		}
		if r.NoFollowUp && (r.OwnerID != "" || r.DueOn != "") {
			v.Add(place+".no_follow_up", "not_allowed", "注明“无后续”的决议不能再写责任人和时限。")
		}
	}
	return v.Err()
}

func long(v *model.Invalid, place, text string, most int) {
	if utf8.RuneCountInString(text) > most {
		v.Add(place, "too_long", fmt.Sprintf("不能超过 %d 个字。", most))
	}
}

// Write keeps the text of the minutes. Version is the one that was read: 0 where there was no draft, -1 when any will do. A change takes
// back a signature. Errors: not_found, forbidden, conflict when they are locked, not_open before the meeting, edit_conflict, validation_failed.
func (s *Service) Write(ctx context.Context, actor *model.Actor, meetingID string, version int, t Text) (*View, error) {
	now := s.clock()
	t = t.clean()
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		m, min, err := s.writable(ctx, tx, actor, meetingID)
		if err != nil {
			return err
		}
		if version >= 0 && version != min.Version {
			return model.Fail(model.CodeEditConflict, "会议记录刚被他人修改，请刷新后再试。")
		}
		if err := s.check(ctx, tx, m, t); err != nil {
			return err
		}
		if !m.UnderWay(now, s.policies.PolicyAt(m.StartsAt).Calls) {
			return model.Fail(model.CodeNotOpen, "会议尚未开始，会议记录请在会上或会后填写。")
		}
		if min.State == model.MinutesLocked {
			return model.Conflict("会议记录已签署定稿，不能修改；需要补充的，请添加补记。")
		}
		signed := min.HostSignedAt != nil || min.RecorderSignedAt != nil
		fill(min, t)
		min.Unsign()
		min.Late = model.MadeLate(m.EndsAt, now, s.policies.PolicyAt(now).Minutes.LateAfterDays)
		min.WrittenBy, min.WrittenAt, min.UpdatedAt = actor.MemberID, now, now
		if err := save(ctx, tx, min, now); err != nil {
			return err
		}
		detail := map[string]string{"version": fmt.Sprint(min.Version), "took_back_signature": fmt.Sprint(signed)}
		return tx.Audit(ctx, now, actor, "minutes.write", "minutes:"+meetingID, m.OrgID, detail)
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, actor, meetingID)
}

func fill(min *model.Minutes, t Text) {
	min.Mode, min.HostID, min.RecorderID, min.BeganAt, min.EndedAt = t.Mode, t.HostID, t.RecorderID, t.BeganAt, t.EndedAt
	min.PassedOn, min.Summary, min.Discussion, min.Resolutions = t.PassedOn, t.Summary, t.Discussion, t.Resolutions
}

// save writes the first draft or the next version; of two first drafts at once the second is stale.
func save(ctx context.Context, tx *store.Store, min *model.Minutes, now time.Time) error {
	if min.Version > 0 {
		return tx.SaveMinutes(ctx, min)
	}
	min.CreatedAt = now
	first, err := tx.AddMinutes(ctx, min)
	if err == nil && !first {
		err = model.Fail(model.CodeEditConflict, "会议记录刚被他人修改，请刷新后再试。")
	}
	return err
}

// writable reads minutes that the actor writes.
func (s *Service) writable(ctx context.Context, tx *store.Store, actor *model.Actor, meetingID string) (*model.Meeting, *model.Minutes, error) {
	m, min, err := s.find(ctx, tx, actor, meetingID)
	switch {
	case err != nil:
		return nil, nil, err
	case !model.CanWriteMinutes(actor, m, min):
		return nil, nil, model.Forbidden("会议记录由会议召集人、主持人和记录人填写。")
	case m.CancelledAt != nil:
		return nil, nil, model.Conflict("会议已取消，没有会议记录。")
	}
	return m, min, nil
}

// check is CheckText, and that everybody named was on the meeting's list or runs it.
func (s *Service) check(ctx context.Context, tx *store.Store, m *model.Meeting, t Text) error {
	var v model.Invalid
	rows, err := tx.MeetingInvitees(ctx, m.ID)
	if err != nil {
		return err
	}
	listed := map[string]bool{m.CreatedBy: true}
	for _, r := range rows {
		listed[r.MemberID] = true
	}
	named := func(place, id, what string) {
		if id != "" && !listed[id] {
			v.Add(place, "not_at_meeting", what+"应是本次会议名单中的成员。")
		}
	}
	named("host_id", t.HostID, "主持人")
	named("recorder_id", t.RecorderID, "记录人")
	for i, o := range t.Discussion {
		named(fmt.Sprintf("discussion[%d].speaker_id", i), o.SpeakerID, "发言人")
	}
	for i, r := range t.Resolutions {
		named(fmt.Sprintf("resolutions[%d].owner_id", i), r.OwnerID, "责任人")
		if r.DueOn.Valid() && r.DueOn < model.DateOf(m.StartsAt) {
			v.Add(fmt.Sprintf("resolutions[%d].due_on", i), "in_the_past", "完成时限不能早于会议当天。")
		}
	}
	return v.With(CheckText(t))
}
