package demo

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"zhibu/model"
)

func TestCommentsComeFromReaders(t *testing.T) {
	everyTime(t, func(t *testing.T, now time.Time, w *World) {
		b := index(w)
		articles := map[string]*Article{}
		for i := range w.Articles {
			articles[w.Articles[i].Key] = &w.Articles[i]
		}
		seen := map[string]Comment{}
		pending := 0
		for _, c := range w.Comments {
			a := articles[c.Article]
			if a == nil || a.State != "published" || !b.sees(b.person(c.Author), a) {
				t.Errorf("%s: %s cannot see the article", c.Key, c.Author)
				continue
			}
			if !c.CreatedAt.After(a.PublishAt) || !c.CreatedAt.Before(now) {
				t.Errorf("%s was written at %v, the article at %v", c.Key, c.CreatedAt, a.PublishAt)
			}
			if c.ReplyTo != "" && (seen[c.ReplyTo].Article != c.Article || !seen[c.ReplyTo].CreatedAt.Before(c.CreatedAt)) {
				t.Errorf("%s answers %s", c.Key, c.ReplyTo)
			}
			if (c.State == "hidden") != (c.Reason != "") || c.State != "visible" && len(c.Likes) > 0 || slices.Contains(c.Likes, c.Author) {
				t.Errorf("odd comment %+v", c)
			}
			if c.State == "pending" {
				pending++
			}
			seen[c.Key] = c
		}
		if len(seen) < 30 || pending < 3 {
			t.Errorf("%d comments, %d pending", len(seen), pending)
		}
	})
}

func TestSuggestionsGoTheirWay(t *testing.T) {
	// What each action leads to, and from where; the state must be what the steps end in.
	type move struct{ from, to string }
	moves := map[string][]move{
		"submit": {{"", "submitted"}}, "accept": {{"submitted", "accepted"}}, "reply": {{"accepted", "replied"}},
		"close": {{"replied", "closed"}}, "decline": {{"submitted", "declined"}, {"accepted", "declined"}},
		"escalate": {{"submitted", "escalated"}, {"accepted", "escalated"}}, "extend": {{"accepted", "accepted"}},
		"reopen": {{"replied", "reopened"}, {"closed", "reopened"}},
	}
	everyTime(t, func(t *testing.T, now time.Time, w *World) {
		b := index(w)
		for _, s := range w.Suggestions {
			checkClocks(t, now, s)
			state, last := "", time.Time{}
			for _, st := range s.Steps {
				next := ""
				for _, m := range moves[st.Action] {
					if m.from == state {
						next = m.to
					}
				}
				if next == "" {
					t.Fatalf("%s: %s from %q", s.Key, st.Action, state)
				}
				state = next
				if !st.At.After(last) || !st.At.Before(now) {
					t.Errorf("%s: %s at %v after %v", s.Key, st.Action, st.At, last)
				}
				last = st.At
				authors := st.Action == "submit" || st.Action == "close" || st.Action == "reopen"
				if authors != (st.By == s.Author) {
					t.Errorf("%s: %s does %s", s.Key, st.By, st.Action)
				}
				p := b.person(st.By)
				if !authors && !p.leads() && st.By != s.Assignee {
					t.Errorf("%s: %s may not %s", s.Key, st.By, st.Action)
				}
				if st.Action != "submit" && st.Text == "" {
					t.Errorf("%s: %s says nothing", s.Key, st.Action)
				}
			}
			if state != s.State {
				t.Errorf("%s is %s, its steps end in %s", s.Key, s.State, state)
			}
			if a := b.person(s.Author); !a.Bound || !b.belongs(a, s.To) {
				t.Errorf("%s comes from outside", s.Key)
			}
			if s.Assignee != "" && !b.belongs(b.person(s.Assignee), s.To) {
				t.Errorf("%s is with %s", s.Key, s.Assignee)
			}
			if (s.Rating != nil) != (s.State == "closed") {
				t.Errorf("%s: rating %v", s.Key, s.Rating)
			}
		}
	})
}

