package push

import (
	"fmt"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// need is how many grants of each template the member is said to need.
func (h *house) need(member string) map[string]int {
	h.t.Helper()
	books, err := h.svc.Books(h.ctx, &model.Actor{SessionID: "s", MemberID: member, OpenID: "open-" + member})
	h.must(err)
	needed := map[string]int{}
	for _, b := range books {
		needed[b.TemplateID] = b.Needed
	}
	return needed
}

// later is a push that goes out so many days from now.
func (h *house) later(days int, kind model.PushKind, a model.Audience) {
	h.t.Helper()
	org := h.orgs["root"]
	if a.OrgID != "" {
		org = h.orgs[a.OrgID]
	}
	h.push(&model.Push{OrgID: org.ID, OrgPath: org.Path, Kind: kind, Title: "预告", Audience: a, SendAt: h.clock.now().AddDate(0, 0, days), Counted: kind.Ordinary()})
}

// meeting is one that begins so many days from now.
func (h *house) meeting(id string, days int, reminders []int, change func(*model.Meeting, *model.MeetingInvitee), invited ...string) {
	h.t.Helper()
	at := h.clock.now().AddDate(0, 0, days)
	m := &model.Meeting{ID: id, OrgID: "heart", OrgPath: "/root/heart/", Type: model.MeetingTraining, Topic: id, StartsAt: at, EndsAt: at.Add(time.Hour), Mode: model.ModeOnline, Reminders: reminders}
	var list []model.MeetingInvitee
	for _, who := range invited {
		i := model.MeetingInvitee{MeetingID: id, MemberID: who, Entitled: true, Answer: model.RSVPNone}
		if change != nil {
			change(m, &i)
		}
		list = append(list, i)
	}
	h.must(h.store.AddMeeting(h.ctx, m, list))
}

func (h *house) reminder(id, org, rule string, a model.Audience, change func(*model.Reminder)) {
	h.t.Helper()
	next := time.Date(2026, 11, 24, 20, 0, 0, 0, model.Zone).UTC()
	r := &model.Reminder{ID: id, OrgID: org, Name: id, Rule: rule, StartsOn: "2026-11-24", At: "20:00", Audience: a, Template: model.PushStudy, NextPlanned: &next, NextAt: &next, WakeAt: &next}
	if change != nil {
		change(r)
	}
	h.must(h.store.AddReminder(h.ctx, r))
}

// What counts as known of the days to come, each alone.
func TestNeedsOfWhatComes(t *testing.T) {
	heart := model.Audience{OrgID: "heart"}
	for _, c := range []struct {
		name           string
		plan           func(h *house)
		meeting, study int
	}{
		{"nothing: one of each", func(*house) {}, 1, 1},
		{"a push to the branch", func(h *house) { h.later(3, model.PushMeeting, heart); h.later(4, model.PushMeeting, heart) }, 2, 1},
		{"to the whole society", func(h *house) {
			h.later(3, model.PushMeeting, model.Audience{OrgID: "root"})
			h.later(4, model.PushMeeting, model.Audience{OrgID: "root"})
		}, 2, 1},
		{"to another branch", func(h *house) {
			h.later(3, model.PushMeeting, model.Audience{OrgID: "lung"})
			h.later(4, model.PushMeeting, heart)
		}, 1, 1},
		{"to roles that the member has not, to a status that they have", func(h *house) {
			for range 3 {
				h.later(3, model.PushMeeting, model.Audience{OrgID: "heart", Roles: []model.Role{model.RoleSecretary}})
			}
			for range 2 {
				h.later(3, model.PushMeeting, model.Audience{OrgID: "heart", PartyStatus: []model.PartyStatus{model.PartyFull}})
			}
		}, 2, 1},
		{"to others by name, to the member by name", func(h *house) {
			h.later(3, model.PushMeeting, model.Audience{MemberIDs: []string{"b"}})
			h.later(3, model.PushMeeting, model.Audience{MemberIDs: []string{"b"}})
			h.later(3, model.PushMeeting, model.Audience{MemberIDs: []string{"b", "a"}})
			h.later(3, model.PushMeeting, model.Audience{MemberIDs: []string{"b", "a"}})
		}, 2, 1},
		{"too far ahead", func(h *house) { h.later(31, model.PushMeeting, heart); h.later(32, model.PushMeeting, heart) }, 1, 1},
		{"over the budget: two a week, the rest in the evening's one digest", func(h *house) {
			for range 5 {
				h.later(1, model.PushStudy, heart)
			}
		}, 1, 3},
		{"a meeting: two reminders and a change", func(h *house) { h.meeting("m", 5, []int{1440, 30}, nil, "a") }, 3, 1},
		{"a meeting tomorrow, of which a reminder is past", func(h *house) { h.meeting("m", 1, []int{2880, 30}, nil, "a") }, 2, 1},
		{"declined", func(h *house) {
			h.meeting("m", 5, []int{1440, 30}, func(_ *model.Meeting, i *model.MeetingInvitee) { i.Answer = model.RSVPLeave }, "a")
		}, 1, 1},
		{"cancelled", func(h *house) {
			h.meeting("m", 5, []int{1440, 30}, func(m *model.Meeting, _ *model.MeetingInvitee) { at := h.clock.now(); m.CancelledAt = &at }, "a")
		}, 1, 1},
		{"not invited", func(h *house) { h.meeting("m", 5, []int{1440, 30}, nil, "b") }, 1, 1},
		{"a weekly reminder", func(h *house) { h.reminder("r", "heart", "FREQ=WEEKLY;BYDAY=TU", model.Audience{}, nil) }, 1, 5},
		{"of the society", func(h *house) { h.reminder("r", "root", "FREQ=WEEKLY;BYDAY=TU", model.Audience{}, nil) }, 1, 5},
		{"of another branch", func(h *house) { h.reminder("r", "lung", "FREQ=WEEKLY;BYDAY=TU", model.Audience{}, nil) }, 1, 1},
		{"until a last day", func(h *house) {
			h.reminder("r", "heart", "FREQ=WEEKLY;BYDAY=TU;UNTIL=20261208", model.Audience{}, nil)
		}, 1, 3},
		{"so many times", func(h *house) { h.reminder("r", "heart", "FREQ=WEEKLY;BYDAY=TU;COUNT=2", model.Audience{}, nil) }, 1, 2},
		{"paused", func(h *house) {
			h.reminder("r", "heart", "FREQ=WEEKLY;BYDAY=TU", model.Audience{}, func(r *model.Reminder) { r.Paused, r.NextAt = true, nil })
		}, 1, 1},
		{"daily: two a week, and a digest each evening after", func(h *house) { h.reminder("r", "heart", "FREQ=DAILY", model.Audience{}, nil) }, 1, 29},
		{"about what the member has read", func(h *house) {
			h.must(h.store.PutClaim(h.ctx, &model.ArticleClaim{ArticleID: "read", MemberID: "a", StudiedOn: "2026-11-01", CreatedAt: h.clock.now()}))
			h.reminder("r", "heart", "FREQ=WEEKLY;BYDAY=TU", model.Audience{}, func(r *model.Reminder) { r.ArticleID = "read" })
		}, 1, 1},
		{"about what they have not read", func(h *house) {
			h.reminder("r", "heart", "FREQ=WEEKLY;BYDAY=TU", model.Audience{}, func(r *model.Reminder) { r.ArticleID = "unread" })
		}, 1, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			h.member("a", "open-a", 0, "heart")
			h.member("b", "open-b", 0, "heart")
			c.plan(h)
			if got, want := h.need("a"), map[string]int{meetingTemplate: c.meeting, studyTemplate: c.study, longTemplate: 1}; fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("needs %v, want %v", got, want)
			}
		})
	}
}

