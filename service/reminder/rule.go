package reminder

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"zhibu/model"
)

// The limits of a rule. They are far beyond what people are reminded of, and keep every walk along a rule short.
const (
	maxRuleLength = 200
	maxInterval   = 1000
	maxCount      = 1000
	maxWalk       = 20000 // times that one walk looks at: 54 years of days
	horizonYears  = 10    // a rule without any time for so long has none
)

// Examples of rules, for who wrote something else.
const (
	ruleExample  = "例如每周二提醒请写 FREQ=WEEKLY;BYDAY=TU"
	moreExamples = ruleExample + "，每天写 FREQ=DAILY，每月 1 日写 FREQ=MONTHLY;BYMONTHDAY=1"
)

// ruleParts are the parts that a rule may have. The time of day is not one of them: it is said by at.
var ruleParts = []string{"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS"}

var (
	clockPattern   = regexp.MustCompile(`^([01]?\d|2[0-3]):([0-5]\d)$`)
	datePattern    = regexp.MustCompile(`^\d{8}$`)
	numbersPattern = regexp.MustCompile(`^[+-]?\d{1,3}(,[+-]?\d{1,3})*$`)
	daysPattern    = regexp.MustCompile(`^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)(,([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU))*$`)
	ordinalPattern = regexp.MustCompile(`[+-]?\d{1,2}`)
)

// cleanRule brings a rule into the one form in which it is kept: in capitals, without blanks, the name before it and a semicolon after it.
func cleanRule(s string) string {
	s = strings.ToUpper(strings.Join(strings.Fields(model.FoldWidth(s)), ""))
	return strings.TrimSuffix(strings.TrimPrefix(s, "RRULE:"), ";")
}

// checkRule names in Chinese everything that is wrong with a clean rule, and how to mend it. The library takes more than RFC 5545 allows,
// and some of that it cannot bear: an ordinal of 53 in a monthly rule makes it reach beyond its tables.
func checkRule(rule string) (faults []string) {
	switch {
	case rule == "":
		return []string{"请填写提醒的规则，" + moreExamples + "。"}
	case len(rule) > maxRuleLength:
		return []string{fmt.Sprintf("规则不能超过 %d 个字符，%s。", maxRuleLength, ruleExample)}
	case strings.IndexFunc(rule, func(r rune) bool { return r < ' ' || r > '~' }) >= 0:
		return []string{"规则请用英文缩写，不能写中文，" + moreExamples + "。"}
	}
	parts, faults := splitRule(rule)
	freq := parts["FREQ"]
	switch freq {
	case "DAILY", "WEEKLY", "MONTHLY", "YEARLY":
	case "HOURLY", "MINUTELY", "SECONDLY":
		faults = append(faults, "提醒每天至多一次，FREQ 请用 DAILY（每天）、WEEKLY（每周）、MONTHLY（每月）或 YEARLY（每年）。")
	default:
		faults = append(faults, "规则须写明 FREQ，可用 DAILY（每天）、WEEKLY（每周）、MONTHLY（每月）、YEARLY（每年），"+ruleExample+"。")
	}
	faults = append(faults, checkEnds(parts)...)
	faults = append(faults, checkDays(parts, freq)...)
	return append(faults, checkNumbers(parts, freq)...)
}

// splitRule takes a rule apart.
func splitRule(rule string) (parts map[string]string, faults []string) {
	parts = map[string]string{}
	for part := range strings.SplitSeq(rule, ";") {
		key, value, ok := strings.Cut(part, "=")
		_, twice := parts[key]
		switch {
		case !ok || value == "":
			faults = append(faults, "规则中的“"+model.CutRunes(part, 20)+"”应写成“名称=值”，各项以分号隔开，"+ruleExample+"。")
		case twice:
			faults = append(faults, "规则中的 "+key+" 写了两次，请只保留一个。")
		case key == "BYHOUR" || key == "BYMINUTE" || key == "BYSECOND":
			faults = append(faults, "提醒的时刻请填在 at 中（如 20:00），规则中请去掉 "+key+"。")
		case key == "DTSTART":
			faults = append(faults, "起始日期请填在 starts_on 中（如 2026-11-24），规则中请去掉 DTSTART。")
		case !slices.Contains(ruleParts, key):
			faults = append(faults, "规则中不能使用“"+model.CutRunes(key, 20)+"”，"+ruleExample+"。")
		default:
			parts[key] = value
		}
	}
	return parts, faults
}

// checkEnds looks at what bounds and spaces a rule.
func checkEnds(parts map[string]string) (faults []string) {
	for key, most := range map[string]int{"INTERVAL": maxInterval, "COUNT": maxCount} {
		value, given := parts[key]
		if n, err := strconv.Atoi(value); given && (err != nil || n < 1 || n > most) {
			faults = append(faults, fmt.Sprintf("%s 应为 1 至 %d 的整数。", key, most))
		}
	}
	until, given := parts["UNTIL"]
	if _, err := untilOf(until); given && err != nil {
		faults = append(faults, "UNTIL 应为最后一天的日期，如 20261231。")
	}
	if given && parts["COUNT"] != "" {
		faults = append(faults, "COUNT（次数）与 UNTIL（截止日期）只能写一个。")
	}
	if day, given := parts["WKST"]; given && (len(day) != 2 || !daysPattern.MatchString(day)) {
		faults = append(faults, "WKST 应为一周的第一天，如 MO（星期一）。")
	}
	slices.Sort(faults)
	return faults
}