// checkClocks holds the days of the story against the rules: nothing in the demonstration is late.
func checkClocks(t *testing.T, now time.Time, s Suggestion) {
	t.Helper()
	cal, clocks := model.BuiltinCalendar(), model.DefaultSuggestionClocks()
	var acceptBy, replyBy time.Time
	for _, st := range s.Steps {
		switch st.Action {
		case "submit", "reopen", "escalate":
			acceptBy, replyBy = clocks.AcceptBy(cal, st.At), clocks.ReplyBy(cal, st.At)
			continue
		case "accept":
			if st.At.After(acceptBy) {
				t.Errorf("%s was accepted late", s.Key)
			}
			acceptBy = time.Time{}
		case "extend":
			replyBy = clocks.Extended(cal, replyBy)
		case "reply", "decline", "close":
			if st.Action != "close" && st.At.After(replyBy) {
				t.Errorf("%s was answered late", s.Key)
			}
			acceptBy, replyBy = time.Time{}, time.Time{}
		}
	}
	if !acceptBy.IsZero() && now.After(acceptBy) || !replyBy.IsZero() && now.After(replyBy) {
		t.Errorf("%s is overdue", s.Key)
	}
}

func TestMeetingsAreAfterHours(t *testing.T) {
	everyTime(t, func(t *testing.T, now time.Time, w *World) {
		b := index(w)
		past, coming, cancelled, recorded := 0, 0, 0, 0
		for _, m := range w.Meetings {
			for _, at := range []time.Time{m.StartsAt, m.EndsAt.Add(-time.Minute)} {
				local := at.In(model.Zone)
				weekend := local.Weekday() == time.Saturday || local.Weekday() == time.Sunday
				if weekend || local.Hour() >= 8 && local.Hour() < 18 || local.Hour() >= 22 {
					t.Errorf("%s at %v", m.Key, local)
				}
			}
			total := 0
			for _, a := range m.Agenda {
				total += a.Minutes
			}
			if time.Duration(total)*time.Minute != m.EndsAt.Sub(m.StartsAt) || len(m.Agenda) < 2 {
				t.Errorf("%s: the agenda takes %d minutes", m.Key, total)
			}
			if !strings.HasPrefix(m.JoinURL, "https://meeting.example.org/") || m.Code == "" || m.Mode == "hybrid" && m.Place == "" {
				t.Errorf("%s: %q %q", m.Key, m.JoinURL, m.Code)
			}
			if m.Past != m.EndsAt.Before(now) || m.Past == m.StartsAt.After(now) || !m.CalledAt.Before(now) {
				t.Errorf("%s: past %v, %v to %v", m.Key, m.Past, m.StartsAt, m.EndsAt)
			}
			switch {
			case m.Cancel != nil:
				cancelled++
			case m.Past:
				past++
			default:
				coming++
			}
			if m.Minutes != nil {
				recorded++
			}
			checkAnswers(t, now, b, m)
			checkRecord(t, b, m)
		}
		if past != 2 || coming != 3 || cancelled != 1 || recorded != 1 {
			t.Errorf("%d past, %d coming, %d cancelled, %d with minutes", past, coming, cancelled, recorded)
		}
	})
}

func checkAnswers(t *testing.T, now time.Time, b *builder, m Meeting) {
	t.Helper()
	if len(m.Invited) < 3 || len(m.RSVPs) < 2 {
		t.Errorf("%s: %d invited, %d answers", m.Key, len(m.Invited), len(m.RSVPs))
	}
	for _, r := range m.RSVPs {
		if !slices.Contains(m.Invited, r.Person) || !b.person(r.Person).Bound || (r.Status == "leave") != (r.Reason != "") {
			t.Errorf("%s: %+v", m.Key, r)
		}
		if !r.At.After(m.CalledAt) || !r.At.Before(now) || !r.At.Before(m.StartsAt) || m.Cancel != nil && r.At.After(m.Cancel.At) {
			t.Errorf("%s: answered at %v", m.Key, r.At)
		}
	}
	if m.Past != (len(m.Attendance) == len(m.Invited)) {
		t.Errorf("%s: %d invited, %d lines of attendance", m.Key, len(m.Invited), len(m.Attendance))
	}
}

