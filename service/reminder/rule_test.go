package reminder

import (
	"strings"
	"testing"
	"time"

	"zhibu/model"
)

func TestRuleIsCleanedAndChecked(t *testing.T) {
	for _, c := range []struct{ rule, fault string }{
		{"FREQ=WEEKLY;BYDAY=TU", ""},
		{" rrule:freq=weekly; byday=tu,th; ", ""},
		{"FREQ=DAILY;INTERVAL=2;COUNT=10", ""},
		{"FREQ=MONTHLY;BYDAY=2TU", ""},
		{"FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20271231", ""},
		{"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ""},
		{"FREQ=MONTHLY;BYMONTHDAY=1,-1", ""},
		{"FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=1", ""},
		{"FREQ=YEARLY;BYDAY=53MO", ""},
		{"FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", ""},
		{"FREQ=YEARLY;BYYEARDAY=-1", ""},
		{"FREQ=WEEKLY;UNTIL=20271231T120000Z", ""},
		{"FREQ=WEEKLY;UNTIL=20271231T200000;WKST=SU", ""},

		{"", "每周二提醒请写 FREQ=WEEKLY;BYDAY=TU"},
		{"每周二", "不能写中文"},
		{"WEEKLY", "名称=值"},
		{"BYDAY=TU", "须写明 FREQ"},
		{"FREQ=FORTNIGHTLY", "须写明 FREQ"},
		{"FREQ=HOURLY", "每天至多一次"},
		{"FREQ=MINUTELY;INTERVAL=1", "每天至多一次"},
		{"FREQ=SECONDLY", "每天至多一次"},
		{"FREQ=DAILY;BYHOUR=20", "填在 at 中"},
		{"FREQ=DAILY;BYMINUTE=1", "填在 at 中"},
		{"FREQ=DAILY;BYSECOND=1", "填在 at 中"},
		{"FREQ=DAILY;DTSTART=20261124T200000", "starts_on"},
		{"DTSTART:20261124T200000\nRRULE:FREQ=DAILY", "不能使用"},
		{"FREQ=DAILY;BYEASTER=300", "不能使用"},
		{"FREQ=DAILY;FREQ=WEEKLY", "写了两次"},
		{"FREQ=DAILY;COUNT=1000000000", "COUNT 应为 1 至 1000"},
		{"FREQ=DAILY;COUNT=1e9", "COUNT 应为 1 至 1000"},
		{"FREQ=DAILY;COUNT=0", "COUNT 应为 1 至 1000"},
		{"FREQ=DAILY;INTERVAL=9223372036854775807", "INTERVAL 应为 1 至 1000"},
		{"FREQ=DAILY;INTERVAL=-1", "INTERVAL 应为 1 至 1000"},
		{"FREQ=DAILY;COUNT=3;UNTIL=20271231", "只能写一个"},
		{"FREQ=DAILY;UNTIL=2027-12-31", "UNTIL 应为"},
		{"FREQ=DAILY;UNTIL=20271399", "UNTIL 应为"},
		{"FREQ=WEEKLY;WKST=8", "WKST 应为"},
		{"FREQ=WEEKLY;BYDAY=2TU", "不能带序号"},
		{"FREQ=WEEKLY;BYDAY=周二", "不能写中文"},
		{"ＦＲＥＱ＝ＷＥＥＫＬＹ；ＢＹＤＡＹ＝ＴＵ", ""},
		{"FREQ=WEEKLY;BYDAY=TUE", "BYDAY 应为"},
		{"FREQ=MONTHLY;BYDAY=53MO", "应在 1 至 5 之间"},
		{"FREQ=MONTHLY;BYDAY=-53MO", "应在 1 至 5 之间"},
		{"FREQ=YEARLY;BYMONTH=2;BYDAY=53MO", "应在 1 至 5 之间"},
		{"FREQ=MONTHLY;BYDAY=0MO", "应在 1 至 5 之间"},
		{"FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY 应为"},
		{"FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY 应为"},
		{"FREQ=WEEKLY;BYMONTHDAY=1", "不能与 FREQ=WEEKLY 同用"},
		{"FREQ=MONTHLY;BYWEEKNO=1", "不能与 FREQ=MONTHLY 同用"},
		{"FREQ=YEARLY;BYMONTH=-1", "BYMONTH 应为"},
		{"FREQ=WEEKLY;BYSETPOS=1", "须与 BYDAY 等条件同用"},
		{"FREQ=YEARLY;BYMONTHDAY=" + strings.Repeat("1,", 120) + "1", "不能超过 200 个字符"},
	} {
		faults := strings.Join(checkRule(cleanRule(c.rule)), "\n")
		if (c.fault == "") != (faults == "") || !strings.Contains(faults, c.fault) {
			t.Errorf("%q: %q, want %q", c.rule, faults, c.fault)
		}
		if c.fault == "" {
			if _, err := parse(cleanRule(c.rule), "2026-11-23", "20:00"); err != nil {
				t.Errorf("%q passed the check, but cannot be parsed: %v", c.rule, err)
			}
		}
	}
	if got := checkRule("FREQ=HOURLY;COUNT=0;BYDAY=XX"); len(got) != 3 {
		t.Errorf("all faults at once: %q", got)
	}
}

func TestClock(t *testing.T) {
	for in, want := range map[string]string{"20:00": "20:00", "8:05": "08:05", " 20：30 ": "20:30", "24:00": "", "20": "", "20:60": "", "": "", "20:00:00": ""} {
		if got, ok := cleanClock(in); got != want || ok != (want != "") {
			t.Errorf("%q: %q %v, want %q", in, got, ok, want)
		}
	}
}

// Rules that pass the check but have no time at all must not keep anybody waiting.
func TestImpossibleRulesEndSoon(t *testing.T) {
	for _, rule := range []string{
		"FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30,31", "FREQ=MONTHLY;BYMONTH=6;BYDAY=+5MO,+5TU;BYMONTHDAY=1,2,3", "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
		"FREQ=DAILY;INTERVAL=7;BYDAY=SU", "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=300", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;UNTIL=20200101",
	} {
		if faults := checkRule(rule); len(faults) > 0 {
			t.Fatalf("%s: %q", rule, faults)
		}
		start := time.Now()
		if _, ok := scheduleOf(t, rule, "20:00").next(evening("2026-11-23")); ok {
			t.Errorf("%s has a time", rule)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s took %v", rule, took)
		}
	}
}

func evening(day model.Date) time.Time { return day.Start().Add(19 * time.Hour) }

// scheduleOf is a schedule that starts on a Monday, leaves working hours alone and skips holidays.
func scheduleOf(t *testing.T, rule, clock string) *schedule {
	t.Helper()
	r := &model.Reminder{ID: "r", Rule: rule, StartsOn: "2026-11-23", At: clock, OnlyAfterHours: true, SkipHolidays: true}
	s, err := newSchedule(r, model.BuiltinCalendar(), model.DefaultPushHours())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// FuzzRule holds that what passes the check neither panics nor hangs, and that its times go forward.
func FuzzRule(f *testing.F) {
	for _, s := range []string{"FREQ=WEEKLY;BYDAY=TU", "FREQ=MONTHLY;BYDAY=-5MO;BYSETPOS=-1", "FREQ=YEARLY;BYWEEKNO=53,-53;BYDAY=SU;WKST=WE", "FREQ=YEARLY;BYYEARDAY=366,-366;INTERVAL=999", "FREQ=DAILY;COUNT=1000;BYMONTH=2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rule := cleanRule(text)
		if len(checkRule(rule)) > 0 {
			return
		}
		s := scheduleOf(t, rule, "20:00")
		walk := s.from(evening("2026-11-23"))
		var last time.Time
		for range 20 {
			turn, ok := walk()
			if !ok {
				return
			}
			if !turn.planned.After(last) || turn.at.Before(turn.planned) {
				t.Fatalf("%s: %v after %v, out at %v", rule, turn.planned, last, turn.at)
			}
			last = turn.planned
		}
	})
}
