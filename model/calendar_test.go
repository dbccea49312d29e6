package model

import (
	"testing"
	"time"
)

// chinaTime reads a minute or second of China's time.
func chinaTime(t *testing.T, s string) time.Time {
	t.Helper()
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05"} {
		if v, err := time.ParseInLocation(layout, s, Zone); err == nil {
			return v
		}
	}
	t.Fatalf("no time: %q", s)
	return time.Time{}
}

func TestKind(t *testing.T) {
	cal := BuiltinCalendar()
	for _, c := range []struct {
		day     Date
		kind    DayKind
		workday bool
		prov    bool
		name    string
	}{
		{"2026-11-24", DayWorkday, true, false, ""},         // Tuesday
		{"2026-11-28", DayWeekend, false, false, ""},        // Saturday
		{"2026-10-10", DayMakeup, true, false, "国庆节"},       // Saturday
		{"2026-09-20", DayMakeup, true, false, "国庆节"},       // Sunday
		{"2026-10-01", DayHoliday, false, false, "国庆节"},     // Thursday
		{"2026-10-03", DayHoliday, false, false, "国庆节"},     // Saturday within the holiday
		{"2026-10-07", DayHoliday, false, false, "国庆节"},     // its last day
		{"2026-10-08", DayWorkday, true, false, ""},         // and the day after
		{"2026-09-24", DayWorkday, true, false, ""},         // the day before Mid-Autumn
		{"2026-09-25", DayHoliday, false, false, "中秋节"},     // Friday
		{"2026-12-31", DayWorkday, true, false, ""},         // the last day with data
		{"2027-01-01", DayWorkday, true, true, ""},          // New Year's Day nobody has published yet: a Friday
		{"2027-01-02", DayWeekend, false, true, ""},         // Saturday
		{"2025-01-01", DayHoliday, false, false, "元旦"},      // the first day with data
		{"2024-12-31", DayWorkday, true, true, ""},          // before all data
		{"2025-10-06", DayHoliday, false, false, "国庆节、中秋节"}, // Monday
		{"2026-02-30", "", false, true, ""},                 // no day
		{"", "", false, true, ""},
	} {
		if got := cal.Kind(c.day); got != c.kind {
			t.Errorf("Kind(%s) = %q, want %q", c.day, got, c.kind)
		}
		if got := cal.IsWorkday(c.day); got != c.workday {
			t.Errorf("IsWorkday(%s) = %v", c.day, got)
		}
		if got := cal.Provisional(c.day); got != c.prov {
			t.Errorf("Provisional(%s) = %v", c.day, got)
		}
		if got := cal.Name(c.day); got != c.name {
			t.Errorf("Name(%s) = %q", c.day, got)
		}
	}
}

func TestZeroCalendar(t *testing.T) {
	var cal Calendar
	if !cal.Provisional("2026-10-01") || !cal.IsWorkday("2026-10-01") || cal.IsWorkday("2026-10-10") {
		t.Error("the zero calendar should know weekdays only, and say so")
	}
}

func TestNewCalendarLeavesNonsenseOut(t *testing.T) {
	cal := NewCalendar([]CalendarDay{
		{"2026-13-01", DayHoliday, "x"}, {"2026-11-24", DayWeekend, "x"},
		{"2026-11-25", DayHoliday, "前"}, {"2026-11-25", DayMakeup, "后"},
	}, "2026-12-31")
	if days := cal.Days(); len(days) != 1 || days[0] != (CalendarDay{"2026-11-25", DayMakeup, "后"}) {
		t.Errorf("got %v", days)
	}
}

func TestNewDataReplacesFallback(t *testing.T) {
	days := append(BuiltinDays(), CalendarDay{"2027-01-01", DayHoliday, "元旦"}, CalendarDay{"2026-12-31", DayHoliday, "元旦"})
	cal := NewCalendar(days, CoverageOf(days))
	if cal.CoveredUntil() != "2027-12-31" || cal.Provisional("2027-06-01") || cal.IsWorkday("2027-01-01") || cal.IsWorkday("2026-12-31") {
		t.Error("the next year's notice should cover its year and may change this December")
	}
}