func checkRecord(t *testing.T, b *builder, m Meeting) {
	t.Helper()
	if m.Minutes == nil {
		return
	}
	present := map[string]bool{}
	for _, a := range m.Attendance {
		present[a.Person] = a.Status == "present"
	}
	r := m.Minutes
	if !present[r.Host] || !present[r.Recorder] || r.PassedOn == "" || r.Discussion == "" || r.SignedAt.Sub(m.EndsAt) > 3*24*time.Hour {
		t.Errorf("%s: minutes of %s and %s", m.Key, r.Host, r.Recorder)
	}
	for _, res := range r.Resolutions {
		if res.NoFollowUp == (res.Owner != "" && model.Date(res.DueOn).Valid()) {
			t.Errorf("%s: %+v", m.Key, res)
		}
	}
	v := r.Vote
	if v.Approve+v.Against+v.Abstain != v.Present || v.Present*2 < v.Entitled || v.Approve*2 <= v.Entitled || v.Entitled < 10 {
		t.Errorf("%s: the vote is %+v", m.Key, *v)
	}
	// Whoever is named in the discussion must have been there.
	for _, p := range b.People {
		if strings.Contains(r.Discussion, p.Name+"同志") && !present[p.Key] {
			t.Errorf("%s speaks in %s without being there", p.Name, m.Key)
		}
	}
}

// texts is everything a person reads.
func texts(w *World) (out []string) {
	for _, o := range w.Orgs {
		out = append(out, o.Name)
	}
	for _, p := range w.People {
		out = append(out, p.Employer, p.Title)
	}
	for _, p := range w.Personas {
		out = append(out, p.Label, p.Hint)
	}
	for _, a := range w.Articles {
		out = append(append(out, a.Title, a.Digest, a.BodyMarkdown), a.KeyPoints...)
	}
	for _, c := range w.Comments {
		out = append(out, c.Content, c.Reason)
	}
	for _, s := range w.Suggestions {
		out = append(out, s.Title, s.Content)
		for _, st := range s.Steps {
			out = append(out, st.Text)
		}
		if s.Rating != nil {
			out = append(out, s.Rating.Text)
		}
	}
	for _, m := range w.Meetings {
		out = append(out, m.Topic, m.Place)
		for _, a := range m.Agenda {
			out = append(out, a.Title)
		}
		for _, r := range m.RSVPs {
			out = append(out, r.Reason)
		}
		if m.Minutes != nil {
			out = append(out, m.Minutes.PassedOn, m.Minutes.Discussion)
		}
		if m.Cancel != nil {
			out = append(out, m.Cancel.Reason)
		}
	}
	for _, r := range w.Reminders {
		out = append(out, r.Name)
	}
	return out
}

func TestChineseIsPunctuatedInChinese(t *testing.T) {
	slip := regexp.MustCompile(`\p{Han}\s?[,;:!?"'()]|[,;:!?"'()]\s?\p{Han}|\p{Han}\.|[，。；：！？、]{2}|[　\t]|\x{FFFD}`)
	link := regexp.MustCompile(`https?://`)
	for _, s := range texts(Society(instants()[0])) {
		if m := slip.FindString(s); m != "" {
			t.Errorf("%q in %q", m, s)
		}
		if link.MatchString(s) {
			t.Errorf("an address inside the text %q", s)
		}
		if strings.Count(s, "“") != strings.Count(s, "”") || strings.Count(s, "《") != strings.Count(s, "》") || strings.Count(s, "（") != strings.Count(s, "）") {
			t.Errorf("unpaired marks in %q", s)
		}
	}
	for _, s := range []string{"你好,世界", "他说:好", "(演示）", "完了.", "好。。"} {
		if !slip.MatchString(s) {
			t.Errorf("the check does not see the slip in %q", s)
		}
	}
}

func TestTuesdayReminder(t *testing.T) {
	r := Society(instants()[0]).Reminders
	if len(r) != 1 || r[0].Rule != "FREQ=WEEKLY;BYDAY=TU" || r[0].At != "20:00" || !r[0].OnlyAfterHours || r[0].Template != "study" {
		t.Errorf("%+v", r)
	}
}
