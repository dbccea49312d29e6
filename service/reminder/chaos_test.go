package reminder_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/service/reminder"
)

// calendarRule is a rule beside a plain reading of it, day by day, that owes nothing to the room.
type calendarRule struct {
	rule string
	on   func(first, day model.Date) bool
}

var shortDays = []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

func daysSince(first, day model.Date) int {
	return int(day.Start().Sub(first.Start()).Hours() / 24)
}

func drawRule(r *rand.Rand) calendarRule {
	n := 1 + r.IntN(3)
	weekday := r.IntN(7)
	code := shortDays[weekday]
	is := func(day model.Date) bool { return int(day.Start().Weekday()) == weekday }
	lastOfMonth := func(day model.Date) bool { return day[:7] != day.Add(1)[:7] }
	switch r.IntN(6) {
	case 0:
		return calendarRule{fmt.Sprintf("FREQ=DAILY;INTERVAL=%d", n), func(first, day model.Date) bool { return daysSince(first, day)%n == 0 }}
	case 1:
		until := model.Date("2026-09-20").Add(r.IntN(40))
		return calendarRule{"FREQ=DAILY;UNTIL=" + strings.ReplaceAll(string(until), "-", ""), func(_, day model.Date) bool { return day <= until }}
	case 2:
		return calendarRule{fmt.Sprintf("FREQ=DAILY;COUNT=%d", 5*n), func(first, day model.Date) bool { return daysSince(first, day) < 5*n }}
	case 3:
		return calendarRule{fmt.Sprintf("FREQ=WEEKLY;INTERVAL=%d;BYDAY=%s", n, code), func(first, day model.Date) bool {
			monday := first.Add(-(int(first.Start().Weekday()) + 6) % 7)
			return is(day) && daysSince(monday, day)/7%n == 0
		}}
	case 4:
		return calendarRule{"FREQ=MONTHLY;BYMONTHDAY=1,15,-1", func(_, day model.Date) bool { return day[8:] == "01" || day[8:] == "15" || lastOfMonth(day) }}
	}
	return calendarRule{"FREQ=MONTHLY;BYDAY=-1" + code + ",2" + code, func(_, day model.Date) bool {
		d := day.Start().Day()
		return is(day) && (day[:7] != day.Add(7)[:7] || (d > 7 && d <= 14))
	}}
}

// place says of a day by the calendar alone when its message goes out, and whether it does.
func place(cal model.Calendar, day model.Date, clock time.Duration, afterHours, skipHolidays bool) (at time.Time, goesOut bool) {
	at = day.Start().Add(clock)
	if skipHolidays && cal.Kind(day) == model.DayHoliday {
		return at, false
	}
	if afterHours && cal.IsWorkday(day) && clock >= 8*time.Hour && clock < 18*time.Hour {
		at = day.Start().Add(18*time.Hour + 30*time.Minute)
	}
	return at, true
}

const beat = 10 * time.Minute

// run is one history of a reminder under a rule and a calendar drawn at random, on the real store.
type run struct {
	*house
	draw         *rand.Rand
	rule         calendarRule
	id           string
	clock        time.Duration
	afterHours   bool
	skipHolidays bool
	first        model.Date
	disturbed    map[model.Date]bool // days on which something other than the plain beat happened
	paused       bool
	latest       time.Time
}

func newRun(t *testing.T, seed uint64) *run {
	r := &run{house: newHouse(t, "2026-09-14 06:00"), draw: rand.New(rand.NewPCG(seed, 7)), disturbed: map[model.Date]bool{}, first: "2026-09-14"}
	r.rule = drawRule(r.draw)
	for range 10 { // the calendar of the next weeks, at random
		day := model.Date("2026-09-14").Add(r.draw.IntN(30))
		kind := []model.DayKind{model.DayHoliday, model.DayMakeup}[r.draw.IntN(2)]
		r.calendars.days = append(r.calendars.days, model.CalendarDay{Date: day, Kind: kind, Name: "节"})
	}
	r.clock = time.Duration(7*6+r.draw.IntN(15*6)) * beat // from 7:00 to 21:50
	r.afterHours, r.skipHolidays = r.draw.IntN(2) == 0, r.draw.IntN(2) == 0
	r.people(2)
	at := fmt.Sprintf("%02d:%02d", int(r.clock.Hours()), int(r.clock.Minutes())%60)
	v, err := r.room.Create(r.ctx, r.secretary, reminder.Draft{OrgID: r.branch.ID, Name: "学习", Rule: r.rule.rule, At: at, OnlyAfterHours: &r.afterHours, SkipHolidays: &r.skipHolidays})
	r.must(err)
	r.id = v.ID
	return r
}

func (r *run) calendar() model.Calendar {
	cal, err := r.calendars.Calendar(r.ctx)
	r.must(err)
	return cal
}

// forward moves the clock by a beat; whoever is up looks for what is due, now and then two at once, and now and then after a restart.
func (r *run) forward(by time.Duration, up bool) {
	r.now = r.now.Add(by)
	if hour := r.now.In(model.Zone).Hour(); up && by > 0 && hour < 6 { // nothing happens at night
		r.now = model.DateOf(r.now).Start().Add(6 * time.Hour).UTC()
	}
	if r.now.After(r.latest) {
		r.latest = r.now
	}
	if !up {
		return
	}
	if r.draw.IntN(50) == 0 {
		r.room = r.start()
	}
	other := r.room
	if r.draw.IntN(20) == 0 {
		other = r.start()
	}
	done := make(chan error)
	go func() { done <- r.room.Tick(r.ctx) }()
	if other != r.room {
		r.must(other.Tick(r.ctx))
	}
	r.must(<-done)
}