// untilOf reads the end of a rule, which lies in the years that are kept.
func untilOf(s string) (time.Time, error) {
	end, err := endOf(s)
	if err == nil && !model.Keepable(end) {
		err = fmt.Errorf("until %q is in no year that is kept", s)
	}
	return end, err
}

// endOf reads an end: a day counts whole, an hour without a zone is China's.
func endOf(s string) (time.Time, error) {
	if datePattern.MatchString(s) {
		day, err := time.ParseInLocation(rrule.DateFormat, s, model.Zone)
		return day.AddDate(0, 0, 1).Add(-time.Second), err
	}
	if len(s) == len(rrule.LocalDateTimeFormat) {
		return time.ParseInLocation(rrule.LocalDateTimeFormat, s, model.Zone)
	}
	return time.Parse(rrule.DateTimeFormat, s)
}

// checkDays looks at the days of the week, where an ordinal such as the 2 of 2TU counts within the month or the year.
func checkDays(parts map[string]string, freq string) (faults []string) {
	days, given := parts["BYDAY"]
	if !given {
		return nil
	}
	if !daysPattern.MatchString(days) {
		return []string{"BYDAY 应为星期的英文缩写 MO、TU、WE、TH、FR、SA、SU，以逗号隔开，每月第二个星期二写作 FREQ=MONTHLY;BYDAY=2TU。"}
	}
	most := 5
	if freq == "YEARLY" && parts["BYMONTH"] == "" {
		most = 53
	}
	for _, o := range ordinalPattern.FindAllString(days, -1) {
		n, err := strconv.Atoi(o)
		switch {
		case freq == "DAILY" || freq == "WEEKLY" || parts["BYWEEKNO"] != "":
			return []string{"按天或按周重复时，BYDAY 中不能带序号（" + o + "），" + ruleExample + "。"}
		case err != nil || n == 0 || n > most || n < -most:
			return []string{fmt.Sprintf("BYDAY 中的序号 %s 应在 1 至 %d 之间，倒数写作 -1 至 -%d。", o, most, most)}
		}
	}
	return nil
}

// checkNumbers looks at the lists of numbers, and at which of them RFC 5545 allows beside which frequency.
func checkNumbers(parts map[string]string, freq string) (faults []string) {
	for _, p := range []struct {
		key     string
		most    int
		signed  bool
		refused []string
	}{
		{"BYMONTH", 12, false, nil},
		{"BYMONTHDAY", 31, true, []string{"WEEKLY"}},
		{"BYYEARDAY", 366, true, []string{"DAILY", "WEEKLY", "MONTHLY"}},
		{"BYWEEKNO", 53, true, []string{"DAILY", "WEEKLY", "MONTHLY"}},
		{"BYSETPOS", 366, true, nil},
	} {
		value, given := parts[p.key]
		switch {
		case !given:
		case slices.Contains(p.refused, freq):
			faults = append(faults, fmt.Sprintf("%s 不能与 FREQ=%s 同用，请去掉其中一个。", p.key, freq))
		case !numbersWithin(value, p.most, p.signed) && p.signed:
			faults = append(faults, fmt.Sprintf("%s 应为 1 至 %d 的整数，倒数写作 -1 至 -%d，以逗号隔开。", p.key, p.most, p.most))
		case !numbersWithin(value, p.most, p.signed):
			faults = append(faults, fmt.Sprintf("%s 应为 1 至 %d 的整数，以逗号隔开。", p.key, p.most))
		}
	}
	_, positions := parts["BYSETPOS"]
	if positions && parts["BYDAY"] == "" && parts["BYMONTHDAY"] == "" && parts["BYYEARDAY"] == "" && parts["BYWEEKNO"] == "" && parts["BYMONTH"] == "" {
		faults = append(faults, "BYSETPOS 须与 BYDAY 等条件同用，如每月最后一个工作日写作 FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1。")
	}
	return faults
}

func numbersWithin(list string, most int, signed bool) bool {
	if !numbersPattern.MatchString(list) {
		return false
	}
	for s := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(s)
		if n < 0 && signed {
			n = -n
		}
		if err != nil || n < 1 || n > most {
			return false
		}
	}
	return true
}

// cleanClock brings a time of day into the form 20:00.
func cleanClock(s string) (string, bool) {
	m := clockPattern.FindStringSubmatch(model.FoldWidth(strings.TrimSpace(s)))
	if m == nil {
		return "", false
	}
	if len(m[1]) == 1 {
		m[1] = "0" + m[1]
	}
	return m[1] + ":" + m[2], true
}

// instant is the time of day on a day in China.
func instant(day model.Date, clock string) (time.Time, error) {
	return time.ParseInLocation(time.DateOnly+" 15:04", string(day)+" "+clock, model.Zone)
}

// parse makes a rule that was checked ready to be walked along, from the time of day on its first day.
func parse(rule string, startsOn model.Date, clock string) (*rrule.RRule, error) {
	first, err := instant(startsOn, clock)
	if err != nil {
		return nil, err
	}
	option, err := rrule.StrToROptionInLocation(rule, model.Zone)
	if err != nil {
		return nil, err
	}
	option.Dtstart = first
	for part := range strings.SplitSeq(rule, ";") {
		if until, ok := strings.CutPrefix(part, "UNTIL="); ok {
			if option.Until, err = untilOf(until); err != nil {
				return nil, err
			}
		}
	}
	return rrule.NewRRule(*option)
}
