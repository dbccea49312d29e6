package model

import (
	"strings"
	"testing"
	"time"
)

func cst(day, clock string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", day+" "+clock, Zone)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func TestReach(t *testing.T) {
	template := &PushTemplate{ID: "t"}
	over := cst("2026-11-23", "20:00")
	bound := ReachFacts{OpenID: "o", Available: 1}
	busy := ReachFacts{OpenID: "o", Available: 1, Counted: 2}
	for _, c := range []struct {
		name     string
		now      time.Time
		push     Push
		template *PushTemplate
		down     bool
		facts    ReachFacts
		state    DeliveryState
		at       time.Time
		word     string
	}{
		{"evening", cst("2026-11-23", "19:00"), Push{Hours: HoursOrdinary}, template, false, bound, DeliveryQueued, cst("2026-11-23", "19:00"), ""},
		{"morning, ordinary", cst("2026-11-23", "09:00"), Push{Hours: HoursOrdinary}, template, false, bound, DeliveryQueued, cst("2026-11-23", "12:00"), "12:00"},
		{"morning, timed", cst("2026-11-23", "09:00"), Push{Hours: HoursTimed}, template, false, bound, DeliveryQueued, cst("2026-11-23", "09:00"), ""},
		{"night, timed", cst("2026-11-23", "23:00"), Push{Hours: HoursTimed}, template, false, bound, DeliveryQueued, cst("2026-11-24", "07:00"), "夜间"},
		{"night, urgent", cst("2026-11-23", "23:00"), Push{Hours: HoursUrgent}, template, false, bound, DeliveryQueued, cst("2026-11-23", "23:00"), ""},
		{"planned for later", cst("2026-11-23", "09:00"), Push{Hours: HoursTimed, SendAt: cst("2026-11-25", "20:00")}, template, false, bound, DeliveryQueued, cst("2026-11-25", "20:00"), ""},
		{"not bound", cst("2026-11-23", "19:00"), Push{Hours: HoursUrgent}, template, false, ReachFacts{}, DeliveryInboxOnly, cst("2026-11-23", "19:00"), "电话"},
		{"no grant", cst("2026-11-23", "19:00"), Push{Hours: HoursUrgent}, template, false, ReachFacts{OpenID: "o"}, DeliveryInboxOnly, cst("2026-11-23", "19:00"), "订阅次数"},
		{"no template", cst("2026-11-23", "19:00"), Push{Hours: HoursUrgent}, nil, false, bound, DeliveryInboxOnly, cst("2026-11-23", "19:00"), "模板"},
		{"banned", cst("2026-11-23", "19:00"), Push{Hours: HoursUrgent}, template, true, bound, DeliveryInboxOnly, cst("2026-11-23", "19:00"), "停用"},
		{"over when the hour comes", cst("2026-11-23", "21:30"), Push{Hours: HoursOrdinary, ExpiresAt: &over}, template, false, bound, DeliveryInboxOnly, cst("2026-11-23", "21:30"), "已经结束"},
		{"second of the week", cst("2026-11-23", "19:00"), Push{Hours: HoursOrdinary, Counted: true}, template, false, ReachFacts{OpenID: "o", Available: 1, Counted: 1}, DeliveryQueued, cst("2026-11-23", "19:00"), ""},
		{"third of the week, before the digest", cst("2026-11-23", "19:00"), Push{Hours: HoursOrdinary, Counted: true}, template, false, busy, DeliveryHeld, cst("2026-11-23", "19:30"), "11月23日 19:30"},
		{"third of the week, after the digest", cst("2026-11-23", "19:30"), Push{Hours: HoursOrdinary, Counted: true}, template, false, busy, DeliveryHeld, cst("2026-11-24", "19:30"), "晚间摘要"},
		{"not counted", cst("2026-11-23", "19:00"), Push{Hours: HoursOrdinary}, template, false, busy, DeliveryQueued, cst("2026-11-23", "19:00"), ""},
		{"over before the digest", cst("2026-11-23", "19:35"), Push{Hours: HoursOrdinary, Counted: true, ExpiresAt: &over}, template, false, busy, DeliveryInboxOnly, cst("2026-11-23", "19:35"), "晚间摘要前"},
	} {
		got := NewReacher(&c.push, Ways{Subscribe: Way{Template: c.template, Down: c.down}}, DefaultPushHours(), DefaultPushBudget(), c.now).Reach(c.facts)
		if got.State != c.state || !got.At.Equal(c.at) || !strings.Contains(got.Reason+got.Deferred, c.word) || (c.word == "" && got.Reason+got.Deferred != "") {
			t.Errorf("%s: %s at %s, %q %q; want %s at %s with %q", c.name, got.State, got.At.In(Zone), got.Reason, got.Deferred, c.state, c.at.In(Zone), c.word)
		}
	}
}