func TestCoverageOf(t *testing.T) {
	for name, c := range map[string]struct {
		days []CalendarDay
		want Date
	}{
		"nothing":                                {nil, ""},
		"built in":                               {BuiltinDays(), "2026-12-31"},
		"a gap stops it":                         {append(BuiltinDays(), CalendarDay{"2028-01-01", DayHoliday, "元旦"}), "2026-12-31"},
		"December alone belongs to the next one": {[]CalendarDay{{"2026-12-31", DayHoliday, "元旦"}, {"2027-01-01", DayHoliday, "元旦"}}, "2027-12-31"},
		"last December alone publishes nothing":  {[]CalendarDay{{"2026-12-31", DayHoliday, "元旦"}}, ""},
		"make-up days alone publish no year":     {[]CalendarDay{{"2027-02-06", DayMakeup, "春节"}}, ""},
	} {
		if got := CoverageOf(c.days); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestWorkingHours(t *testing.T) {
	cal := BuiltinCalendar()
	for _, c := range []struct {
		start, end string
		want       bool
	}{
		{"2026-11-24 07:00", "2026-11-24 08:00", false}, // ends as work begins
		{"2026-11-24 07:00", "2026-11-24 08:01", true},
		{"2026-11-24 18:00", "2026-11-24 19:00", false}, // begins as work ends
		{"2026-11-24 17:59", "2026-11-24 19:00", true},
		{"2026-11-24 08:00", "2026-11-24 18:00", true},
		{"2026-11-24 19:30", "2026-11-24 20:30", false},
		{"2026-11-24 07:00", "2026-11-24 22:00", true},  // around the whole working day
		{"2026-11-24 12:00", "2026-11-24 13:00", true},  // lunch is within
		{"2026-11-24 22:00", "2026-11-25 08:00", false}, // over midnight, up to work
		{"2026-11-24 22:00", "2026-11-25 08:01", true},
		{"2026-11-27 18:00", "2026-11-30 08:00", false}, // Friday evening to Monday morning
		{"2026-11-27 18:00", "2026-11-30 09:00", true},
		{"2026-11-28 09:00", "2026-11-28 17:00", false}, // Saturday
		{"2026-10-10 09:00", "2026-10-10 10:00", true},  // a Saturday that is a make-up day
		{"2026-10-10 19:00", "2026-10-10 20:00", false},
		{"2026-10-01 09:00", "2026-10-01 10:00", false}, // holiday on a Thursday
		{"2026-09-30 18:00", "2026-10-08 08:00", false}, // the whole holiday
		{"2026-09-30 18:00", "2026-10-08 08:01", true},
		{"2026-11-24 17:59", "2026-11-24 17:59", true}, // no length: judged by its start
		{"2026-11-24 18:00", "2026-11-24 18:00", false},
		{"2026-11-24 08:00", "2026-11-24 08:00", true},
		{"2026-11-24 09:00", "2026-11-23 09:00", true}, // ends before it begins
	} {
		start, end := chinaTime(t, c.start), chinaTime(t, c.end)
		if got := cal.WorkingHours(start, end); got != c.want {
			t.Errorf("WorkingHours(%s, %s) = %v", c.start, c.end, got)
		}
		if got := cal.WorkingHours(start.UTC(), end.UTC()); got != c.want {
			t.Errorf("in UTC: WorkingHours(%s, %s) = %v", c.start, c.end, got)
		}
	}
	day, hit := cal.WorkingDay(chinaTime(t, "2026-11-27 20:00"), chinaTime(t, "2026-12-01 20:00"))
	if !hit || day != "2026-11-30" {
		t.Errorf("first working day touched: %s %v", day, hit)
	}
	// A mistaken end thousands of years away must not keep the machine busy.
	if !cal.WorkingHours(chinaTime(t, "2026-11-28 09:00"), chinaTime(t, "9999-12-31 23:59").AddDate(5000, 0, 0)) {
		t.Error("an endless span touches working hours")
	}
}

func TestAddWorkdays(t *testing.T) {
	cal := BuiltinCalendar()
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-11-23 00:00", 1, "2026-11-24 23:59:59"}, // Monday to Tuesday
		{"2026-11-23 23:59", 1, "2026-11-24 23:59:59"}, // the hour makes no difference
		{"2026-11-23 10:00", 5, "2026-11-30 23:59:59"}, // over a weekend
		{"2026-11-28 10:00", 1, "2026-11-30 23:59:59"}, // from a Saturday
		{"2026-09-30 10:00", 1, "2026-10-08 23:59:59"}, // over National Day
		{"2026-09-30 10:00", 3, "2026-10-10 23:59:59"}, // 8, 9, and Saturday 10 is a make-up day
		{"2026-09-18 10:00", 1, "2026-09-20 23:59:59"}, // Friday to make-up Sunday
		{"2026-02-13 10:00", 2, "2026-02-24 23:59:59"}, // 14 is a make-up day, then nine days off
		{"2026-12-31 10:00", 1, "2027-01-01 23:59:59"}, // no data: plain weekdays
		{"2026-11-23 10:00", 0, "2026-11-23 23:59:59"},
		{"2026-11-23 10:00", -3, "2026-11-23 23:59:59"},
	} {
		from, want := chinaTime(t, c.from), chinaTime(t, c.want)
		if got := cal.AddWorkdays(from, c.n); !got.Equal(want) {
			t.Errorf("AddWorkdays(%s, %d) = %s, want %s", c.from, c.n, got, c.want)
		}
		if got := cal.AddWorkdays(from.UTC(), c.n); !got.Equal(want) {
			t.Errorf("in UTC: AddWorkdays(%s, %d) = %s, want %s", c.from, c.n, got, c.want)
		}
		if c.n > 0 {
			if got := cal.WorkdaysBetween(DateOf(from), DateOf(want)); got != c.n {
				t.Errorf("WorkdaysBetween(%s, %s) = %d, want %d", c.from, c.want, got, c.n)
			}
		}
	}
}

func TestWorkdaysBetween(t *testing.T) {
	cal := BuiltinCalendar()
	for _, c := range []struct {
		from, to Date
		want     int
	}{
		{"2026-11-24", "2026-11-24", 0},
		{"2026-11-23", "2026-11-30", 5},
		{"2026-11-30", "2026-11-23", -5},
		{"2026-09-30", "2026-10-07", 0},
		{"", "2026-11-24", 0},
		{"2026-11-24", "x", 0},
	} {
		if got := cal.WorkdaysBetween(c.from, c.to); got != c.want {
			t.Errorf("WorkdaysBetween(%s, %s) = %d, want %d", c.from, c.to, got, c.want)
		}
	}
}

func TestReason(t *testing.T) {
	cal := BuiltinCalendar()
	for d, want := range map[Date]string{
		"2026-11-24": "2026-11-24（星期二）是工作日，8:00–18:00 为上班时间",
		"2026-10-10": "2026-10-10（星期六）是国庆节调休上班日，8:00–18:00 为上班时间",
		"2026-10-01": "2026-10-01（星期四）是国庆节假期，不上班",
		"2026-11-29": "2026-11-29（星期日）是周末，不上班",
		"2027-01-01": "2027-01-01（星期五）是工作日，8:00–18:00 为上班时间（系统中尚无 2027 年放假安排，暂按星期推算）",
		"2026-02-30": "日期“2026-02-30”无效",
	} {
		if got := cal.Reason(d); got != want {
			t.Errorf("Reason(%s) = %s", d, got)
		}
	}
	unnamed := NewCalendar([]CalendarDay{{"2026-11-24", DayHoliday, ""}, {"2026-11-28", DayMakeup, ""}}, "2026-12-31")
	for d, want := range map[Date]string{
		"2026-11-24": "2026-11-24（星期二）是法定节假日，不上班",
		"2026-11-28": "2026-11-28（星期六）是调休上班日，8:00–18:00 为上班时间",
	} {
		if got := unnamed.Reason(d); got != want {
			t.Errorf("Reason(%s) = %s", d, got)
		}
	}
}
