package api_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"zhibu/model"
)

// faulty sends a body and returns the status and the places of its faults, in order, each as often as it was named.
func faulty(t *testing.T, front http.Handler, token, call, body string) (int, []string) {
	t.Helper()
	method, path, _ := strings.Cut(call, " ")
	req := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	front.ServeHTTP(w, req)
	var out struct {
		Code   string
		Fields []struct{ Field, Code, Detail string }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("%s %s: %d %s", call, body, w.Code, w.Body)
	}
	var places []string
	for _, f := range out.Fields {
		if f.Code == "" || f.Detail == "" || strings.ContainsAny(f.Detail, "|%") {
			t.Errorf("%s %s: a fault without words: %+v", call, body, f)
		}
		places = append(places, f.Field)
	}
	slices.Sort(places)
	return w.Code, places
}

// faults holds one room's calls against the places that each answer must name, all of them and no others.
func faults(t *testing.T, front http.Handler, cases [][4]string) {
	t.Helper()
	for _, c := range cases {
		status, got := faulty(t, front, c[0], c[1], c[2])
		want := strings.Fields(c[3])
		slices.Sort(want)
		if status != 422 || !slices.Equal(got, want) {
			t.Errorf("%s %s: %d\n names %v,\n want  %v", c[1], c[2], status, got, want)
		}
	}
}

// TestAllFaultsOfMeetings: what the schema finds and what the room finds come in one answer, none of them twice, and none that only follows from another.
func TestAllFaultsOfMeetings(t *testing.T) {
	h := newMeetingHouse(t)
	at := "/meetings/" + h.lecture()
	faults(t, h.api, [][4]string{
		{"secretary", "POST /meetings", `{}`, "org_id type topic mode starts_at ends_at"},
		{"secretary", "POST /meetings", `{"org_id":""}`, "org_id type topic mode starts_at ends_at"},
		{"secretary", "POST /meetings", `{"org_id":"b","type":"zzz","topic":" ","mode":"x","colour":1}`, "type topic mode colour starts_at ends_at"},
		{"secretary", "POST /meetings", `{"org_id":"b","starts_at":"tomorrow","type":"lecture","topic":5,"mode":"onsite","ends_at":"2026-11-24T20:20:00+08:00"}`, "starts_at topic place"},
		{"secretary", "POST /meetings", `{"colour":1,"type":"lecture","topic":"党课","mode":"online","starts_at":"2026-11-24T20:30:00+08:00","ends_at":"2026-11-24T19:30:00+08:00",
			"online":{"provider":"zoom","join_url":"ftp://x"},"agenda":[{"title":""},{"title":"学","minutes":-1},{"minutes":"x"}],"reminders":[1,"x"],
			"invitees":{"roles":["king"],"party_status":"zzz","member_ids":5}}`,
			"org_id colour ends_at online.provider online.join_url agenda[0].title agenda[1].minutes agenda[2].minutes agenda[2].title reminders[0] reminders[1] invitees.roles[0] invitees.party_status[0] invitees.member_ids"},
		// Of another's organisation the draft's own faults are named and nothing else.
		{"secretary", "POST /meetings", strings.Replace(lecture, `"b"`, `"c","colour":1,"place":5`, 1), "colour place"},
		{"secretary", "POST /meetings", strings.NewReplacer(`"b"`, `"b","colour":1`, "T19:30", "T15:00", "T20:20", "T16:00").Replace(lecture), "colour starts_at"},
		{"secretary", "POST /meetings", strings.Replace(lecture, `"join_url":"https://meeting.example.org/j/1","code":"860 215 477"`, `"code":5`, 1), "online.code"},
		{"secretary", "PATCH " + at, `{"topic":" ","mode":"x","reminders":"x","ends_at":"2026-11-24T18:00:00+08:00","colour":1}`, "topic mode reminders ends_at colour"},
		{"secretary", "POST " + at + "/cancel", `{"colour":1}`, "colour reason"},
		{"member", "PUT " + at + "/rsvp", `{"colour":1}`, "colour status"},
		{"member", "PUT " + at + "/rsvp", `{"status":"leave","colour":1}`, "colour reason"},
		{"member", "PUT " + at + "/rsvp", `{"status":"maybe","reason":5}`, "status reason"},
		{"secretary", "PUT " + at + "/attendance/member", `{"status":"asleep","colour":1}`, "status reason colour"},
	})
}

