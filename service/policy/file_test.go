package policy

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"zhibu/model"
)

// Whatever is in the profile is in the file: every leaf is changed in turn, and comes back.
func TestEveryNumberIsInTheFile(t *testing.T) {
	for i := range leaves(reflect.ValueOf(*model.DefaultPolicy())) {
		p := model.DefaultPolicy()
		p.Version, p.HoldsFrom = "2026-1", "2026-01-01"
		at := changeLeaf(reflect.ValueOf(p).Elem(), &i)
		read, err := Parse(Write(p))
		if err != nil {
			t.Errorf("%s: %v", at, err)
		} else if !reflect.DeepEqual(read, p) {
			t.Errorf("%s does not come back: it is not in the table of file.go", at)
		}
	}
}

func leaves(v reflect.Value) int {
	if v.Kind() != reflect.Struct {
		return 1
	}
	n := 0
	for i := range v.NumField() {
		n += leaves(v.Field(i))
	}
	return n
}

// changeLeaf changes the i-th leaf to another value that is allowed, and names it.
func changeLeaf(v reflect.Value, i *int) string {
	for f := range v.NumField() {
		name, field := v.Type().Field(f).Name, v.Field(f)
		if field.Kind() == reflect.Struct {
			if at := changeLeaf(field, i); at != "" {
				return name + "." + at
			}
			continue
		}
		if *i--; *i >= 0 {
			continue
		}
		switch x := field.Addr().Interface().(type) {
		case *int:
			*x = *x + 1
		case *bool:
			*x = !*x
		case *string:
			*x = "2026-2"
		case *model.Date:
			*x = "2026-02-01"
		case *[]string:
			*x = []string{"其他"}
		case *[]int:
			*x = []int{19*60 + 45}
		case *[]model.Window:
			*x = []model.Window{{From: 18 * 60, To: 20 * 60}}
		case *[]model.Category:
			*x = []model.Category{model.CategoryNews}
		case *[]model.MeetingDuty:
			*x = []model.MeetingDuty{{Type: model.MeetingLecture, Times: 2, Every: model.EveryHalf, Minutes: 90, Rule: model.VoteElection, Topic: "党课: \"一\" # 二", Note: "请准时",
				Agenda: []model.DutyItem{{Title: "讲授", Minutes: 45}}}}
		default:
			panic(fmt.Sprintf("%s: no way to change a %T", name, x))
		}
		return name
	}
	return ""
}

func TestDefaultFile(t *testing.T) {
	const golden = "testdata/default.yaml"
	p := model.DefaultPolicy()
	p.HoldsFrom = "2026-01-01"
	got := Write(p)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(golden, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || string(got) != string(want) {
		t.Errorf("the file of the built-in profile differs from %s (UPDATE=1 writes it): %v\n%s", golden, err, got)
	}
	read, err := Parse(got)
	if err != nil || !reflect.DeepEqual(read, p) {
		t.Errorf("it does not read as it was written: %v\n%+v\n%+v", err, read, p)
	}
}

// A faulty file is refused with the line and the reason of every fault at once.
func TestFaultsAreNamedWithTheirLines(t *testing.T) {
	const head = "version: a\nholds_from: 2026-12-01\n"
	for _, c := range []struct {
		name, file string
		want       []string // "field code line"
	}{
		{"nothing", "", []string{"file malformed 0"}},
		{"no mapping", "- 1\n", []string{"file invalid_value 1", "version required 0", "holds_from required 0"}},
		{"broken form", "version: a\nholds_from: \"2026\n", []string{"file malformed 2"}},
		{"nothing required", "votes: {}\n", []string{"version required 0", "holds_from required 0"}},
		{"several at once", head + "push:\n  per_week: 99\n  open: [\"12:00\"]\n  nightly: 1\nsuggestions:\n  accept_days: five\n  accept_days: 4\nvotes: {formal_online: maybe}\nanswers: 1\n", []string{
			"push.per_week out_of_range 4", "push.open[0] invalid_value 5", "push.nightly unknown_field 6", "suggestions.accept_days out_of_range 8",
			"suggestions.accept_days duplicate 9", "votes.formal_online invalid_value 10", "answers unknown_field 11"}},
		{"no date", "version: a\nholds_from: 2026-02-30\n", []string{"holds_from invalid_value 2"}},
		{"meetings", head + "meetings:\n  - type: lecture\n    times: 1\n  - {type: lecture, every: week}\n  - type: picnic\n    rule: shouting\n  - times: 1\n    every: month\n", []string{
			"meetings[0].every required 4", "meetings[1].every invalid_value 6", "meetings[1].type duplicate 6", "meetings[2].type invalid_value 7", "meetings[2].rule invalid_value 8", "meetings[3].type required 9"}},
		{"at odds", head + "push:\n  open: [\"21:00-23:00\"]\n  digest_at: \"09:00\"\nsuggestions: {accept_days: 9, reply_days: 8}\n", []string{
			"push inconsistent 3", "suggestions.reply_days inconsistent 6", "push.digest_at inconsistent 5"}},
		{"evenings in working hours", head + "working_hours: 08:00-20:00\n", []string{"meeting_slots.evenings inconsistent 0", "meeting_slots.evenings inconsistent 0"}},
		{"alias", head + "excuses: &a [\"x\"]\n", []string{"excuses invalid_value 3"}},
		{"audit too short", head + "retention: {audit: 90}\n", []string{"retention.audit out_of_range 3"}},
		{"a category that is none", head + "content: {comments_closed: [sports, news, news]}\n", []string{"content.comments_closed[0] invalid_value 3", "content.comments_closed[2] duplicate 3"}},
		{"not UTF-8", head + "excuses: [\"\xff\"]\n", []string{"file invalid_value 0"}},
	} {
		_, err := Parse([]byte(c.file))
		var e *model.Error
		if !errors.As(err, &e) || e.Code != model.CodeInvalid {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		var got []string
		for _, f := range e.Fields {
			line := 0
			if strings.HasPrefix(f.Detail, "第") {
				if _, err := fmt.Sscanf(f.Detail, "第 %d 行", &line); err != nil {
					t.Errorf("%s: %q", c.name, f.Detail)
				}
			}
			got = append(got, fmt.Sprintf("%s %s %d", f.Field, f.Code, line))
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

func TestWhatIsLeftOutStays(t *testing.T) {
	p, err := Parse([]byte("\ufeffversion: 二〇二七年版\nholds_from: 2027-01-01\nstudy:\n  monthly_minutes: 30\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := model.DefaultPolicy()
	want.Version, want.HoldsFrom, want.Study.MonthlyMinutes = "二〇二七年版", "2027-01-01", 30
	if !reflect.DeepEqual(p, want) {
		t.Errorf("%+v", p)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Write(model.DefaultPolicy()))
	f.Add([]byte("a: &b [*b]\n<<: {x: 1}\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		p, err := Parse(file)
		if err != nil {
			return
		}
		again, err := Parse(Write(p))
		if err != nil || !reflect.DeepEqual(again, p) {
			t.Errorf("does not come back: %v\n%+v\n%+v", err, p, again)
		}
	})
}
