package api_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"zhibu/api"
	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
	"zhibu/service/reminder"
	"zhibu/service/signin"
	"zhibu/service/vault"
)

// reminderOutbox takes every message and drops none.
type reminderOutbox struct{ dropped []string }

func (*reminderOutbox) Push(context.Context, *store.Store, *model.Push) error { return nil }

func (o *reminderOutbox) Drop(_ context.Context, _ *store.Store, subject, _ string) error {
	o.dropped = append(o.dropped, subject)
	return nil
}

type reminderCalendar struct{}

func (reminderCalendar) Calendar(context.Context) (model.Calendar, error) {
	return model.BuiltinCalendar(), nil
}

// reminderHouse is the front of the house with reminders alone, and one session for each person, whose token is the person's name.
type reminderHouse struct {
	t      *testing.T
	store  *store.Store
	outbox *reminderOutbox
	api    http.Handler
}

func newReminderHouse(t *testing.T) *reminderHouse {
	t.Helper()
	h := &reminderHouse{t: t, store: storetest.Open(t), outbox: &reminderOutbox{}}
	v, err := vault.New("a secret for the tests of reminders")
	h.must(err)
	ctx := context.Background()
	h.api = api.New(api.Rooms{
		Signin: signin.New(h.store, nil, v, nil, nil, storetest.Clock), Replays: h.store,
		Reminder: reminder.New(h.store, h.outbox, h.store, reminderCalendar{}, storetest.Clock),
	}, api.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Clock: storetest.Clock})
	for _, o := range []model.Org{
		{ID: "r", Kind: model.OrgSociety, Name: "学会党委", Path: "/r/"},
		{ID: "b", Kind: model.OrgBranch, Name: "心肺康复党支部", Path: "/r/b/", Depth: 1},
		{ID: "g", Kind: model.OrgGroup, Name: "护理党小组", Path: "/r/b/g/", Depth: 2},
		{ID: "c", Kind: model.OrgBranch, Name: "儿童康复党支部", Path: "/r/c/", Depth: 1},
	} {
		h.must(h.store.AddOrg(ctx, &o))
	}
	for _, p := range []struct {
		name, org, path string
		role            model.Role
	}{
		{"secretary", "b", "/r/b/", model.RoleSecretary},
		{"committee", "b", "/r/b/", model.RoleCommitteeMember},
		{"leader", "g", "/r/b/g/", model.RoleGroupLeader},
		{"member", "b", "/r/b/", ""},
		{"office", "r", "/r/", model.RoleStaff},
		{"neighbour", "c", "/r/c/", model.RoleSecretary},
	} {
		h.must(h.store.AddMember(ctx, &model.Member{ID: p.name, Name: "成员" + p.name, PartyStatus: model.PartyFull}))
		h.must(h.store.AddMembership(ctx, &model.Membership{ID: store.NewID(), MemberID: p.name, OrgID: p.org, OrgPath: p.path}))
		if p.role != "" {
			h.must(h.store.AddGrant(ctx, &model.Grant{ID: store.NewID(), MemberID: p.name, OrgID: p.org, OrgPath: p.path, Role: p.role}))
		}
		h.session(p.name, "", p.name)
	}
	h.must(h.store.AddIdentity(ctx, &model.Identity{ID: "i", OpenID: "openid"}))
	h.session("visitor", "i", "")
	return h
}

func (h *reminderHouse) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *reminderHouse) session(token, identityID, memberID string) {
	h.t.Helper()
	ends := storetest.Now().Add(time.Hour)
	h.must(h.store.AddSession(context.Background(), &model.Session{ID: "s-" + token, IdentityID: identityID, MemberID: memberID, Kind: model.SessionWechat, ExpiresAt: ends}))
	sum := sha256.Sum256([]byte(token))
	h.must(h.store.AddToken(context.Background(), &model.Token{Hash: hex.EncodeToString(sum[:]), SessionID: "s-" + token, ExpiresAt: ends}))
}

// ask sends a request as a person, "" for a stranger.
func (h *reminderHouse) ask(who, method, path, body, ifMatch string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+who)
	}
	if ifMatch != "" {
		r.Header.Set("If-Match", ifMatch)
	}
	w := httptest.NewRecorder()
	h.api.ServeHTTP(w, r)
	return w
}

// weekly makes the reminder of an organisation in the database, so that its id is known.
func (h *reminderHouse) weekly(id, orgID string) {
	h.t.Helper()
	next := time.Date(2026, 11, 24, 20, 0, 0, 0, model.Zone).UTC()
	h.must(h.store.AddReminder(context.Background(), &model.Reminder{ID: id, OrgID: orgID, Name: "周二学习" + id, Rule: "FREQ=WEEKLY;BYDAY=TU", StartsOn: "2026-11-23",
		At: "20:00", OnlyAfterHours: true, SkipHolidays: true, Template: model.PushStudy, NextPlanned: &next, NextAt: &next, WakeAt: &next, CreatedBy: "secretary",
		CreatedAt: storetest.Now(), UpdatedAt: storetest.Now()}))
}

