package meeting

import (
	"context"
	"crypto/subtle"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// Answer notes whether the actor comes; until the meeting starts it may be changed. Asking for leave needs a reason, which those who run
// the meeting read. Errors: not_found, forbidden, conflict, validation_failed.
func (s *Service) Answer(ctx context.Context, actor *model.Actor, id string, answer model.RSVP, reason string) (*View, error) {
	now := s.clock()
	reason = model.SingleLine(reason)
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		m, err := s.invited(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if err := CheckAnswer(answer, reason); err != nil {
			return err
		}
		if err := open(m, now, "答复"); err != nil {
			return err
		}
		if m.Started(now) {
			return model.Conflict("会议已经开始，不能再更改答复；需要请假请联系会议召集人。")
		}
		if answer == model.RSVPAccept {
			reason = ""
		}
		return eachTogether(ctx, tx, m, func(id string) error { return tx.SetAnswer(ctx, id, actor.MemberID, answer, reason, now) })
	})
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, actor, id)
}

// invited reads a meeting whose list the actor is on.
func (s *Service) invited(ctx context.Context, tx *store.Store, actor *model.Actor, id string) (*model.Meeting, error) {
	m, mine, err := s.find(ctx, tx, actor, id)
	if err == nil && mine == nil {
		err = model.Forbidden("您不在本次会议的参会名单中。")
	}
	return m, err
}

// CheckAnswer finds fault with an answer and its reason.
func CheckAnswer(answer model.RSVP, reason string) error {
	var v model.Invalid
	reason = model.SingleLine(reason)
	if answer != model.RSVPAccept && answer != model.RSVPLeave {
		v.Add("status", "not_allowed", "答复只能是 accept（参加）或 leave（请假）。")
	}
	switch n := utf8.RuneCountInString(reason); {
	case answer == model.RSVPLeave && n == 0:
		v.Add("reason", "required", "请填写请假的原因。")
	case n > maxReason:
		v.Add("reason", "too_long", "请假的原因不能超过 200 个字。")
	}
	return v.Err()
}

// The rotating code: how long one is shown, and after how many wrong ones a person must turn to the host.
const (
	codeLife      = 30 * time.Second
	maxWrongCodes = 10
)

// CheckinCode is the code on the host's screen.
type CheckinCode struct {
	Code      string
	ExpiresAt time.Time
}

// Code is the meeting's check-in code of this moment, for who runs it. Errors: not_found, forbidden, not_open.
func (s *Service) Code(ctx context.Context, actor *model.Actor, id string) (*CheckinCode, error) {
	now := s.clock()
	m, err := s.manage(ctx, s.store, actor, id)
	if err != nil {
		return nil, err
	}
	if !m.CheckinCode {
		return nil, model.Fail(model.CodeNotOpen, "本次会议没有启用签到码。")
	}
	if !m.CheckinOpen(now, s.calls(m)) {
		return nil, s.notOpen(m, now)
	}
	window := windowOf(now)
	return &CheckinCode{Code: s.code(m.LeadID(), window), ExpiresAt: time.Unix((window+1)*int64(codeLife/time.Second), 0).UTC()}, nil
}

func windowOf(now time.Time) int64 { return now.Unix() / int64(codeLife/time.Second) }

// code is six digits of a keyed digest, so that nobody without the installation's secret can make the next one.
func (s *Service) code(meetingID string, window int64) string {
	digest := s.signer.Sign(fmt.Sprintf("meeting-checkin:%s:%d", meetingID, window))
	n, err := strconv.ParseUint(digest[:min(15, len(digest))], 16, 64)
	if err != nil {
		return "" // no code fits then
	}
	return fmt.Sprintf("%06d", n%1_000_000)
}

// codeFits accepts the present code and the one before it, since typing takes a moment.
func (s *Service) codeFits(meetingID, code string, now time.Time) bool {
	fits := false
	for back := range int64(2) {
		want := s.code(meetingID, windowOf(now)-back)
		if want != "" && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			fits = true
		}
	}
	return fits
}

// calls are the numbers that hold for a meeting.
func (s *Service) calls(m *model.Meeting) model.CallPolicy {
	return s.policies.PolicyAt(m.StartsAt).Calls
}

// notOpen says when checking in is possible.
func (s *Service) notOpen(m *model.Meeting, now time.Time) error {
	p := s.calls(m)
	detail := fmt.Sprintf("签到于会前 %d 分钟开始，即 %s。", p.CheckinMinutes, momentText(m.StartsAt.Add(-p.CheckinLead()), now))
	switch m.State(now) {
	case model.MeetingCancelled:
		detail = "会议已取消，不能签到。"
	case model.MeetingOver:
		detail = "会议已结束，不能签到；如需补登，请联系会议召集人。"
	}
	return model.Fail(model.CodeNotOpen, detail)
}

// Checkin notes that the actor is there; again it changes nothing. Errors: not_found, forbidden, not_open, conflict, validation_failed for a wrong code.
func (s *Service) Checkin(ctx context.Context, actor *model.Actor, id, code string) (*View, error) {
	now := s.clock()
	var refused error // a wrong code is counted in the transaction, which must therefore succeed
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		refused = nil
		m, mine, err := s.find(ctx, tx, actor, id)
		switch {
		case err != nil:
			return err
		case mine == nil:
			return model.Forbidden("您不在本次会议的参会名单中。")
		case !m.CheckinOpen(now, s.calls(m)):
			return s.notOpen(m, now)
		case mine.CheckedInAt != nil:
			return nil
		case mine.ChangedBy != "" && mine.Attendance != model.AttendanceObserver:
			return model.Conflict("您的出席情况已由会议召集人登记，如有出入请联系召集人。")
		case m.CheckinCode && mine.WrongCodes >= maxWrongCodes:
			return model.Conflict("签到码多次输入错误，请联系会议召集人为您登记。")
		case m.CheckinCode && !s.codeFits(m.LeadID(), code, now):
			refused = model.BadField("code", "wrong_code", "签到码不正确或已过期，请输入主持人屏幕上当前显示的 6 位数字。")
			return eachTogether(ctx, tx, m, func(id string) error { return tx.NoteWrongCode(ctx, id, actor.MemberID) })
		}
		if mine.Attendance != model.AttendanceObserver && mine.Entitled {
			mine.Attendance = model.AttendancePresent
		} else {
			mine.Attendance = model.AttendanceObserver
		}
		mine.CheckedInAt = &now
		return eachTogether(ctx, tx, m, func(id string) error {
			mine.MeetingID = id
			first, err := tx.CheckIn(ctx, mine)
			if err == nil && !first {
				err = model.Conflict("您的出席情况刚由会议召集人登记，请刷新查看。")
			}
			return err
		})
	})
	if err == nil {
		err = refused
	}
	if err != nil {
		return nil, err
	}
	return s.Get(ctx, actor, id)
}
