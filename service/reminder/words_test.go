package reminder

import (
	"testing"

	"zhibu/model"
)

func TestRulesAreSaidAsPeopleDo(t *testing.T) {
	for rule, want := range map[string]string{
		"FREQ=DAILY":                                    "每天 20:00",
		"FREQ=DAILY;INTERVAL=3;COUNT=5":                 "每 3 天 20:00，共 5 次",
		"FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR":               "每天（限周一至周五）20:00",
		"FREQ=DAILY;BYMONTH=7":                          "每天（限7月）20:00",
		"FREQ=WEEKLY;BYDAY=TU":                          "每周二 20:00",
		"FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20261231":        "每周二、周四 20:00，到2026年12月31日为止",
		"FREQ=WEEKLY;BYDAY=TU;UNTIL=20261231T120000Z":   "每周二 20:00，到2026年12月31日为止",
		"FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR":              "每周一至周五 20:00",
		"FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;WKST=SU":       "每 2 周的周二 20:00",
		"FREQ=WEEKLY":                                   "每周一 20:00", // as the first day is
		"FREQ=WEEKLY;BYDAY=TU;BYMONTH=3,9":              "每周二（3月、9月）20:00",
		"FREQ=MONTHLY":                                  "每月23日 20:00",
		"FREQ=MONTHLY;BYMONTHDAY=1,-1":                  "每月1日、最后一天 20:00",
		"FREQ=MONTHLY;BYMONTHDAY=-2":                    "每月倒数第 2 天 20:00",
		"FREQ=MONTHLY;BYDAY=2TU,-1FR":                   "每月第 2 个周二、最后一个周五 20:00",
		"FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=15":         "每 3 个月的15日 20:00",
		"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1": "每月周一至周五中的最后一天 20:00",
		"FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=1":            "每年7月1日 20:00",
		"FREQ=YEARLY":                                   "每年11月23日 20:00",
		"FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO":              "每年第 20 周的周一 20:00",
		"FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR":           "每月13日且为周五 20:00",
		"FREQ=YEARLY;BYYEARDAY=-1":                      "每年最后一天 20:00",
	} {
		if faults := checkRule(rule); len(faults) > 0 {
			t.Fatalf("%s: %q", rule, faults)
		}
		if got := ruleWords(&model.Reminder{Rule: rule, At: "20:00", StartsOn: "2026-11-23"}, "2026-11-23"); got != want {
			t.Errorf("%s: %s, want %s", rule, got, want)
		}
	}
	if got := ruleWords(&model.Reminder{Rule: "FREQ=WEEKLY;COUNT=2", At: "20:00", StartsOn: "2027-02-05"}, "2026-11-23"); got != "每周五 20:00，自2027年2月5日起，共 2 次" {
		t.Errorf("a later beginning: %s", got)
	}
}
