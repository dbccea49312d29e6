package model

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// DayKind says what sort of day a day is for those who work.
type DayKind string

// The kinds of days. Only holiday and makeup are ever published; the other two follow from the weekday.
const (
	DayWorkday DayKind = "workday"
	DayWeekend DayKind = "weekend"
	DayHoliday DayKind = "holiday" // a day off by the State Council's notice, weekends inside the holiday included
	DayMakeup  DayKind = "makeup"  // 调休: a weekend day on which people work
)

// DefaultWork are the working hours of a workday while no profile says otherwise; half-open, so a meeting may begin at 18:00 sharp.
func DefaultWork() Window { return Window{From: 8 * 60, To: 18 * 60} }

// CalendarDay is one published day: an exception to the plain weekdays.
type CalendarDay struct {
	Date Date `gorm:"primaryKey"`
	Kind DayKind
	Name string
}

// Calendar is the working calendar of China: plain weekdays, and the exceptions published by the State Council.
// It is a value that never changes after NewCalendar; when new data arrives, a new one is made.
// The zero Calendar knows nothing: plain weekdays, all of them provisional.
type Calendar struct {
	days  map[Date]CalendarDay
	from  Date // the first day of the first year with data
	until Date // the last day whose data is published
	work  Window
}

// WithWork is the same calendar with other working hours on its workdays. They come from the policy profile.
func (c Calendar) WithWork(hours Window) Calendar {
	c.work = hours
	return c
}

// Work are the working hours of a workday.
func (c Calendar) Work() Window {
	if c.work == (Window{}) {
		return DefaultWork()
	}
	return c.work
}

// NewCalendar makes a calendar of the published days. coveredUntil is the last day for which the notice is out
// (CoverageOf tells it); later days, and days before the first year with data, fall back to weekdays and are provisional.
// A day given twice counts as given last; days that are no date or have another kind than holiday and makeup are left out.
func NewCalendar(days []CalendarDay, coveredUntil Date) Calendar {
	c := Calendar{days: make(map[Date]CalendarDay, len(days)), until: coveredUntil}
	for _, d := range days {
		if !d.Date.Valid() || (d.Kind != DayHoliday && d.Kind != DayMakeup) {
			continue
		}
		c.days[d.Date] = d
		if first := d.Date[:4] + "-01-01"; c.from == "" || first < c.from {
			c.from = first
		}
	}
	return c
}

// CoverageOf is the last day of the last year, without a gap, whose notice is among the days; empty when there is none.
// A year counts only by a holiday before December, because a year's notice may also name days of the December before.
func CoverageOf(days []CalendarDay) Date {
	years := map[int]bool{}
	for _, d := range days {
		if t := d.Date.Start(); d.Date.Valid() && d.Kind == DayHoliday && t.Month() < time.December {
			years[t.Year()] = true
		}
	}
	if len(years) == 0 {
		return ""
	}
	year := slices.Min(slices.Collect(maps.Keys(years)))
	for years[year+1] {
		year++
	}
	return Date(fmt.Sprintf("%04d-12-31", year))
}

// Days lists the published days in order, to be stored or shown.
func (c Calendar) Days() []CalendarDay {
	return slices.SortedFunc(maps.Values(c.days), func(a, b CalendarDay) int {
		if a.Date < b.Date {
			return -1
		}
		return 1 // dates are unique in the map
	})
}

// CoveredUntil is the last day whose data is published.
func (c Calendar) CoveredUntil() Date { return c.until }

// Kind tells what sort of day d is. What is no date has no kind.
func (c Calendar) Kind(d Date) DayKind {
	if day, ok := c.days[d]; ok {
		return day.Kind
	}
	if !d.Valid() {
		return ""
	}
	switch d.Start().Weekday() {
	case time.Saturday, time.Sunday:
		return DayWeekend
	}
	return DayWorkday
}