// Where nothing is known the last thirty days count, and what they brought of one kind says nothing of another.
func TestNeedsByWhatWas(t *testing.T) {
	h := newHouse(t)
	h.member("a", "open-a", 0, "heart")
	for range 3 {
		h.push(meetingPush("a"))
	}
	h.drain()
	if got := h.need("a"); got[meetingTemplate] != 3 || got[studyTemplate] != 1 || got[longTemplate] != 1 {
		t.Errorf("by the past: %v", got)
	}
	h.clock.add(24 * time.Hour)
	h.later(3, model.PushMeeting, model.Audience{OrgID: "heart"})
	if got := h.need("a"); got[meetingTemplate] != 1 {
		t.Errorf("what is known counts: %v", got)
	}
	h.clock.add(31 * 24 * time.Hour)
	if got := h.need("a"); got[meetingTemplate] != 1 {
		t.Errorf("long past: %v", got)
	}
	if got := h.need("nobody"); got[meetingTemplate] != 1 || got[studyTemplate] != 1 || got[longTemplate] != 1 {
		t.Errorf("a newcomer: %v", got)
	}
}

// A grant that a waiting message has reserved is not there for what comes.
func TestReservedGrantsAreNotLeft(t *testing.T) {
	h := newHouse(t)
	h.member("a", "open-a", 1, "heart")
	h.clock.add(24 * time.Hour)
	actor := &model.Actor{SessionID: "s", MemberID: "a", OpenID: "open-a"}
	ids, err := h.svc.Prompts(h.ctx, actor, "meeting")
	h.must(err)
	if fmt.Sprint(ids) != fmt.Sprint([]string{longTemplate}) {
		t.Errorf("with a grant of each: %v", ids)
	}
	h.push(meetingPush("a")) // not drained: it waits, with its grant
	ids, err = h.svc.Prompts(h.ctx, actor, "meeting")
	h.must(err)
	if fmt.Sprint(ids) != fmt.Sprint([]string{meetingTemplate}) {
		t.Errorf("with the grant reserved: %v", ids)
	}
}

