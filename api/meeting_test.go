package api_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"zhibu/api"
	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
	"zhibu/service/meeting"
	"zhibu/service/setting"
	"zhibu/service/signin"
	"zhibu/service/vault"
)

// meetingOutbox counts what the invited would be told.
type meetingOutbox struct{ pushed, dropped int }

func (o *meetingOutbox) Push(context.Context, *store.Store, *model.Push) error {
	o.pushed++
	return nil
}

func (o *meetingOutbox) Drop(context.Context, *store.Store, string, string) error {
	o.dropped++
	return nil
}

// builtinPolicies always hold the built-in profile.
type builtinPolicies struct{}

func (builtinPolicies) PolicyAt(time.Time) *model.Policy { return model.DefaultPolicy() }

// meetingHouse is the front of the house with meetings and the calendar, and one session for each person, whose token is the person's id.
type meetingHouse struct {
	t      *testing.T
	store  *store.Store
	outbox *meetingOutbox
	now    time.Time
	api    http.Handler
}

func newMeetingHouse(t *testing.T) *meetingHouse {
	t.Helper()
	h := &meetingHouse{t: t, outbox: &meetingOutbox{}, now: storetest.Now()}
	clock := func() time.Time { return h.now }
	h.store = storetest.OpenAt(t, clock)
	v, err := vault.New("a secret of tests")
	h.must(err)
	settings := setting.New(h.store, clock)
	h.api = api.New(api.Rooms{
		Signin: signin.New(h.store, nil, v, nil, nil, clock), Meeting: meeting.New(h.store, h.outbox, settings, builtinPolicies{}, v, clock), Setting: settings, Replays: h.store,
	}, api.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Clock: clock, MaxUpload: 1 << 20, PublicURL: "https://zhibu.example.org"})
	ctx := context.Background()
	for _, o := range []model.Org{
		{ID: "r", Kind: model.OrgSociety, Name: "学会党委", Path: "/r/"},
		{ID: "b", Kind: model.OrgBranch, Name: "心肺康复支部", Path: "/r/b/", Depth: 1},
		{ID: "g", Kind: model.OrgGroup, Name: "护理学组", Path: "/r/b/g/", Depth: 2},
		{ID: "c", Kind: model.OrgBranch, Name: "儿童康复支部", Path: "/r/c/", Depth: 1},
	} {
		h.must(h.store.AddOrg(ctx, &o))
	}
	for _, p := range []struct {
		id, org, path string
		role          model.Role
		roleAt        string
	}{
		{"secretary", "b", "/r/b/", model.RoleSecretary, "/r/b/"},
		{"leader", "g", "/r/b/g/", model.RoleGroupLeader, "/r/b/g/"},
		{"member", "b", "/r/b/", "", ""},
		{"office", "", "", model.RoleStaff, "/r/"},
		{"neighbour", "c", "/r/c/", model.RoleSecretary, "/r/c/"},
	} {
		h.must(h.store.AddMember(ctx, &model.Member{ID: p.id, Name: "成员" + p.id, NameSort: p.id, PartyStatus: model.PartyFull}))
		if p.org != "" {
			h.must(h.store.AddMembership(ctx, &model.Membership{ID: store.NewID(), MemberID: p.id, OrgID: p.org, OrgPath: p.path}))
		}
		if p.role != "" {
			ids := model.PathIDs(p.roleAt)
			h.must(h.store.AddGrant(ctx, &model.Grant{ID: store.NewID(), MemberID: p.id, OrgID: ids[len(ids)-1], OrgPath: p.roleAt, Role: p.role}))
		}
		h.session(p.id, "", p.id)
	}
	h.must(h.store.AddIdentity(ctx, &model.Identity{ID: "i", OpenID: "openid"}))
	h.session("visitor", "i", "")
	return h
}

func (h *meetingHouse) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *meetingHouse) session(token, identityID, memberID string) {
	h.t.Helper()
	ends := h.now.Add(365 * 24 * time.Hour)
	h.must(h.store.AddSession(context.Background(), &model.Session{ID: "s-" + token, IdentityID: identityID, MemberID: memberID, Kind: model.SessionWechat, ExpiresAt: ends}))
	sum := sha256.Sum256([]byte(token))
	h.must(h.store.AddToken(context.Background(), &model.Token{Hash: hex.EncodeToString(sum[:]), SessionID: "s-" + token, ExpiresAt: ends}))
}