func TestAllFaultsOfArticles(t *testing.T) {
	h := newArticleHouse(t)
	id := h.article("b", "消息", "members")
	long := strings.Repeat("长", 300)
	faults(t, h.api, [][4]string{
		{"secretary", "POST /articles", `{}`, "org_id category title body_markdown"},
		{"secretary", "POST /articles", `{"org_id":"b","category":"news","title":"` + long + `","visibility":"all","due_at":"soon","colour":1}`, "title visibility due_at colour body_markdown"},
		{"secretary", "POST /articles", `{"category":"central","title":"","body_html":5,"digest":"` + long + `","key_points":["` + long + `"],"reading_minutes":-1,"doc_no":5}`,
			"org_id title body_html digest key_points[0] reading_minutes doc_no source.name source.url"},
		{"secretary", "POST /articles", `{"org_id":"b","category":"law","title":"法","body_markdown":"文","source":"新华社","cover_id":"none","required":"yes","due_at":"2026-12-31T20:00:00+08:00"}`,
			"source cover_id required"},
		{"secretary", "POST /articles", `{"org_id":"b","category":"example","title":"例","body_markdown":"文","source":{"url":"ftp://x","date":"x","page":3}}`, "source.name source.url source.date source.page"},
		{"secretary", "PATCH /articles/" + id, `{"title":"","category":"central","pinned":"x","colour":1}`, "title source.name source.url pinned colour"},
		{"secretary", "POST /articles/" + id + "/publish", `{"at":"2036-01-01T00:00:00+08:00","notify":"x"}`, "at notify"},
		{"member", "PUT /articles/" + id + "/claim", `{"studied_on":"yesterday","where":"` + long + `","colour":1}`, "studied_on where colour"},
	})
}

func TestAllFaultsOfMembers(t *testing.T) {
	h := newMemberHouse(t)
	for _, o := range [][3]string{{"", "society", "学会"}, {"学会", "branch", "甲支部"}, {"学会", "branch", "乙支部"}} {
		h.org(o[0], o[1], o[2])
	}
	at := "/orgs/" + h.orgs["甲支部"]
	add := func(org string) string {
		out := h.must(201, "", "admin", "POST", "/orgs/"+h.orgs[org]+"/members", `{"name":"林知远","phone":"13800138000","party_status":"full"}`)
		return out["id"].(string)
	}
	person := "/members/" + add("甲支部")
	faults(t, h.api, [][4]string{
		{h.tokens["admin"], "POST " + at + "/members", `{}`, "name phone party_status"},
		{h.tokens["admin"], "POST " + at + "/members", `{"name":"","phone":"138","party_status":"zzz"}`, "name phone party_status"},
		{h.tokens["admin"], "POST " + at + "/members", `{"name":" ","phone":"138","party_status":"full","joined_on":"2999-01-01","title":5,"colour":1}`, "name phone joined_on title colour"},
		{h.tokens["admin"], "PATCH " + person, `{"name":" ","phone":"138","joined_on":"2999-01-01","colour":1}`, "name phone joined_on colour"},
		{h.tokens["admin"], "PATCH " + person, `{"phone":null}`, "phone"},
		{h.tokens["admin"], "PATCH " + person, `{"phone":5}`, "phone"},
		{h.tokens["admin"], "POST /orgs", `{}`, "kind name"},
		{h.tokens["admin"], "POST /orgs", `{"parent_id":"` + h.orgs["甲支部"] + `","kind":"society","name":" ","colour":1}`, "kind name colour"},
		{h.tokens["admin"], "PATCH " + at, `{"name":" ","colour":1}`, "name colour"},
		{h.tokens["admin"], "PUT " + at + "/members/x/roles", `{"roles":["king","member"],"colour":1}`, "roles[0] colour"},
		{h.tokens["admin"], "POST " + at + "/invites", `{"days":99,"max_uses":-1,"colour":1}`, "days max_uses colour"},
	})
	// A person of several organisations leaves the one that is named; where there is one only, it need not be.
	add("乙支部")
	faults(t, h.api, [][4]string{{h.tokens["admin"], "DELETE " + person, "", "org_id"}})
	h.must(204, "", "admin", "DELETE", person+"?org_id="+h.orgs["乙支部"], "")
	h.must(204, "", "admin", "DELETE", person, "")
}

