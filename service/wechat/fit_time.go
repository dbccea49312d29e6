package wechat

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"zhibu/model"
)

// momentLayout is how a time is shown on a card.
const momentLayout = "2006年1月2日 15:04"

// FitTime writes an instant as WeChat's time and date fields want it, in China's civil time.
func FitTime(t time.Time) string { return t.In(model.Zone).Format(momentLayout) }

// FitSpan writes two instants as a range.
func FitSpan(from, to time.Time) string { return FitTime(from) + "~" + FitTime(to) }

var (
	// momentPattern is a day, an hour, or both: 2026-11-24 19:30, 2026年11月24日, 19:30.
	momentPattern  = regexp.MustCompile(`^(?:(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?)?[ T]*(?:(\d{1,2})[:时点](\d{2})分?(?::(\d{2}))?)?$`)
	weekdayPattern = regexp.MustCompile(`\s*\(?(?:周|星期)[一二三四五六日天]\)?`)
	// partPattern are the days without a year and the months that a date field also takes.
	partPattern = regexp.MustCompile(`^(?:(\d{4})年(\d{1,2})月|(\d{1,2})月(\d{1,2})日)$`)
)

// moment is a point in time as far as it was given.
type moment struct {
	day   string // 2026年11月24日
	clock string // 19:30
}

func (m moment) String() string { return strings.TrimSpace(m.day + " " + m.clock) }

// fitTime needs an hour; the day may be missing.
func fitTime(s string) (string, bool) {
	return fitMoments(s, func(m moment) bool { return m.clock != "" })
}

// fitDate needs a day; the hour may be missing.
func fitDate(s string) (string, bool) {
	if m := partPattern.FindStringSubmatch(model.FoldWidth(s)); m != nil {
		return fitPart(m)
	}
	return fitMoments(s, func(m moment) bool { return m.day != "" })
}

func fitPart(m []string) (string, bool) {
	year, month, day := m[1], m[2], "1"
	if year == "" {
		year, month, day = "2024", m[3], m[4] // a leap year, so that 2月29日 passes
	}
	t, ok := civil(year, month, day)
	if !ok {
		return "", false
	}
	if m[1] == "" {
		return t.Format("1月2日"), true
	}
	return t.Format("2006年1月"), true
}

// fitMoments reads one point in time, or two that any of the usual marks joins, and joins them with the half-width ~: on the
// full-width one WeChat refuses the message. An end without a day is on the day of the beginning.
func fitMoments(s string, enough func(moment) bool) (string, bool) {
	s = strings.NewReplacer("〜", "~", "至", "~").Replace(model.FoldWidth(s))
	from, to, ranged := strings.Cut(s, "~")
	first, ok := readMoment(from)
	if !ok || !enough(first) {
		return "", false
	}
	if !ranged {
		return first.String(), true
	}
	last, ok := readMoment(to)
	if last.day == "" {
		last.day = first.day
	}
	if !ok || !enough(last) {
		return "", false
	}
	return first.String() + "~" + last.String(), true
}

func readMoment(s string) (moment, bool) {
	s = strings.TrimSpace(s)
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil && t.Year() > 0 && t.Year() < 9999 {
		t = t.In(model.Zone)
		return moment{day: t.Format("2006年1月2日"), clock: t.Format("15:04")}, true
	}
	m := momentPattern.FindStringSubmatch(strings.TrimSpace(weekdayPattern.ReplaceAllString(s, " ")))
	if m == nil || m[1]+m[4] == "" {
		return moment{}, false
	}
	var out moment
	if m[1] != "" {
		t, ok := civil(m[1], m[2], m[3])
		if !ok {
			return moment{}, false
		}
		out.day = t.Format("2006年1月2日")
	}
	if m[4] != "" {
		hour, minute := whole(m[4]), whole(m[5])
		if hour > 23 || minute > 59 || whole(m[6]) > 59 {
			return moment{}, false
		}
		out.clock = time.Date(2000, 1, 1, hour, minute, 0, 0, time.UTC).Format("15:04")
	}
	return out, true
}

// civil is a day that exists.
func civil(year, month, day string) (time.Time, bool) {
	y, _ := strconv.Atoi(year)
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return t, y > 0 && t.Year() == y && int(t.Month()) == m && t.Day() == d
}