// sentAt are the messages by the planned time that their key names, and fails on a second one of the same.
func (r *run) sentAt() map[string]time.Time {
	sent := map[string]time.Time{}
	for _, p := range r.outbox.pushes {
		if _, twice := sent[*p.DedupeKey]; twice {
			r.t.Fatalf("%s was sent twice", *p.DedupeKey)
		}
		sent[*p.DedupeKey] = p.SendAt
	}
	return sent
}

func (r *run) key(planned time.Time) string {
	return "reminder:" + r.id + ":" + planned.In(model.Zone).Format(time.RFC3339)
}

// settled holds the history against the plain reading: every time that is over has one fate, none has another, and what happened to an
// undisturbed day is what the calendar says.
func (r *run) settled() {
	r.t.Helper()
	sent, rows := r.sentAt(), map[string]model.ReminderOccurrence{}
	for _, o := range r.history(r.id) {
		rows[r.key(o.PlannedAt)] = o
	}
	cal, expected := r.calendar(), map[string]bool{}
	for day := r.first; day <= model.DateOf(r.latest); day = day.Add(1) {
		if !r.rule.on(r.first, day) {
			continue
		}
		planned := day.Start().Add(r.clock)
		at, goesOut := place(cal, day, r.clock, r.afterHours, r.skipHolidays)
		key := r.key(planned)
		o, noted := rows[key]
		sentAt, wasSent := sent[key]
		expected[key] = true
		switch {
		case wasSent != (o.State == model.OccurrenceFired):
			r.t.Errorf("%s %s: sent %v, but noted as %q", r.rule.rule, key, wasSent, o.State)
		case wasSent && (model.DateOf(sentAt) != day || sentAt.Before(at) || (r.afterHours && cal.WorkingHours(sentAt, sentAt))):
			r.t.Errorf("%s %s: sent at %v", r.rule.rule, key, sentAt)
		case r.disturbed[day]: // late, missed or paused, and at most once
		case at.After(r.latest):
			if noted {
				r.t.Errorf("%s %s: noted before its time", r.rule.rule, key)
			}
		case !noted || wasSent != goesOut || (wasSent && !sentAt.Equal(at)):
			r.t.Errorf("%s %s at %v: sent %v at %v, noted %+v, want %v at %v", r.rule.rule, key, r.now, wasSent, sentAt, o, goesOut, at)
		}
		if !noted && at.Add(beat).Before(r.latest) && !r.disturbed[day] {
			r.t.Errorf("%s %s has no fate", r.rule.rule, key)
		}
	}
	for key := range maps.Keys(rows) {
		if !expected[key] {
			r.t.Errorf("%s: %s is no time of the rule", r.rule.rule, key)
		}
	}
}

// TestEachTimeFiresOnceWhateverHappens: standstills, restarts, a clock that is set back, two at once, pauses. A time fires at most once, and exactly
// once, at its minute, when the server was up.
func TestEachTimeFiresOnceWhateverHappens(t *testing.T) {
	for seed := range uint64(seeds()) {
		r := newRun(t, seed)
		for r.latest.Before(time.Date(2026, 10, 14, 0, 0, 0, 0, time.UTC)) {
			day := model.DateOf(r.now)
			switch dice := r.draw.IntN(300); {
			case dice == 0: // nobody is up for up to three days
				for range 1 + r.draw.IntN(3*24*6) {
					r.disturbed[model.DateOf(r.now.Add(beat))] = true
					r.forward(beat, false)
				}
				r.room = r.start()
			case dice == 1: // the clock is set back
				back := time.Duration(1+r.draw.IntN(36*6)) * beat
				r.forward(-back, true)
			case dice == 2:
				r.paused = !r.paused
				_, err := r.room.Update(r.ctx, r.secretary, r.id, reminder.Patch{Paused: &r.paused})
				if model.CodeOf(err) == model.CodeInvalid { // the rule has come to its end
					r.paused, err = true, nil
				}
				r.must(err)
				r.disturbed[day] = true
			}
			if r.paused {
				r.disturbed[model.DateOf(r.now.Add(beat))] = true
			}
			r.forward(beat, true)
		}
		r.settled()
		if t.Failed() {
			t.Fatalf("seed %d: %s at %s, after hours %v, skipping holidays %v", seed, r.rule.rule, r.clock, r.afterHours, r.skipHolidays)
		}
	}
}

func seeds() int {
	if os.Getenv("ZHIBU_TEST_DATABASE") == "mysql" {
		return 1
	}
	return 5
}

// TestThePreviewComesTrue: what a preview says is what then happens, minute, reason and number.
func TestThePreviewComesTrue(t *testing.T) {
	for seed := range uint64(seeds()) {
		r := newRun(t, 1000+seed)
		items := r.preview(r.id)
		end := items[len(items)-1].At
		if last := time.Date(2026, 10, 20, 0, 0, 0, 0, time.UTC); end.After(last) {
			end = last
		}
		for !r.now.After(end) {
			r.forward(beat, true)
		}
		rows := r.history(r.id)
		slices.Reverse(rows)
		sent := r.sentAt()
		for i, p := range items {
			if p.At.After(r.now) {
				break
			}
			o := rows[i]
			sentAt, wasSent := sent[r.key(p.Planned)]
			if !o.PlannedAt.Equal(p.Planned) || !o.At.Equal(p.At) || wasSent != (p.Skipped == "") || (wasSent && !sentAt.Equal(p.At)) ||
				o.Reason != p.Skipped+p.Moved || (wasSent && *o.Recipients != *p.Recipients) {
				t.Fatalf("seed %d, %s at %s, time %d: preview %+v, then %+v, sent %v at %v", seed, r.rule.rule, r.clock, i, p, o, wasSent, sentAt)
			}
		}
	}
}