// past gives a reminder a past: one time skipped, and one that went out.
func (h *reminderHouse) past(id string) {
	h.t.Helper()
	push, n := "p", 12
	for _, o := range []model.ReminderOccurrence{
		{PlannedAt: time.Date(2026, 10, 6, 12, 0, 0, 0, time.UTC), State: model.OccurrenceSkipped, Reason: "国庆节假期，本次不提醒"},
		{PlannedAt: time.Date(2026, 10, 13, 12, 0, 0, 0, time.UTC), State: model.OccurrenceFired, PushID: &push, Recipients: &n},
	} {
		o.ReminderID, o.At = id, o.PlannedAt
		_, err := h.store.AddOccurrence(context.Background(), &o)
		h.must(err)
	}
}

const weeklyBody = `{"org_id":"b","name":"周二学习","rule":"rrule:freq=weekly;byday=tu","at":"20:00","only_after_hours":true,
	"audience":{"roles":["member"],"party_status":["full","probationary"]},"template":"study","note":"三分钟读完"}`

func TestReminderRoutes(t *testing.T) {
	group := strings.Replace(weeklyBody, `"b"`, `"g"`, 1)
	furnished := func(t *testing.T) *reminderHouse {
		h := newReminderHouse(t)
		h.weekly("rb", "b")
		h.past("rb")
		h.weekly("rc", "c")
		h.weekly("rg", "g")
		return h
	}
	kept := furnished(t)
	for _, c := range []struct {
		who, method, path, body string
		status                  int
		holds, holdsNot         string
	}{
		{"", "GET", "/reminders", "", 401, `"unauthenticated"`, ""},
		{"visitor", "GET", "/reminders", "", 403, `"not_bound"`, ""},
		{"member", "GET", "/reminders", "", 403, `"forbidden"`, "周二"},
		{"secretary", "GET", "/reminders", "", 200, `"id":"rg"`, "儿童"},
		{"secretary", "GET", "/reminders?org_id=g", "", 200, `"id":"rg"`, `"id":"rb"`},
		{"secretary", "GET", "/reminders?org_id=c", "", 404, `"not_found"`, "周二"},
		{"secretary", "GET", "/reminders?org_id=r", "", 404, `"not_found"`, "周二"},
		{"leader", "GET", "/reminders", "", 200, `"id":"rg"`, `"id":"rb"`},
		{"neighbour", "GET", "/reminders", "", 200, `"id":"rc"`, `"id":"rb"`},
		{"office", "GET", "/reminders?limit=1", "", 200, `"next_cursor":"e`, ""},
		{"office", "GET", "/reminders?cursor=x", "", 422, `"cursor"`, ""},

		{"", "POST", "/reminders", weeklyBody, 401, `"unauthenticated"`, ""},
		{"visitor", "POST", "/reminders", weeklyBody, 403, `"not_bound"`, ""},
		{"member", "POST", "/reminders", weeklyBody, 403, `"forbidden"`, ""},
		{"committee", "POST", "/reminders", weeklyBody, 403, "支部书记", ""},
		{"leader", "POST", "/reminders", weeklyBody, 403, "支部书记", ""},
		{"neighbour", "POST", "/reminders", weeklyBody, 404, `"not_found"`, "心肺"},
		{"office", "POST", "/reminders", weeklyBody, 201, `"next_at":"2026-11-24T20:00:00+08:00"`, ""},
		{"leader", "POST", "/reminders", group, 201, `"kind":"group"`, ""},
		{"secretary", "POST", "/reminders", weeklyBody, 201, `"rule":"FREQ=WEEKLY;BYDAY=TU"`, ""},
		{"secretary", "POST", "/reminders", weeklyBody, 201, `"org":{"id":"b","name":"心肺康复党支部"`, ""},
		{"secretary", "POST", "/reminders", `{"org_id":"b","name":"每天","rule":"FREQ=DAILY","at":"9:00"}`, 201, `"next_at":"2026-11-24T18:30:00+08:00"`, ""},
		{"secretary", "POST", "/reminders", `{"org_id":"none","name":"x","rule":"FREQ=DAILY","at":"20:00"}`, 404, `"not_found"`, ""},
		{"secretary", "POST", "/reminders", `{"org_id":"b","name":"x","rule":"每周二","at":"25:00"}`, 422, `"field":"at"`, ""},
		{"secretary", "POST", "/reminders", `{"org_id":"b","name":"x","rule":"每周二","at":"25:00"}`, 422, "每周二提醒请写 FREQ=WEEKLY;BYDAY=TU", ""},
		{"secretary", "POST", "/reminders", `{"org_id":"b","name":"x","rule":"FREQ=DAILY","at":"23:30"}`, 422, "请改在 7:00 至 21:59 之间", ""},
		{"secretary", "POST", "/reminders", `{"org_id":"b","name":"x","rule":"FREQ=DAILY;COUNT=1000000000","at":"20:00"}`, 422, "COUNT 应为 1 至 1000", ""},
		{"secretary", "POST", "/reminders", `{"org_id":"b","name":"x","rule":"FREQ=DAILY","at":"20:00","audience":{"org_id":"c"}}`, 422, `"audience.org_id"`, ""},
		{"secretary", "POST", "/reminders", `{"org_id":"b","name":"x","rule":"FREQ=DAILY","at":"20:00","audience":{"roles":["chief"]}}`, 422, `"audience.roles[0]"`, ""},
		{"secretary", "POST", "/reminders", `{"org_id":"b","name":"x","rule":"FREQ=DAILY","at":"20:00","colour":"red"}`, 422, `"unknown_field"`, ""},
		{"secretary", "POST", "/reminders", `{"org_id":"b"}`, 422, `"field":"rule"`, ""},

		{"secretary", "GET", "/reminders/rb", "", 200, `"created_by":{"id":"secretary","name":"成员secretary"}`, "path"},
		{"committee", "GET", "/reminders/rb", "", 200, `"version":1`, ""},
		{"leader", "GET", "/reminders/rb", "", 404, `"not_found"`, "周二"},
		{"neighbour", "GET", "/reminders/rb", "", 404, `"not_found"`, "周二"},
		{"neighbour", "GET", "/reminders/none", "", 404, `"not_found"`, ""},

		{"", "GET", "/reminders/rb/preview", "", 401, `"unauthenticated"`, ""},
		{"visitor", "GET", "/reminders/rb/preview", "", 403, `"not_bound"`, ""},
		{"member", "GET", "/reminders/rb/preview", "", 403, `"forbidden"`, ""},
		{"neighbour", "GET", "/reminders/rb/preview", "", 404, `"not_found"`, ""},
		{"secretary", "GET", "/reminders/rb/preview", "", 200, `{"at":"2026-11-24T20:00:00+08:00","planned_at":"2026-11-24T20:00:00+08:00","local":"2026年11月24日（星期二）20:00","provisional":false,"recipients":4}`, ""},
		{"secretary", "GET", "/reminders/rb/preview", "", 200, `"local":"2027年1月26日（星期二）20:00","provisional":true`, ""},

		{"secretary", "GET", "/reminders/rb", "", 200, `"rule_text":"每周二 20:00"`, ""},
		{"secretary", "GET", "/reminders/rb", "", 200, `"state":"active","next_note":null,"last_fired_at":"2026-10-13T20:00:00+08:00","last":{"planned_at":"2026-10-13T20:00:00+08:00"`, ""},

		{"", "GET", "/reminders/rb/occurrences", "", 401, `"unauthenticated"`, ""},
		{"visitor", "GET", "/reminders/rb/occurrences", "", 403, `"not_bound"`, ""},
		{"member", "GET", "/reminders/rb/occurrences", "", 403, `"forbidden"`, ""},
		{"leader", "GET", "/reminders/rb/occurrences", "", 404, `"not_found"`, "国庆节"},
		{"neighbour", "GET", "/reminders/rb/occurrences", "", 404, `"not_found"`, "国庆节"},
		{"secretary", "GET", "/reminders/rb/occurrences?cursor=x", "", 422, `"cursor"`, ""},
		{"secretary", "GET", "/reminders/rb/occurrences", "", 200, `"local":"2026年10月13日（星期二）20:00","state":"fired","text":"已发给 12 人","reason":null,"recipients":12,"push_id":"p"`, ""},
		{"committee", "GET", "/reminders/rb/occurrences", "", 200, `"state":"skipped","text":"未提醒：国庆节假期，本次不提醒"`, ""},
		{"office", "GET", "/reminders/rb/occurrences?limit=1", "", 200, `"next_cursor":"e`, "国庆节"},
		{"secretary", "GET", "/reminders/rg/occurrences", "", 200, `"items":[]`, ""},

		{"", "POST", "/reminders/plan", weeklyBody, 401, `"unauthenticated"`, ""},
		{"visitor", "POST", "/reminders/plan", weeklyBody, 403, `"not_bound"`, ""},
		{"committee", "POST", "/reminders/plan", weeklyBody, 403, "支部书记", ""},
		{"neighbour", "POST", "/reminders/plan", weeklyBody, 404, `"not_found"`, "心肺"},
		{"secretary", "POST", "/reminders/plan", weeklyBody, 200, `"local":"2026年11月24日（星期二）20:00","provisional":false,"recipients":4`, ""},
		{"secretary", "POST", "/reminders/plan", weeklyBody, 200, `"rule_text":"每周二 20:00"`, ""},
		{"secretary", "POST", "/reminders/plan", `{"org_id":"b","name":"每天","rule":"FREQ=DAILY","at":"9:00"}`, 200, "（星期二）是工作日，8:00–18:00 为上班时间，改在 18:30 提醒", ""},
		{"secretary", "POST", "/reminders/plan", `{"org_id":"b","rule":"FREQ=HOURLY"}`, 422, `"field":"at"`, ""},

		{"", "PATCH", "/reminders/rb", `{"paused":true}`, 401, `"unauthenticated"`, ""},
		{"visitor", "PATCH", "/reminders/rb", `{"paused":true}`, 403, `"not_bound"`, ""},
		{"member", "PATCH", "/reminders/rb", `{"paused":true}`, 403, `"forbidden"`, ""},
		{"committee", "PATCH", "/reminders/rb", `{"paused":true}`, 403, "支部书记", ""},
		{"leader", "PATCH", "/reminders/rb", `{"paused":true}`, 404, `"not_found"`, ""},
		{"leader", "PATCH", "/reminders/rg", `{"paused":true}`, 200, `"paused":true`, ""},
		{"neighbour", "PATCH", "/reminders/rb", `{"paused":true}`, 404, `"not_found"`, ""},
		{"secretary", "PATCH", "/reminders/rb", `{"paused":true}`, 200, `"next_at":null,"state":"paused","next_note":"提醒已暂停`, ""},
		{"secretary", "PATCH", "/reminders/rb", `{"rule":"FREQ=WEEKLY;BYDAY=TH"}`, 200, `"next_at":"2026-11-26T20:00:00+08:00"`, ""},
		{"secretary", "PATCH", "/reminders/rb", `{"rule":"FREQ=HOURLY"}`, 422, "每天至多一次", ""},
		{"secretary", "PATCH", "/reminders/rb", `{"org_id":"c"}`, 422, `"unknown_field"`, ""},
		{"office", "PATCH", "/reminders/rb", `{"audience":{"org_id":"g"}}`, 200, `"audience":{"org_id":"g"}`, ""},

		{"", "DELETE", "/reminders/rb", "", 401, `"unauthenticated"`, ""},
		{"visitor", "DELETE", "/reminders/rb", "", 403, `"not_bound"`, ""},
		{"member", "DELETE", "/reminders/rb", "", 403, `"forbidden"`, ""},
		{"committee", "DELETE", "/reminders/rb", "", 403, `"forbidden"`, ""},
		{"neighbour", "DELETE", "/reminders/rb", "", 404, `"not_found"`, ""},
		{"secretary", "DELETE", "/reminders/rb", "", 204, "", ""},
		{"secretary", "DELETE", "/reminders/rg", "", 204, "", ""},
	} {
		t.Run(c.who+" "+c.method+" "+c.path, func(t *testing.T) {
			h := kept
			if c.method != "GET" && c.status < 400 { // what changes something gets a house of its own; opening one takes a quarter of a second
				h = furnished(t)
			}
			w := h.ask(c.who, c.method, c.path, c.body, "")
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.holds) || (c.holdsNot != "" && strings.Contains(w.Body.String(), c.holdsNot)) {
				t.Errorf("%s: %d %s, want %d with %q and without %q", c.body, w.Code, w.Body, c.status, c.holds, c.holdsNot)
			}
		})
	}
}

