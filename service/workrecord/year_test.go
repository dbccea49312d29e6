package workrecord_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store/storetest"
	"zhibu/service/supervision/yeartest"
	"zhibu/service/workrecord"
)

func TestMain(m *testing.M) { storetest.Main(m) }

type builtIn struct{}

func (builtIn) PolicyAt(time.Time) *model.Policy { return model.DefaultPolicy() }

// TestRecordOfAYear holds the records of a society's year against figures that are counted from the generated year itself, without the room and the store.
func TestRecordOfAYear(t *testing.T) {
	now := time.Date(2026, 12, 31, 20, 0, 0, 0, model.Zone)
	y := yeartest.Make(7, 2026, 20, now)
	s := storetest.OpenAt(t, func() time.Time { return now.UTC() })
	if err := y.Write(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	room := workrecord.New(s, builtIn{}, func() time.Time { return now.UTC() })
	staff := &model.Actor{SessionID: "s", MemberID: y.Staff.ID, Powers: []model.Power{{OrgID: y.Society.ID, Path: y.Society.Path, Role: model.RoleStaff}}}
	for _, key := range []string{"2026", "2026-Q3", "2026-11"} {
		p, ok := periodOf(key)
		if !ok {
			t.Fatal(key)
		}
		got, err := room.Progress(context.Background(), staff, p)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Records) != len(y.Branches) {
			t.Fatalf("%s: %d branches", key, len(got.Records))
		}
		for b, r := range got.Records {
			if r.Org.ID != y.Branches[b].Org.ID {
				t.Errorf("%s: branch %d is %s, not in the order of the tree", key, b, r.Org.Name)
			}
			if have, want := told(r.Lines), counted(y, b, p); !reflect.DeepEqual(have, want) {
				t.Errorf("%s, branch %d:\nhave %v\nwant %v", key, b, have, want)
			}
		}
		again, err := room.Progress(context.Background(), staff, p)
		if err != nil || !reflect.DeepEqual(got, again) {
			t.Errorf("%s: made again it is another: %v", key, err)
		}
	}
}

func periodOf(key string) (model.RecordPeriod, bool) {
	switch len(key) {
	case 4:
		return model.YearPeriod(key)
	}
	if strings.Contains(key, "Q") {
		return model.QuarterPeriod(key)
	}
	return model.MonthPeriod(key)
}

// told is what a record says, as far as counted works it out too.
func told(lines []model.RecordLine) map[string]string {
	out := map[string]string{}
	for _, l := range lines {
		switch l.Kind {
		case model.RecordMeeting:
			_, text, _ := strings.Cut(l.Text, "；")
			text, _, _ = strings.Cut(text, "。")
			out[l.Path] = text
		case model.RecordContent:
			out[l.Path] = string(l.On)
		case model.RecordStudy, model.RecordSuggestion:
			out[string(l.Kind)] = l.Text
		}
	}
	return out
}

func counted(y *yeartest.Year, b int, p model.RecordPeriod) map[string]string {
	out := map[string]string{}
	in := func(at time.Time) bool { return model.DateOf(at) >= p.First && model.DateOf(at) < p.End }
	lists := map[string]*yeartest.Meeting{}
	for i := range y.Meetings {
		lists[y.Meetings[i].ID] = &y.Meetings[i]
	}
	for i := range y.Meetings {
		m := &y.Meetings[i]
		if m.Branch != b || m.Cancelled() || !in(m.StartsAt) || m.EndsAt.After(y.Now) {
			continue
		}
		list := m
		if m.JointID != "" {
			list = lists[m.JointID]
		}
		text := fmt.Sprintf("应到 %d 人，实到 %d 人", len(list.Entitled), len(list.Came))
		if n := len(list.OnLeave); n > 0 {
			text += fmt.Sprintf("，请假 %d 人", n)
		}
		if n := len(list.Entitled) - len(list.Came) - len(list.OnLeave); n > 0 {
			text += fmt.Sprintf("，缺席 %d 人", n)
		}
		out["/meetings/"+m.ID] = text
	}
	for _, a := range y.Articles {
		if a.Branch == b && in(*a.PublishedAt) {
			out["/articles/"+a.ID] = string(model.DateOf(*a.PublishedAt))
		}
	}
	if text := studied(y, b, p); text != "" {
		out["study"] = text
	}
	received, answered, inTime := 0, 0, 0
	for _, s := range y.Suggestions {
		if s.ToOrgID == y.Branches[b].Org.ID && in(s.CreatedAt) {
			received++
		}
		if s.OrgID == y.Branches[b].Org.ID && s.RepliedAt != nil && in(*s.RepliedAt) {
			answered++
			if !s.RepliedAt.After(s.ReplyBy) {
				inTime++
			}
		}
	}
	if received+answered > 0 {
		text := fmt.Sprintf("收到 %d 件，答复 %d 件", received, answered)
		if answered > 0 {
			text += fmt.Sprintf("（其中按期答复 %d 件）", inTime)
		}
		out["suggestion"] = text + "。"
	}
	return out
}

// studied counts what the people of a branch read and claimed, those in few hands left out.
func studied(y *yeartest.Year, b int, p model.RecordPeriod) string {
	mine := map[string]bool{}
	for _, person := range y.Branches[b].People {
		mine[person.ID] = true
	}
	parts := []string{}
	for _, way := range []struct {
		words string
		after time.Duration
		who   func(yeartest.Article) []string
	}{{"读完文章", time.Hour, func(a yeartest.Article) []string { return a.Readers }}, {"单位已学", 0, func(a yeartest.Article) []string { return a.Claimed }}} {
		n, people, articles := 0, map[string]bool{}, map[string]bool{}
		for _, a := range y.Articles {
			on := model.DateOf(a.PublishedAt.Add(way.after))
			for _, id := range way.who(a) {
				if mine[id] && on >= p.First && on < p.End {
					n++
					people[id], articles[a.ID] = true, true
				}
			}
		}
		if len(people) >= 5 {
			parts = append(parts, fmt.Sprintf("%s %d 人次（%d 篇）", way.words, n, len(articles)))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, "，") + "。"
}
