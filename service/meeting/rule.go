package meeting

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

// The limits of a rule, which keep every walk along one short.
const (
	maxRule     = 200
	maxInterval = 52
	maxCount    = 60
)

var (
	ruleDays    = regexp.MustCompile(`^(-1|[1-5])?(MO|TU|WE|TH|FR|SA|SU)(,(-1|[1-5])?(MO|TU|WE|TH|FR|SA|SU))*$`)
	ruleNumbers = regexp.MustCompile(`^-?\d{1,2}(,-?\d{1,2})*$`)
	ruleUntil   = regexp.MustCompile(`^\d{8}$`)
)

// cleanRule brings a rule into the one form in which it is kept: in capitals, without blanks and without its name.
func cleanRule(s string) string {
	s = strings.ToUpper(strings.Join(strings.Fields(model.FoldWidth(s)), ""))
	return strings.TrimSuffix(strings.TrimPrefix(s, "RRULE:"), ";")
}

// ruleFault says in Chinese what is wrong with a clean rule, "" when nothing is. Of RFC 5545 it takes what meetings come again by: the week and the
// month, days of the week with their number within the month, days of the month. freqs are the frequencies that fit.
func ruleFault(rule string, freqs ...string) string {
	const example = "例如每周二写作 FREQ=WEEKLY;BYDAY=TU"
	if len(rule) > maxRule {
		return "重复规则过长，" + example + "。"
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(rule, ";") {
		key, value, ok := strings.Cut(part, "=")
		if _, twice := parts[key]; !ok || value == "" || twice {
			return "重复规则应写成以分号隔开的“名称=值”，每项一次，" + example + "。"
		}
		parts[key] = value
	}
	if !slices.Contains(freqs, parts["FREQ"]) {
		return "重复规则须写明 FREQ，可用 " + strings.Join(freqs, "、") + "，" + example + "。"
	}
	for key, value := range parts {
		if why := partFault(key, value, parts); why != "" {
			return why
		}
	}
	return ""
}

func partFault(key, value string, parts map[string]string) string {
	weekly := parts["FREQ"] == "WEEKLY"
	switch key {
	case "FREQ":
	case "INTERVAL", "COUNT":
		most := map[string]int{"INTERVAL": maxInterval, "COUNT": maxCount}[key]
		if n, err := strconv.Atoi(value); err != nil || n < 1 || n > most {
			return fmt.Sprintf("%s 应为 1 至 %d 的整数。", key, most)
		}
		if key == "COUNT" && parts["UNTIL"] != "" {
			return "COUNT（次数）与 UNTIL（截止日期）只能写一个。"
		}
	case "UNTIL":
		if _, err := untilOf(value); err != nil {
			return "UNTIL 应为最后一天的日期，如 20261231。"
		}
	case "BYDAY":
		if !ruleDays.MatchString(value) || weekly && strings.ContainsAny(value, "-12345") {
			return "BYDAY 应为星期的英文缩写，如 TU,TH；每月第二个星期二写作 FREQ=MONTHLY;BYDAY=2TU。"
		}
	case "BYMONTHDAY", "BYSETPOS":
		if weekly || !ruleNumbers.MatchString(value) || !within(value, map[string]int{"BYMONTHDAY": 31, "BYSETPOS": 5}[key]) {
			return key + " 只用于按月重复，如每月 15 日写作 FREQ=MONTHLY;BYMONTHDAY=15。"
		}
		if key == "BYSETPOS" && parts["BYDAY"] == "" && parts["BYMONTHDAY"] == "" {
			return "BYSETPOS 须与 BYDAY 同用，如每月最后一个工作日写作 FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1。"
		}
	default:
		return "重复规则中不能使用“" + model.CutRunes(key, 20) + "”。"
	}
	return ""
}

// within reports whether each number of a list is 1 to most, from the start or from the end.
func within(list string, most int) bool {
	for s := range strings.SplitSeq(list, ",") {
		n, err := strconv.Atoi(strings.TrimPrefix(s, "-"))
		if err != nil || n < 1 || n > most {
			return false
		}
	}
	return true
}

// untilOf is the end of the last day of a rule, in China.
func untilOf(s string) (time.Time, error) {
	if !ruleUntil.MatchString(s) {
		return time.Time{}, fmt.Errorf("until %q is no day", s)
	}
	day, err := time.ParseInLocation(rrule.DateFormat, s, model.Zone)
	if err == nil && !model.Keepable(day) {
		err = fmt.Errorf("until %q is in no year that is kept", s)
	}
	return day.AddDate(0, 0, 1).Add(-time.Second), err
}

// walk makes a rule that was checked ready to be walked along from its first time.
func walk(rule string, first time.Time) (*rrule.RRule, error) {
	option, err := rrule.StrToROptionInLocation(rule, model.Zone)
	if err != nil {
		return nil, fmt.Errorf("the rule %q: %w", rule, err)
	}
	option.Dtstart = first.In(model.Zone)
	for part := range strings.SplitSeq(rule, ";") {
		if until, ok := strings.CutPrefix(part, "UNTIL="); ok {
			if option.Until, err = untilOf(until); err != nil {
				return nil, err
			}
		}
	}
	return rrule.NewRRule(*option)
}