// ask sends a request as a person, "" for a stranger; headers are pairs.
func (h *meetingHouse) ask(who, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
	if body == "" {
		r = httptest.NewRequest(method, "/api/v1"+path, nil)
	} else {
		r.Header.Set("Content-Type", "application/json")
	}
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+who)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.api.ServeHTTP(w, r)
	return w
}

const lecture = `{"org_id":"b","type":"lecture","topic":"线上党课","starts_at":"2026-11-24T19:30:00+08:00","ends_at":"2026-11-24T20:20:00+08:00","mode":"online",
	"online":{"provider":"tencent","join_url":"https://meeting.example.org/j/1","code":"860 215 477"},"agenda":[{"title":"领学","minutes":10}],"reminders":[60]}`

func (h *meetingHouse) lecture() string {
	h.t.Helper()
	w := h.ask("secretary", "POST", "/meetings", lecture)
	var m struct{ ID string }
	if w.Code != http.StatusCreated || json.Unmarshal(w.Body.Bytes(), &m) != nil || m.ID == "" {
		h.t.Fatalf("call: %d %s", w.Code, w.Body)
	}
	return m.ID
}

func TestMeetingRoutes(t *testing.T) {
	h := newMeetingHouse(t)
	id := h.lecture()
	at := "/meetings/" + id
	atWork := strings.NewReplacer("T19:30", "T15:00", "T20:20", "T16:00").Replace(lecture)
	for _, c := range []struct {
		who, method, path, body string
		status                  int
		holds, lacks            string // words, parted by |
	}{
		{"", "POST", "/meetings", lecture, 401, `"unauthenticated"`, ""},
		{"visitor", "POST", "/meetings", lecture, 403, `"not_bound"`, ""},
		{"member", "POST", "/meetings", lecture, 403, `"forbidden"`, ""},
		{"leader", "POST", "/meetings", lecture, 403, `"forbidden"|党小组组长`, ""},
		{"neighbour", "POST", "/meetings", lecture, 404, `"not_found"`, "心肺"},
		{"leader", "POST", "/meetings", strings.NewReplacer(`"b"`, `"g"`, "lecture", "group").Replace(lecture), 201, `"type":"group"|"invited":1`, ""},
		{"office", "POST", "/meetings", strings.Replace(lecture, `"b"`, `"r"`, 1), 201, `"invited":4`, ""},
		{"secretary", "POST", "/meetings", atWork, 422, `"within_working_hours"|2026-11-24（星期二）是工作日|"field":"starts_at"`, ""},
		{"secretary", "POST", "/meetings", strings.Replace(atWork, `"reminders"`, `"override_reason":"现场督导","reminders"`, 1), 201, `"override_reason":"现场督导"`, ""},
		{"secretary", "POST", "/meetings", `{"org_id":"b","agenda":[{"minutes":5}],"online":{"join_url":"ftp://x"},"mode":"online"}`, 422,
			`"agenda[0].title"|"online.join_url"|"topic"|"type"|"starts_at"|"ends_at"`, "org_id"},
		{"secretary", "POST", "/meetings", `{"org_id":"b","subject":"x"}`, 422, `"subject"|unknown_field`, ""},
		{"secretary", "POST", "/meetings", `{"org_id":"b","starts_at":"tomorrow"}`, 422, `"starts_at"`, ""},

		{"", "GET", at, "", 401, "", ""},
		{"visitor", "GET", at, "", 403, `"not_bound"`, "meeting.example"},
		{"neighbour", "GET", at, "", 404, `"not_found"`, "meeting.example|党课"},
		{"leader", "GET", at, "", 200, `"can_manage":false|"my_rsvp":"none"`, ""},
		{"member", "GET", at, "", 200, `"join_url":"https://meeting.example.org/j/1"|"code":"860 215 477"|"my_rsvp":"none"|"state":"planned"|"can_manage":false|"starts_at":"2026-11-24T19:30:00+08:00"|"reminders":[60]|"org":{"id":"b"|"created_by":{"id":"secretary"|"cancel_reason":null`, "org_path|OrgPath"},
		{"office", "GET", at, "", 200, `"my_rsvp":null|"can_manage":true`, ""},
		{"member", "GET", "/meetings/none", "", 404, "", ""},

		{"", "GET", "/meetings", "", 401, "", ""},
		{"neighbour", "GET", "/meetings?org_id=b", "", 404, "", id},
		{"neighbour", "GET", "/meetings", "", 200, "", id},
		{"member", "GET", "/meetings?mine=true", "", 200, id + `|"next_cursor":""`, ""},
		{"office", "GET", "/meetings?mine=true", "", 200, "", id},
		{"member", "GET", "/meetings?from=2026-11-25", "", 200, "", id},
		{"member", "GET", "/meetings?to=x", "", 422, `"field":"to"`, ""},
		{"member", "GET", "/meetings?cursor=x", "", 422, `"field":"cursor"`, ""},
		{"member", "GET", "/meetings?limit=1", "", 200, `"next_cursor":"ey`, ""},
		{"member", "GET", "/meetings?limit=101", "", 422, `"field":"limit"`, ""},

		{"member", "GET", "/meetings/slots?org_id=b", "", 403, "", ""},
		{"neighbour", "GET", "/meetings/slots?org_id=b", "", 404, "", ""},
		{"secretary", "GET", "/meetings/slots?org_id=b&from=2026-11-28&days=1&minutes=90", "", 200, `"reason":"weekend"|"starts_at":"2026-11-28T09:30:00+08:00"|"provisional":false|周末`, ""},
		{"secretary", "GET", "/meetings/slots", "", 422, `"field":"org_id"`, ""},

		{"", "PUT", at + "/rsvp", `{"status":"accept"}`, 401, "", ""},
		{"neighbour", "PUT", at + "/rsvp", `{"status":"accept"}`, 404, "", ""},
		{"office", "PUT", at + "/rsvp", `{"status":"accept"}`, 403, "", ""},
		{"member", "PUT", at + "/rsvp", `{"status":"leave"}`, 422, `"field":"reason"`, ""},
		{"member", "PUT", at + "/rsvp", `{"status":"leave","reason":"夜班"}`, 200, `"my_rsvp":"leave"|"my_leave_reason":"夜班"|"leave":1`, ""},
		{"leader", "GET", at, "", 200, `"leave":1`, "夜班"},
		{"member", "PUT", at + "/rsvp", `{"status":"accept"}`, 200, `"my_rsvp":"accept"|"accept":1|"leave":0`, ""},

		{"member", "POST", at + "/checkin", "", 409, `"not_open"`, ""},
		{"neighbour", "POST", at + "/checkin", "{}", 404, "", ""},
		{"member", "GET", at + "/checkin-code", "", 403, "", ""},
		{"secretary", "GET", at + "/checkin-code", "", 409, `"not_open"`, ""},

		{"", "GET", at + "/attendance", "", 401, "", ""},
		{"member", "GET", at + "/attendance", "", 403, "", ""},
		{"leader", "GET", at + "/attendance", "", 403, "", ""}, // leads the group, not the branch
		{"neighbour", "GET", at + "/attendance", "", 404, "", ""},
		{"secretary", "GET", at + "/attendance", "", 200, `"entitled":3|"voting_entitled":3|"present":0|"member":{"id":"member","name":"成员member"}|"status":"none"|"changed_by":null`, ""},
		{"member", "PUT", at + "/attendance/member", `{"status":"present","reason":"在"}`, 403, "", ""},
		{"neighbour", "PUT", at + "/attendance/member", `{"status":"leave","reason":"在"}`, 404, "", ""},
		{"secretary", "PUT", at + "/attendance/member", `{"status":"leave"}`, 422, `"field":"reason"`, ""},
		{"secretary", "PUT", at + "/attendance/member", `{"status":"leave","reason":"来电请假"}`, 200, `"leave":1|"changed_by":{"id":"secretary"|来电请假`, ""},

		{"member", "PATCH", at, `{"topic":"改题"}`, 403, "", ""},
		{"leader", "PATCH", at, `{"topic":"改题"}`, 403, "", ""},
		{"neighbour", "PATCH", at, `{"topic":"改题"}`, 404, "", ""},
		{"secretary", "PATCH", at, `{"starts_at":"2026-11-25T15:00:00+08:00","ends_at":"2026-11-25T16:00:00+08:00"}`, 422, `"within_working_hours"`, ""},
		{"secretary", "PATCH", at, `{"starts_at":"2026-11-25T19:30:00+08:00","ends_at":"2026-11-25T20:30:00+08:00","reason":"主讲人手术"}`, 200,
			`"starts_at":"2026-11-25T19:30:00+08:00"|"version":2|"none":3|"topic":"线上党课"`, ""},

		{"member", "POST", at + "/cancel", `{"reason":"x"}`, 403, "", ""},
		{"neighbour", "POST", at + "/cancel", `{"reason":"x"}`, 404, "", ""},
		{"secretary", "POST", at + "/cancel", `{}`, 422, `"field":"reason"`, ""},
		{"secretary", "POST", at + "/cancel", `{"reason":"另行通知"}`, 200, `"state":"cancelled"|"cancel_reason":"另行通知"`, ""},
		{"secretary", "POST", at + "/cancel", `{"reason":"另行通知"}`, 409, `"conflict"`, ""},
		{"secretary", "PATCH", at, `{"topic":"改题"}`, 409, "", ""},
		{"member", "PUT", at + "/rsvp", `{"status":"accept"}`, 409, "", ""},
	} {
		w := h.ask(c.who, c.method, c.path, c.body)
		what := c.who + " " + c.method + " " + strings.Replace(c.path, id, "ID", 1)
		if w.Code != c.status {
			t.Errorf("%s: %d, want %d: %s", what, w.Code, c.status, w.Body)
			continue
		}
		for _, word := range strings.Split(c.holds, "|") {
			if !strings.Contains(w.Body.String(), word) {
				t.Errorf("%s lacks %s: %s", what, word, w.Body)
			}
		}
		for _, word := range strings.Split(c.lacks, "|") {
			if word != "" && strings.Contains(w.Body.String(), word) {
				t.Errorf("%s must not hold %s: %s", what, word, w.Body)
			}
		}
		if c.status >= 400 && w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %s", what, w.Header().Get("Content-Type"))
		}
	}
}