// The way of a message: a grant first, then the service account, each only where it is in service; a one-time grant is reserved, a long-term
// one and what waits for the digest are not.
func TestReachWays(t *testing.T) {
	now := cst("2026-11-23", "19:00")
	once, long, official := &PushTemplate{ID: "once", Kind: QuotaOneTime}, &PushTemplate{ID: "long", Kind: QuotaLongTerm}, &PushTemplate{ID: "official"}
	granted, bare := ReachFacts{OpenID: "o", Available: 1, Official: "f"}, ReachFacts{OpenID: "o", Official: "f"}
	for _, c := range []struct {
		name    string
		ways    Ways
		facts   ReachFacts
		counted int
		channel Channel
		openID  string
		reserve bool
	}{
		{"a grant", Ways{Way{Template: once}, Way{Template: official}}, granted, 0, ChannelSubscribe, "o", true},
		{"a long-term grant", Ways{Way{Template: long}, Way{Template: official}}, granted, 0, ChannelSubscribe, "o", false},
		{"no grant", Ways{Way{Template: once}, Way{Template: official}}, bare, 0, ChannelOfficial, "f", false},
		{"banned", Ways{Way{Template: once, Down: true}, Way{Template: official}}, granted, 0, ChannelOfficial, "f", false},
		{"both banned", Ways{Way{Template: once, Down: true}, Way{Template: official, Down: true}}, granted, 0, ChannelInbox, "", false},
		{"does not follow", Ways{Way{Template: once}, Way{Template: official}}, ReachFacts{OpenID: "o"}, 0, ChannelInbox, "", false},
		{"waits for the digest", Ways{Way{Template: once}, Way{}}, granted, DefaultPushBudget().PerWeek, ChannelSubscribe, "o", false},
	} {
		c.facts.Counted = c.counted
		got := NewReacher(&Push{Hours: HoursOrdinary, Counted: c.counted > 0}, c.ways, DefaultPushHours(), DefaultPushBudget(), now).Reach(c.facts)
		if got.Channel != c.channel || got.OpenID != c.openID || got.Reserve != c.reserve {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func TestWeekOf(t *testing.T) {
	for _, c := range []struct{ t, monday string }{
		{"2026-11-23 00:00", "2026-11-23"}, {"2026-11-29 23:59", "2026-11-23"}, {"2026-11-30 00:00", "2026-11-30"},
		{"2026-12-31 12:00", "2026-12-28"}, {"2027-01-03 12:00", "2026-12-28"},
	} {
		from, to := WeekOf(cst(c.t[:10], c.t[11:]))
		if DateOf(from) != Date(c.monday) || to.Sub(from) != 7*24*time.Hour || !from.Equal(Date(c.monday).Start()) {
			t.Errorf("week of %s is %s to %s", c.t, from, to)
		}
	}
}

// The steps that the sender takes, and those it must never take.
func TestDeliverySteps(t *testing.T) {
	for _, c := range []struct {
		from, to DeliveryState
		may      bool
	}{
		{DeliveryQueued, DeliverySending, true}, {DeliverySending, DeliverySent, true}, {DeliverySending, DeliveryInDoubt, true},
		{DeliveryInDoubt, DeliverySending, true}, {DeliverySending, DeliveryQueued, true}, {DeliveryFailed, DeliveryQueued, true},
		{DeliverySent, DeliverySending, false}, {DeliverySent, DeliveryQueued, false}, {DeliveryInboxOnly, DeliverySending, false},
		{DeliveryHeld, DeliverySending, false}, {DeliveryInDoubt, DeliveryInboxOnly, false},
	} {
		if c.from.MayBecome(c.to) != c.may {
			t.Errorf("%s → %s: %v", c.from, c.to, !c.may)
		}
	}
}

func TestBackoff(t *testing.T) {
	for _, c := range []struct {
		attempts int
		asked    time.Duration
		want     time.Duration
	}{
		{1, 0, time.Second}, {2, 0, 2 * time.Second}, {5, 0, 16 * time.Second}, {5, time.Minute, time.Minute},
		{10, 0, 10 * time.Minute}, {1000, 0, 10 * time.Minute}, {0, 0, time.Second}, {1000, time.Hour, time.Hour},
	} {
		if got := Backoff(c.attempts, c.asked); got != c.want {
			t.Errorf("attempt %d, asked %v: %v, want %v", c.attempts, c.asked, got, c.want)
		}
	}
}

func TestWhoMayPush(t *testing.T) {
	branch, group := &Org{ID: "b", Kind: OrgBranch, Path: "/r/b/"}, &Org{ID: "g", Kind: OrgGroup, Path: "/r/b/g/"}
	at := func(role Role, path string) *Actor {
		return &Actor{SessionID: "s", MemberID: "m", Powers: []Power{{Path: path, Role: role}}}
	}
	for _, c := range []struct {
		name          string
		actor         *Actor
		branch, group bool
	}{
		{"secretary", at(RoleSecretary, "/r/b/"), true, true},
		{"office", at(RoleStaff, "/r/"), true, true},
		{"group leader", at(RoleGroupLeader, "/r/b/g/"), false, true},
		{"committee member", at(RoleCommitteeMember, "/r/b/"), false, true},
		{"neighbour", at(RoleSecretary, "/r/c/"), false, false},
		{"member", &Actor{SessionID: "s", MemberID: "m", Places: []Place{{Path: "/r/b/"}}}, false, false},
		{"stranger", nil, false, false},
	} {
		if got := CanPush(c.actor, branch); got != c.branch {
			t.Errorf("%s to the branch: %v", c.name, got)
		}
		if got := CanPush(c.actor, group); got != c.group {
			t.Errorf("%s to the group: %v", c.name, got)
		}
	}
	everywhere := at(RoleAdmin, EverywherePath)
	if CanSeePush(everywhere, &Push{Private: true, OrgPath: "/r/b/"}) || CanSeePush(everywhere, &Push{}) || !CanSeePush(everywhere, &Push{OrgPath: "/r/b/"}) {
		t.Error("a private push, or one of nobody's, is seen; or an open one is not")
	}
}
