package meeting_test

import (
	"bytes"
	"strings"
	"testing"

	ics "github.com/arran4/golang-ical"

	"zhibu/model"
)

func TestTheCalendarFileReadsBack(t *testing.T) {
	h := newHouse(t)
	d := h.draft("2026-11-24 19:30", "2026-11-24 20:20")
	d.Topic = "线上党课：把随访电话打到患者家里；让县医院的同志也能听懂、用得上, 记得住\\带得走"
	m, err := h.room.Call(h.ctx(), h.as("sec"), d)
	h.must(err)
	file, err := h.room.File(h.ctx(), h.as("doc"), m.ID)
	h.must(err)
	for i, line := range bytes.Split(bytes.TrimSuffix(file, []byte("\r\n")), []byte("\r\n")) {
		if len(line) > 75 || bytes.ContainsAny(line, "\r\n") || !bytes.Equal(bytes.ToValidUTF8(line, nil), line) {
			t.Errorf("line %d is no line of RFC 5545: %q", i, line)
		}
	}
	if !bytes.Contains(file, []byte("\r\nREFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n")) {
		t.Errorf("the interval of refreshing, with its parameter once:\n%s", file)
	}
	cal, err := ics.ParseCalendar(bytes.NewReader(file))
	h.must(err)
	if len(cal.Events()) != 1 {
		t.Fatalf("%d events", len(cal.Events()))
	}
	e := cal.Events()[0]
	starts, err := e.GetStartAt()
	h.must(err)
	ends, err := e.GetEndAt()
	h.must(err)
	text := func(p ics.ComponentProperty) string {
		if v := e.GetProperty(p); v != nil {
			return v.Value
		}
		return ""
	}
	if e.Id() != m.ID+"@zhibu" || !starts.Equal(m.StartsAt) || !ends.Equal(m.EndsAt) || text(ics.ComponentPropertySummary) != m.Topic || text(ics.ComponentPropertyDtstamp) == "" {
		t.Errorf("read back: %s %s–%s %q", e.Id(), starts, ends, text(ics.ComponentPropertySummary))
	}
	for _, part := range []string{"心肺康复支部 · 党课", "会议号 860 215 477", "入会链接：https://meeting.example.org/j/860215477", "2. 讨论（40 分钟）"} {
		if !strings.Contains(text(ics.ComponentPropertyDescription), part) {
			t.Errorf("the description lacks %q: %q", part, text(ics.ComponentPropertyDescription))
		}
	}
	_, err = h.room.Cancel(h.ctx(), h.as("sec"), m.ID, "改期", false)
	h.must(err)
	file, err = h.room.File(h.ctx(), h.as("doc"), m.ID)
	h.must(err)
	if !bytes.Contains(file, []byte("STATUS:CANCELLED")) || !bytes.Contains(file, []byte("SEQUENCE:1")) || !bytes.Contains(file, []byte("UID:"+m.ID+"@zhibu")) {
		t.Errorf("the cancelled meeting:\n%s", file)
	}
	_, err = h.room.File(h.ctx(), h.as("other"), m.ID)
	wantCode(t, "the neighbour", err, model.CodeNotFound)
}

func TestTheSubscription(t *testing.T) {
	h := newHouse(t)
	m := h.called()
	group := h.draft("2026-11-25 19:30", "2026-11-25 20:20")
	group.OrgID = "g"
	g, err := h.room.Call(h.ctx(), h.as("lead"), group)
	h.must(err)
	first, err := h.room.NewCalendarToken(h.ctx(), h.as("sec"))
	h.must(err)
	token, err := h.room.NewCalendarToken(h.ctx(), h.as("sec"))
	h.must(err)
	for _, dead := range []string{first, "", "x"} {
		_, err = h.room.Feed(h.ctx(), dead)
		wantCode(t, "a token that ended", err, model.CodeUnauthenticated)
	}
	feed, err := h.room.Feed(h.ctx(), token)
	h.must(err)
	if !bytes.Contains(feed, []byte(m.ID)) || bytes.Contains(feed, []byte(g.ID)) {
		t.Errorf("the secretary is invited to the branch's meeting and not to the group's:\n%s", feed)
	}
	_, err = h.room.FileByToken(h.ctx(), token, m.ID)
	h.must(err)
	_, err = h.room.FileByToken(h.ctx(), token, g.ID)
	wantCode(t, "the token carries no role", err, model.CodeNotFound)
	_, err = h.room.Answer(h.ctx(), h.as("sec"), m.ID, model.RSVPLeave, "出差")
	h.must(err)
	feed, err = h.room.Feed(h.ctx(), token)
	h.must(err)
	if bytes.Contains(feed, []byte(m.ID)) {
		t.Error("who asked for leave still has it in the calendar")
	}
	h.must(h.room.DropCalendarToken(h.ctx(), h.as("sec")))
	_, err = h.room.Feed(h.ctx(), token)
	wantCode(t, "a subscription that was ended", err, model.CodeUnauthenticated)
}