func TestMeetingEditsNeedTheVersionThatWasRead(t *testing.T) {
	h := newMeetingHouse(t)
	id := h.lecture()
	tag := h.ask("secretary", "GET", "/meetings/"+id, "").Header().Get("ETag")
	for _, c := range []struct {
		match  string
		status int
		etag   string
	}{{tag, 200, `"2"`}, {tag, 412, ""}, {`"x"`, 412, ""}, {`W/"2"`, 200, `"3"`}, {"*", 200, `"4"`}, {"", 200, `"5"`}} {
		w := h.ask("secretary", "PATCH", "/meetings/"+id, `{"topic":"改题"}`, "If-Match", c.match)
		if w.Code != c.status || w.Header().Get("ETag") != c.etag {
			t.Errorf("If-Match %s: %d %s, want %d %s", c.match, w.Code, w.Header().Get("ETag"), c.status, c.etag)
		}
	}
}

func TestMeetingCallIsReplayed(t *testing.T) {
	h := newMeetingHouse(t)
	first := h.ask("secretary", "POST", "/meetings", lecture, "Idempotency-Key", "k")
	pushed := h.outbox.pushed
	again := h.ask("secretary", "POST", "/meetings", lecture, "Idempotency-Key", "k")
	if first.Code != 201 || again.Code != 201 || first.Body.String() != again.Body.String() || h.outbox.pushed != pushed || pushed != 2 {
		t.Errorf("%d %d, %d then %d pushes", first.Code, again.Code, pushed, h.outbox.pushed)
	}
}

