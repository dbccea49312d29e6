package model

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/6tail/lunar-go/HolidayUtil"
)

// The built-in days against a library that keeps them by itself: every day of the two years, working or not.
func TestBuiltinDaysAgreeWithLunarGo(t *testing.T) {
	cal := BuiltinCalendar()
	published := 0
	for d := Date("2025-01-01"); d <= "2026-12-31"; d = d.Add(1) {
		got, theirs := cal.Kind(d), HolidayUtil.GetHoliday(string(d))
		want := DayWorkday
		switch wd := d.Start().Weekday(); {
		case theirs != nil && theirs.IsWork():
			want = DayMakeup
		case theirs != nil:
			want = DayHoliday
		case wd == time.Saturday || wd == time.Sunday:
			want = DayWeekend
		}
		if theirs != nil {
			published++
		}
		if got != want {
			t.Errorf("%s: %s here, %s in lunar-go", d, got, want)
		}
	}
	if published != len(BuiltinDays()) || published != 28+5+33+6 {
		t.Errorf("lunar-go publishes %d days, we %d", published, len(BuiltinDays()))
	}
}

// The days of 2026 as the design lists them, typed once more by hand.
func TestBuiltinDaysOf2026(t *testing.T) {
	var off, work []string
	for _, d := range BuiltinCalendar().Days() {
		if short := strings.TrimPrefix(string(d.Date), "2026-"); short == string(d.Date) {
			continue
		} else if d.Kind == DayMakeup {
			work = append(work, short)
		} else {
			off = append(off, short)
		}
	}
	wantWork := "01-04 02-14 02-28 05-09 09-20 10-10"
	wantOff := "01-01 01-02 01-03 02-15 02-16 02-17 02-18 02-19 02-20 02-21 02-22 02-23 04-04 04-05 04-06 " +
		"05-01 05-02 05-03 05-04 05-05 06-19 06-20 06-21 09-25 09-26 09-27 10-01 10-02 10-03 10-04 10-05 10-06 10-07"
	if got := strings.Join(work, " "); got != wantWork {
		t.Errorf("make-up days %s", got)
	}
	if got := strings.Join(off, " "); got != wantOff {
		t.Errorf("days off %s", got)
	}
}

func TestParseHolidayCN(t *testing.T) {
	days, err := ParseHolidayCN([]byte("\ufeff" + `{"$schema":"x","year":2027,"papers":["y"],"days":[
		{"name":"元旦","date":"2026-12-31","isOffDay":true},
		{"name":"元旦","date":"2027-01-01","isOffDay":true},
		{"name":"元旦","date":"2027-01-03","isOffDay":false}]}`))
	if err != nil {
		t.Fatal(err)
	}
	want := []CalendarDay{{"2026-12-31", DayHoliday, "元旦"}, {"2027-01-01", DayHoliday, "元旦"}, {"2027-01-03", DayMakeup, "元旦"}}
	if fmt.Sprint(days) != fmt.Sprint(want) {
		t.Errorf("got %v", days)
	}
}

func TestParseHolidayCNRefuses(t *testing.T) {
	day := func(s string) string { return `{"year":2027,"days":[` + s + `]}` }
	newYear := `{"name":"元旦","date":"2027-01-01","isOffDay":true}`
	for name, c := range map[string]struct{ in, field, code string }{
		"nothing":              {"", "file", "malformed"},
		"no JSON":              {"<html>", "file", "malformed"},
		"a list":               {"[]", "file", "malformed"},
		"a date that is a sum": {day(`{"date":1}`), "file", "malformed"},
		"no year":              {`{"days":[` + newYear + `]}`, "year", "invalid"},
		"not published yet":    {day(""), "days", "required"},
		"no such day":          {day(`{"name":"x","date":"2027-02-29","isOffDay":true}`), "days[0].date", "invalid"},
		"another year's day":   {day(`{"name":"x","date":"2026-11-30","isOffDay":true}`), "days[0].date", "out_of_range"},
		"a day twice":          {day(newYear + "," + newYear), "days[1].date", "duplicate"},
		"off or not unsaid":    {day(`{"name":"元旦","date":"2027-01-01"}`), "days[0].isOffDay", "required"},
		"a name of a page":     {day(`{"name":"` + strings.Repeat("长", 31) + `","date":"2027-01-01","isOffDay":true}`), "days[0].name", "too_long"},
		"only last December":   {day(`{"name":"元旦","date":"2026-12-31","isOffDay":true}`), "days", "incomplete"},
		"more days than a year": {
			day(strings.TrimSuffix(strings.Repeat(newYear+",", 367), ",")), "days", "too_many"},
	} {
		days, err := ParseHolidayCN([]byte(c.in))
		var e *Error
		if !errors.As(err, &e) || e.Code != CodeInvalid || len(e.Fields) == 0 || days != nil {
			t.Errorf("%s: %v, %v", name, days, err)
			continue
		}
		if e.Fields[0].Field != c.field || e.Fields[0].Code != c.code || e.Detail == "" {
			t.Errorf("%s: %+v", name, e.Fields[0])
		}
	}
	_, err := ParseHolidayCN([]byte(day(`{"date":"x"},{"date":"y"}`)))
	var e *Error
	if !errors.As(err, &e) || len(e.Fields) != 2 {
		t.Errorf("all faults should be named at once: %v", err)
	}
}
