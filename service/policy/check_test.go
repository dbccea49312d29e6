package policy

import (
	"slices"
	"strings"
	"testing"

	"zhibu/model/store"
)

// clean is evidence in which nothing is wrong.
func clean() Evidence {
	return Evidence{
		Columns: []store.Column{{Table: "article_reads", Name: "article_id"}, {Table: "article_reads", Name: "member_id"}, {Table: "article_reads", Name: "percent"}, {Table: "articles", Name: "key_points"}},
		Routes: []Route{
			{Method: "GET", Path: "/articles/{id}", Response: []Field{{Path: "reading_minutes"}, {Path: "key_points"}, {Path: "author.name"}, {Path: "topic"}}},
			{Method: "GET", Path: "/me/study", Response: []Field{{Path: "items[].member"}, {Path: "items[].read_at"}}},
			{Method: "GET", Path: "/search", Query: []Field{{Path: "sort"}}},
			{Method: "POST", Path: "/meetings/{id}/checkin", Request: []Field{{Path: "code", Required: true}}},
			{Method: "POST", Path: "/reminders", Request: []Field{{Path: "name", Required: true}}, Response: []Field{{Path: "name"}}},
			{Method: "POST", Path: "/orgs/{id}/members", Request: []Field{{Path: "phone", Required: true}}},
			{Method: "POST", Path: "/articles", Request: []Field{{Path: "photo"}}},
		},
		Answers: []Answer{
			{"/supervision/overview", map[string]any{"items": []any{item("a", 3), item("b", 9)}}},
			{"/articles/1/reach", map[string]any{"read": nil, "unread": 7.0, "claimed": 0.0}},
			{"/me/study", map[string]any{"read": 2.0}},
		},
		Tree: []string{"root", "a", "b"},
	}
}

func item(id string, owed float64) map[string]any {
	return map[string]any{"org": map[string]any{"id": id}, "owed": owed}
}

func red(e Evidence) []string {
	var out []string
	for _, f := range Inspect(e) {
		if !f.OK {
			out = append(out, f.Key)
		}
	}
	return out
}

// A planted violation of each kind turns its principle red, and no other; without one all is well.
func TestPlantedViolationsTurnRed(t *testing.T) {
	if got := red(clean()); len(got) != 0 {
		t.Fatalf("nothing is wrong, and red are %v: %+v", got, Inspect(clean()))
	}
	column := func(table, name string) func(*Evidence) {
		return func(e *Evidence) { e.Columns = append(e.Columns, store.Column{Table: table, Name: name}) }
	}
	route := func(r Route) func(*Evidence) { return func(e *Evidence) { e.Routes = append(e.Routes, r) } }
	answer := func(path string, body any) func(*Evidence) {
		return func(e *Evidence) { e.Answers = append(e.Answers, Answer{path, body}) }
	}
	field := func(name string, required bool) []Field { return []Field{{Path: name, Required: required}} }
	for _, c := range []struct {
		name, key string
		plant     func(*Evidence)
	}{
		{"a column of dwell time", "no_dwell_time", column("sessions", "dwell_ms")},
		{"a column of minutes read", "no_dwell_time", column("article_reads", "minutes")},
		{"a field of a request", "no_dwell_time", route(Route{Method: "POST", Path: "/articles/{id}/reads", Request: field("duration", false)})},
		{"a key of an answer", "no_dwell_time", answer("/feed", map[string]any{"items": []any{map[string]any{"online_time": 3.0}}})},
		{"a column of points", "no_ranking", column("members", "points")},
		{"a table of ranks", "no_ranking", column("branch_ranks", "n")},
		{"a route of ranks", "no_ranking", route(Route{Method: "GET", Path: "/supervision/ranking"})},
		{"a way to sort", "no_ranking", route(Route{Method: "GET", Path: "/supervision/overview", Query: field("sort", false)})},
		{"a score in an answer's shape", "no_ranking", route(Route{Method: "GET", Path: "/orgs", Response: field("items[].score", false)})},
		{"branches by their figures", "no_ranking", answer("/supervision/overview", map[string]any{"items": []any{item("b", 9), item("a", 3)}})},
		{"a figure about four", "five_or_more", answer("/articles/2/reach", map[string]any{"read": 4.0})},
		{"a list of readers", "no_reader_lists", route(Route{Method: "GET", Path: "/articles/{id}/readers"})},
		{"a person and a reading", "no_reader_lists", route(Route{Method: "GET", Path: "/orgs/{id}/study", Response: []Field{{Path: "items[].member"}, {Path: "items[].read_at"}}})},
		{"readers in an answer", "no_reader_lists", answer("/articles/3", map[string]any{"readers": []any{"张三"}})},
		{"a person's percent in an answer", "no_reader_lists", answer("/orgs/1/study", map[string]any{"items": []any{map[string]any{"member": "张三", "percent": 80.0}}})},
		{"a photo that must be", "no_photo_or_position", route(Route{Method: "POST", Path: "/meetings/{id}/minutes", Request: field("photo_id", true)})},
		{"a position that may be", "no_photo_or_position", route(Route{Method: "POST", Path: "/checkins", Request: field("latitude", false)})},
		{"a column of positions", "no_photo_or_position", column("meeting_invitees", "gps")},
		{"the phone again", "no_repeated_field", route(Route{Method: "POST", Path: "/suggestions", Request: field("phone", true)})},
		{"the name again", "no_repeated_field", route(Route{Method: "POST", Path: "/suggestions/{id}/rate", Request: field("name", true)})},
		{"the topic again", "no_repeated_field", route(Route{Method: "PUT", Path: "/articles/{id}/minutes", Request: field("topic", true)})},
		{"identity cards", "home_stays_home", column("members", "id_card")},
	} {
		e := clean()
		c.plant(&e)
		if got := red(e); !slices.Equal(got, []string{c.key}) {
			t.Errorf("%s: red are %v", c.name, got)
		}
	}
}

// What was not looked at is not fine.
func TestNoEvidenceIsRed(t *testing.T) {
	for _, f := range Inspect(Evidence{}) {
		if f.OK || !strings.Contains(f.Evidence, "0 列") {
			t.Errorf("%+v", f)
		}
	}
}