func TestMeetingDay(t *testing.T) {
	h := newMeetingHouse(t)
	w := h.ask("secretary", "POST", "/meetings", strings.Replace(lecture, `"reminders"`, `"checkin_code":true,"reminders"`, 1))
	var m struct{ ID string }
	h.must(json.Unmarshal(w.Body.Bytes(), &m))
	at := "/meetings/" + m.ID
	h.now = time.Date(2026, 11, 24, 19, 20, 0, 0, model.Zone)
	var code struct{ Code string }
	h.must(json.Unmarshal(h.ask("secretary", "GET", at+"/checkin-code", "").Body.Bytes(), &code))
	if w := h.ask("member", "POST", at+"/checkin", `{"code":"no"}`); w.Code != 422 || !strings.Contains(w.Body.String(), `"field":"code"`) {
		t.Errorf("a wrong code: %d %s", w.Code, w.Body)
	}
	if w := h.ask("member", "POST", at+"/checkin", `{"code":"`+code.Code+`"}`); w.Code != 200 || !strings.Contains(w.Body.String(), `"my_attendance":"present"`) {
		t.Errorf("checking in: %d %s", w.Code, w.Body)
	}
	h.now = time.Date(2026, 11, 24, 20, 20, 0, 0, model.Zone)
	w = h.ask("secretary", "GET", at+"/attendance", "")
	if !strings.Contains(w.Body.String(), `"present":1,"leave":0,"absent":2`) {
		t.Errorf("the sheet: %s", w.Body)
	}
	if w := h.ask("member", "GET", at, ""); !strings.Contains(w.Body.String(), `"state":"over"`) {
		t.Errorf("after the end: %s", w.Body)
	}
}