func TestReminderIsEditedByOneAtATime(t *testing.T) {
	h := newReminderHouse(t)
	h.weekly("rb", "b")
	tag := h.ask("secretary", "GET", "/reminders/rb", "", "").Header().Get("ETag")
	if tag == "" {
		t.Fatal("no ETag")
	}
	first := h.ask("secretary", "PATCH", "/reminders/rb", `{"name":"学习日","paused":true}`, tag)
	if first.Code != 200 || first.Header().Get("ETag") == tag || len(h.outbox.dropped) != 1 {
		t.Errorf("first: %d %s, dropped %v", first.Code, first.Body, h.outbox.dropped)
	}
	for _, stale := range []string{tag, `"x"`} {
		if w := h.ask("office", "PATCH", "/reminders/rb", `{"name":"另一个"}`, stale); w.Code != 412 || !strings.Contains(w.Body.String(), `"edit_conflict"`) {
			t.Errorf("stale %s: %d %s", stale, w.Code, w.Body)
		}
	}
	w := h.ask("office", "PATCH", "/reminders/rb", `{"paused":false}`, first.Header().Get("ETag"))
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"name":"学习日"`) || !strings.Contains(w.Body.String(), `"next_at":"2026-11-24T20:00:00+08:00"`) {
		t.Errorf("resumed: %d %s", w.Code, w.Body)
	}
}