func TestAllFaultsOfSuggestionsAndComments(t *testing.T) {
	h := newSuggestionHouse(t)
	author, secretary := h.token["author"], h.token["secretary"]
	faults(t, h.api, [][4]string{
		{author, "POST /suggestions", `{}`, "to_org_id title content"},
		{author, "POST /suggestions", `{"title":" ","content":" ","anonymous":"x","attachment_ids":["none"],"colour":1}`, "to_org_id title content anonymous attachment_ids colour"},
		{author, "POST /suggestions", `{"to_org_id":"` + h.branch.ID + `","title":" ","content":"文","attachment_ids":["none"]}`, "title attachment_ids"},
		{secretary, "POST /suggestions/" + h.id + "/transitions", `{"action":"decline","to_org_id":"x","colour":1}`, "text to_org_id colour"},
		{secretary, "POST /suggestions/" + h.id + "/transitions", `{"action":"assign","colour":1}`, "assignee_id colour"},
		{secretary, "POST /suggestions/" + h.id + "/transitions", `{"action":"shred","assignee_id":"x"}`, "action"},
		{author, "POST /suggestions/" + h.id + "/rating", `{"stars":9,"text":5,"colour":1}`, "stars text colour"},
	})
	c := newCommentHouse(t)
	const article = "talked-about"
	c.article(article, "/r/b/", model.CategoryNews, model.VisibleMembers)
	faults(t, c.api, [][4]string{
		{"member", "POST /articles/" + article + "/comments", `{}`, "content"},
		{"member", "POST /articles/" + article + "/comments", `{"content":" ","reply_to":"none","colour":1}`, "content reply_to colour"},
		{"moderator", "POST /comments/none/moderate", `{"action":"hide","colour":1}`, "reason colour"},
	})
}

func TestAllFaultsOfPushesAndReminders(t *testing.T) {
	h := newPushHouse(t)
	for _, path := range []string{"/pushes", "/pushes/plan"} {
		faults(t, h.api, [][4]string{
			{"secretary", "POST " + path, `{}`, "org_id kind title audience"},
			{"secretary", "POST " + path, `{"org_id":"b","kind":"study","title":"学","fields":{"colour":"x","note":5},"page":"/x y","colour":1,
				"audience":{"roles":"king","party_status":["full","zzz"],"rsvp":"perhaps","org_id":"c"},"send_at":"soon"}`,
				"fields.note fields.colour page colour audience.org_id audience.roles audience.party_status audience.rsvp audience.meeting_id send_at"},
			// Without an organisation, all that can be said of the rest.
			{"secretary", "POST " + path, `{"kind":"study","title":" ","fields":{"colour":"x"},"page":"/x y","audience":{"roles":["king"],"rsvp":"none","not_read_article_id":"x"},"send_at":"2036-01-01T00:00:00+08:00"}`,
				"org_id title fields.colour page audience.roles audience.meeting_id send_at"},
			{"secretary", "POST " + path, `{"org_id":5,"kind":"party","title":"学","audience":{"party_status":"zzz"},"urgent_reason":5}`, "org_id kind audience.party_status urgent_reason"},
			// Of another's organisation the schema's own faults are named and nothing else.
			{"secretary", "POST " + path, `{"org_id":"c","kind":"study","title":"学","page":"/x y","colour":1,"audience":{"roles":"king"}}`, "colour"},
			{"secretary", "POST " + path, `{"org_id":"b","kind":"study","title":"学","page":"/x y","colour":1,"audience":{"roles":"king","party_status":["full","zzz"],"rsvp":"perhaps"}}`,
				"page colour audience.roles audience.party_status audience.rsvp audience.meeting_id"},
		})
	}
	faults(t, h.api, [][4]string{
		{"member", "POST /subscriptions", `{}`, "results"},
		{"member", "POST /subscriptions", `{"results":{"none":"accept","tmpl-meeting":"perhaps"}}`, "results.none results.tmpl-meeting"},
		{"member", "POST /subscriptions", `{"results":{"none":"accept","tmpl-meeting":"perhaps"},"colour":1}`, "results.none results.tmpl-meeting colour"},
		{"member", "POST /subscriptions", `{"results":{"none":"accept","tmpl-meeting":5}}`, "results.none results.tmpl-meeting"},
		{"member", "POST /subscriptions", `{"results":{},"colour":1}`, "results colour"},
	})
	r := newReminderHouse(t)
	const id = "weekly"
	r.weekly(id, "b")
	faults(t, r.api, [][4]string{
		{"secretary", "POST /reminders", `{}`, "org_id name rule at"},
		{"secretary", "POST /reminders", `{"org_id":"b","name":"学","rule":"FREQ=HOURLY","at":"25:00","template":"meeting"}`, "rule at template"},
		{"secretary", "POST /reminders", `{"name":" ","rule":"FREQ=HOURLY","at":"03:00","template":"meeting","starts_on":"soon","audience":{"roles":["king"],"party_status":"zzz"},"colour":1}`,
			"org_id name rule at template starts_on audience.roles[0] audience.party_status[0] colour"},
		{"secretary", "POST /reminders", `{"org_id":"b","name":"学","rule":"FREQ=DAILY","at":"20:00","article_id":"none","audience":{"org_id":"c"},"paused":1}`, "article_id audience.org_id paused"},
		{"secretary", "PATCH /reminders/" + id, `{"rule":"x","at":"x","template":"x","colour":1}`, "rule rule at template colour"},
	})
}