func TestChoose(t *testing.T) {
	one := func(id string, hurt, remaining, needed int) Book {
		return Book{TemplateID: id, Kind: model.QuotaOneTime, Remaining: remaining, Needed: needed, hurt: hurt}
	}
	long := func(id string, hurt, remaining int) Book {
		return Book{TemplateID: id, Kind: model.QuotaLongTerm, Remaining: remaining, Needed: 1, hurt: hurt}
	}
	for _, c := range []struct {
		name  string
		books []Book
		first string
		want  string
	}{
		{"nothing short", []Book{one("m", 8, 2, 2), one("s", 1, 5, 1)}, "m", "[]"},
		{"what hurts most", []Book{one("s", 1, 0, 1), one("m", 8, 0, 1), one("a", 2, 0, 1)}, "", "[m a s]"},
		{"as many times as it is missing", []Book{one("m", 8, 1, 2), one("s", 1, 0, 9), one("a", 2, 0, 1)}, "", "[s m a]"},
		{"the scene's first", []Book{one("m", 8, 0, 3), one("s", 1, 0, 1)}, "s", "[s m]"},
		{"the scene's is not short", []Book{one("m", 8, 0, 3), one("s", 1, 1, 1)}, "s", "[m]"},
		{"at most three", []Book{one("m", 8, 0, 1), one("u", 4, 0, 1), one("a", 2, 0, 1), one("s", 1, 0, 1)}, "", "[m u a]"},
		{"never mixed", []Book{one("m", 8, 0, 1), long("u", 4, 0), one("s", 1, 0, 1)}, "", "[m s]"},
		{"the long-term one first", []Book{one("m", 8, 0, 1), long("u", 4, 0), long("v", 2, 0)}, "u", "[u v]"},
		{"a long-term one is there", []Book{long("u", 4, 1), one("s", 1, 0, 1)}, "u", "[s]"},
	} {
		if got := fmt.Sprint(choose(c.books, c.first)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// A tap waits for the answer, also in a society of many with much going on.
func TestNeedsAreFast(t *testing.T) {
	h := newHouse(t)
	h.crowd(3000)
	h.member("a", "open-a", 0, "heart", "lung")
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error {
		for i := range 1000 {
			a := model.Audience{OrgID: []string{"root", "heart", "lung"}[i%3], PartyStatus: []model.PartyStatus{model.PartyFull, model.PartyProbationary}[:1+i%2]}
			p := &model.Push{OrgID: a.OrgID, OrgPath: h.orgs[a.OrgID].Path, Kind: model.PushMeeting, Title: "预告", Audience: a, SendAt: h.clock.now().Add(time.Duration(i+1) * time.Minute)}
			h.must(fill(p, h.clock.now()))
			if _, err := tx.AddPush(h.ctx, p); err != nil {
				return err
			}
		}
		return nil
	}))
	actor := &model.Actor{SessionID: "s", MemberID: "a", OpenID: "open-a"}
	fastest := time.Hour
	for range 5 {
		began := time.Now()
		_, err := h.svc.Prompts(h.ctx, actor, "meeting")
		h.must(err)
		fastest = min(fastest, time.Since(began))
	}
	if got := h.need("a")[meetingTemplate]; got != mostPushes {
		t.Errorf("needs %d", got)
	}
	if limit := 200 * time.Millisecond; fastest > limit && !raceOn {
		t.Errorf("%v, more than %v", fastest, limit)
	}
	t.Logf("%v", fastest)
}