func TestMeetingCalendarFiles(t *testing.T) {
	h := newMeetingHouse(t)
	id := h.lecture()
	w := h.ask("member", "POST", "/me/calendar-token", "")
	var sub struct{ Token, URL string }
	if err := json.Unmarshal(w.Body.Bytes(), &sub); err != nil || w.Code != 201 || sub.URL != "https://zhibu.example.org/api/v1/calendar.ics?token="+sub.Token {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	for _, c := range []struct {
		who, path string
		status    int
	}{
		{"member", "/meetings/" + id + ".ics", 200},
		{"office", "/meetings/" + id + ".ics", 200},
		{"neighbour", "/meetings/" + id + ".ics", 404},
		{"visitor", "/meetings/" + id + ".ics", 403},
		{"", "/meetings/" + id + ".ics", 401},
		{"", "/meetings/" + id + ".ics?token=" + sub.Token, 200},
		{"", "/meetings/" + id + ".ics?token=x", 401},
		{"", "/meetings/none.ics?token=" + sub.Token, 404},
		{"", "/calendar.ics?token=" + sub.Token, 200},
		{"", "/calendar.ics?token=x", 401},
		{"", "/calendar.ics", 401},
	} {
		w := h.ask(c.who, "GET", c.path, "")
		if w.Code != c.status {
			t.Errorf("%s GET %s: %d, want %d: %s", c.who, c.path, w.Code, c.status, w.Body)
			continue
		}
		if c.status != 200 {
			if w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s GET %s: %s", c.who, c.path, w.Header().Get("Content-Type"))
			}
			continue
		}
		cal, err := ics.ParseCalendar(bytes.NewReader(w.Body.Bytes()))
		if err != nil || len(cal.Events()) != 1 || cal.Events()[0].GetProperty(ics.ComponentPropertySummary).Value != "线上党课" || w.Header().Get("Content-Type") != "text/calendar; charset=utf-8" {
			t.Errorf("%s: %v %s\n%s", c.path, err, w.Header().Get("Content-Type"), w.Body)
		}
	}
	if w := h.ask("member", "DELETE", "/me/calendar-token", ""); w.Code != 204 {
		t.Errorf("ending it: %d", w.Code)
	}
	if w := h.ask("", "GET", "/calendar.ics?token="+sub.Token, ""); w.Code != 401 {
		t.Errorf("the ended subscription: %d", w.Code)
	}
}

func TestCalendarRoutes(t *testing.T) {
	h := newMeetingHouse(t)
	notice := `{"$schema":"x","year":2027,"papers":[],"days":[{"name":"元旦","date":"2027-01-01","isOffDay":true}]}`
	for _, c := range []struct {
		who, method, path, body string
		status                  int
		holds                   string
	}{
		{"", "GET", "/calendar?year=2026", "", 401, ""},
		{"visitor", "GET", "/calendar?year=2026", "", 403, ""},
		{"member", "GET", "/calendar", "", 200, `"year":2026|"covered_until":"2026-12-31"|"provisional":false|{"date":"2026-10-10","kind":"makeup","name":"国庆节"}`},
		{"member", "GET", "/calendar?year=2027", "", 200, `"provisional":true|"days":[]`},
		{"member", "GET", "/calendar?year=x", "", 422, `"field":"year"`},
		{"member", "PUT", "/calendar/2027", notice, 403, ""},
		{"secretary", "PUT", "/calendar/2027", notice, 403, ""},
		{"office", "PUT", "/calendar/2028", notice, 422, `"field":"year"`},
		{"office", "PUT", "/calendar/2027", `{"year":2027,"days":[{"name":"元旦","date":"2027-02-30","isOffDay":true}]}`, 422, `"days[0].date"`},
		{"office", "PUT", "/calendar/2027", `no`, 400, `"malformed_json"`},
		{"office", "PUT", "/calendar/2027", `[]`, 422, `"field":"file"`},
		{"office", "PUT", "/calendar/2027", notice, 200, `"covered_until":"2027-12-31"|"provisional":false`},
		{"member", "GET", "/calendar?year=2027", "", 200, `"provisional":false|2027-01-01`},
	} {
		w := h.ask(c.who, c.method, c.path, c.body)
		if w.Code != c.status {
			t.Errorf("%s %s %s: %d, want %d: %s", c.who, c.method, c.path, w.Code, c.status, w.Body)
		}
		for _, word := range strings.Split(c.holds, "|") {
			if !strings.Contains(w.Body.String(), word) {
				t.Errorf("%s %s %s lacks %s: %s", c.who, c.method, c.path, word, w.Body)
			}
		}
	}
}