// TestOneWordOrAList holds that a single word is as good as a list of it, and null as good as nothing.
func TestOneWordOrAList(t *testing.T) {
	m := newMeetingHouse(t)
	for _, invitees := range []string{`{"party_status":"full"}`, `{"party_status":["full"],"roles":"member"}`, `null`} {
		w := m.ask("secretary", "POST", "/meetings", strings.Replace(lecture, `"agenda"`, `"invitees":`+invitees+`,"place":null,"override_reason":null,"agenda"`, 1))
		if w.Code != http.StatusCreated || !strings.Contains(w.Body.String(), `"org_id":"b"`) {
			t.Errorf("a meeting for %s: %d %s", invitees, w.Code, w.Body)
		}
	}
	p := newPushHouse(t)
	for _, audience := range []string{`{"party_status":"full","roles":"secretary"}`, `{"party_status":["full"],"roles":["secretary"],"rsvp":null}`} {
		p.expect("secretary", "POST", "/pushes", strings.Replace(announcement, `"audience":{}`, `"send_at":null,"page":null,"audience":`+audience, 1), 201, `"recipients":1`)
	}
	r := newReminderHouse(t)
	w := r.ask("secretary", "POST", "/reminders", `{"org_id":"b","name":"学","rule":"FREQ=DAILY","at":"20:00","title":null,"audience":{"party_status":"full"}}`, "")
	if w.Code != http.StatusCreated || !strings.Contains(w.Body.String(), `"party_status":["full"]`) || !strings.Contains(w.Body.String(), `"org_id":"b"`) {
		t.Errorf("a reminder: %d %s", w.Code, w.Body)
	}
	a := newArticleHouse(t)
	a.want("secretary", "POST", "/articles", `{"org_id":"b","category":"news","title":"消息","body_markdown":"正文","source":null,"key_points":null,"due_at":null,"attachment_ids":null}`, 201, `"org_id":"b"`, "")
	s := newSuggestionHouse(t)
	for _, step := range [][2]string{{"secretary", `{"action":"escalate"}`}, {"office", `{"action":"decline","text":"不属职责"}`}, {"author", `{"action":"reopen","text":null}`}} {
		if out := s.must(200, "", "POST", "/suggestions/"+s.id+"/transitions", s.token[step[0]], step[1]); text(out, "to_org_id") != s.branch.ID {
			t.Errorf("%s: to_org_id is %v", step[1], out["to_org_id"])
		}
	}
}