// IsWorkday reports whether people work on d: a weekday that is no holiday, or a make-up day.
func (c Calendar) IsWorkday(d Date) bool {
	k := c.Kind(d)
	return k == DayWorkday || k == DayMakeup
}

// Name is the festival by which d is a holiday or a make-up day, such as 国庆节; empty for a plain day.
func (c Calendar) Name(d Date) string { return c.days[d].Name }

// Provisional reports that d belongs to a year whose notice is not known here, so that plans over it may have to be made again.
// The last days of a covered December are not provisional, although the next year's notice may still change them.
func (c Calendar) Provisional(d Date) bool {
	return !d.Valid() || d > c.until || (c.from != "" && d < c.from)
}

// WorkingHours reports whether the span from start up to, but not at, end touches working hours.
// A span without length, or one that ends before it begins, is judged by its start.
func (c Calendar) WorkingHours(start, end time.Time) bool {
	_, hit := c.WorkingDay(start, end)
	return hit
}

// WorkingDay is WorkingHours that also names the first workday touched, for Reason.
func (c Calendar) WorkingDay(start, end time.Time) (Date, bool) {
	if !end.After(start) {
		end = start.Add(1)
	}
	start, end = start.In(Zone), end.In(Zone)
	work := c.Work()
	y, m, d := start.Date()
	for day := time.Date(y, m, d, 0, 0, 0, 0, Zone); day.Before(end); day = day.AddDate(0, 0, 1) {
		opens, closes := day.Add(time.Duration(work.From)*time.Minute), day.Add(time.Duration(work.To)*time.Minute)
		if start.Before(closes) && end.After(opens) && c.IsWorkday(DateOf(day)) {
			return DateOf(day), true
		}
	}
	return "", false
}

// AddWorkdays is a deadline: the last second, in China, of the n-th working day after the day of t.
// The day of t itself is not counted, whatever the hour, as the Civil Code (art. 201) counts periods in days.
// Without working days to add it is the end of the day of t.
func (c Calendar) AddWorkdays(t time.Time, n int) time.Time {
	y, m, d := t.In(Zone).Date()
	day := time.Date(y, m, d, 23, 59, 59, 0, Zone)
	for n > 0 {
		day = day.AddDate(0, 0, 1)
		if c.IsWorkday(DateOf(day)) {
			n--
		}
	}
	return day
}

// WorkdaysBetween counts the working days after from, up to and with to; negative when to lies before from.
// It undoes AddWorkdays.
func (c Calendar) WorkdaysBetween(from, to Date) int {
	if !from.Valid() || !to.Valid() {
		return 0
	}
	if to < from {
		return -c.WorkdaysBetween(to, from)
	}
	n := 0
	for d := from.Add(1); d <= to; d = d.Add(1) {
		if c.IsWorkday(d) {
			n++
		}
	}
	return n
}

var weekdayNames = [...]string{"星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"}

// Reason says in Chinese what kind of day d is and when people work on it.
func (c Calendar) Reason(d Date) string {
	if !d.Valid() {
		return "日期“" + string(d) + "”无效"
	}
	t := d.Start()
	s := fmt.Sprintf("%s（%s）", d, weekdayNames[t.Weekday()])
	hours := fmt.Sprintf("，%s–%s 为上班时间", clockOf(c.Work().From), clockOf(c.Work().To))
	name := c.Name(d)
	switch c.Kind(d) {
	case DayMakeup:
		if name == "" {
			s += "是调休上班日" + hours
		} else {
			s += "是" + name + "调休上班日" + hours
		}
	case DayHoliday:
		if name == "" {
			s += "是法定节假日，不上班"
		} else {
			s += "是" + name + "假期，不上班"
		}
	case DayWeekend:
		s += "是周末，不上班"
	default:
		s += "是工作日" + hours
	}
	if c.Provisional(d) {
		s += "（系统中尚无 " + strconv.Itoa(t.Year()) + " 年放假安排，暂按星期推算）"
	}
	return s
}
