package reminder

import (
	"strconv"
	"strings"

	"zhibu/model"
)

// ruleWords says a reminder's checked rule as people do, such as 每周二、周四 20:00，共 10 次. What a rule leaves to its first day is taken from there.
func ruleWords(r *model.Reminder, today model.Date) string {
	parts, _ := splitRule(r.Rule)
	days := monthDays(parts["BYMONTHDAY"]) + ordinals(parts["BYYEARDAY"], "天")
	if weeks := ordinals(parts["BYWEEKNO"], "周"); weeks != "" {
		days += weeks + "的"
	}
	if week := weekdayList(parts["BYDAY"]); week != "" && parts["BYMONTHDAY"]+parts["BYYEARDAY"] != "" {
		days += "且为" + week
	} else {
		days += week
	}
	if pos := parts["BYSETPOS"]; pos != "" {
		days += "中的" + ordinals(pos, "天")
	}
	months := ""
	if m := parts["BYMONTH"]; m != "" {
		months = strings.ReplaceAll(m, ",", "月、") + "月"
	}
	s := everyWords(parts["FREQ"], parts["INTERVAL"], days, months, r.StartsOn)
	if !strings.HasSuffix(s, "）") { // a full-width bracket keeps its own distance
		s += " "
	}
	s += r.At
	if r.StartsOn > today {
		s += "，自" + r.StartsOn.Start().Format("2006年1月2日") + "起"
	}
	if n := parts["COUNT"]; n != "" {
		s += "，共 " + n + " 次"
	}
	if until, err := untilOf(parts["UNTIL"]); err == nil {
		s += "，到" + until.In(model.Zone).Format("2006年1月2日") + "为止"
	}
	return s
}

// everyWords joins how often a rule comes to the days on which it does.
func everyWords(freq, interval, days, months string, startsOn model.Date) string {
	first := startsOn.Start()
	every := func(unit, many string) string {
		if interval == "" || interval == "1" {
			return "每" + unit
		}
		return "每 " + interval + " " + many
	}
	switch freq {
	case "WEEKLY":
		if days == "" {
			days = weekdays[(int(first.Weekday())+6)%7].word
		}
		s := every("", "周的")
		if months != "" {
			days += "（" + months + "）"
		}
		return s + days
	case "MONTHLY":
		if days == "" {
			days = first.Format("2日")
		}
		if months != "" {
			days += "（" + months + "）"
		}
		return every("月", "个月的") + days
	case "YEARLY":
		if months == "" && days == "" {
			months, days = first.Format("1月"), first.Format("2日")
		} else if days == "" {
			days = first.Format("2日")
		}
		return every("年", "年的") + months + days
	}
	if days += months; days != "" {
		days = "（限" + days + "）"
	}
	return every("天", "天") + days
}

// weekdays are the days of a week as rules write them and as people do.
var weekdays = []struct{ code, word string }{{"MO", "周一"}, {"TU", "周二"}, {"WE", "周三"}, {"TH", "周四"}, {"FR", "周五"}, {"SA", "周六"}, {"SU", "周日"}}

// weekdayList says MO,TU as 周一、周二, and 2TU as 第 2 个周二.
func weekdayList(list string) string {
	switch list {
	case "":
		return ""
	case "MO,TU,WE,TH,FR":
		return "周一至周五"
	case "MO,TU,WE,TH,FR,SA,SU":
		return "周一至周日"
	}
	var said []string
	for day := range strings.SplitSeq(list, ",") {
		for _, w := range weekdays {
			if nth, ok := strings.CutSuffix(day, w.code); ok {
				said = append(said, nthWord(nth, "个")+w.word)
			}
		}
	}
	return strings.Join(said, "、")
}

// monthDays says 1,-1 as 1日、最后一天.
func monthDays(list string) string {
	if list == "" {
		return ""
	}
	var said []string
	for day := range strings.SplitSeq(list, ",") {
		if strings.HasPrefix(day, "-") {
			said = append(said, nthWord(day, "天"))
		} else {
			said = append(said, strings.TrimPrefix(day, "+")+"日")
		}
	}
	return strings.Join(said, "、")
}

// ordinals says 1,-1 of weeks as 第 1 周、最后一周.
func ordinals(list, unit string) string {
	if list == "" {
		return ""
	}
	var said []string
	for n := range strings.SplitSeq(list, ",") {
		said = append(said, nthWord(n, unit))
	}
	return strings.Join(said, "、")
}

// nthWord says 2 as 第 2 个, -1 as 最后一个 and -2 as 倒数第 2 个; nothing for no ordinal.
func nthWord(nth, unit string) string {
	n, err := strconv.Atoi(nth)
	switch {
	case err != nil:
		return ""
	case n == -1:
		return "最后一" + unit
	case n < 0:
		return "倒数第 " + strconv.Itoa(-n) + " " + unit
	}
	return "第 " + strconv.Itoa(n) + " " + unit
}
