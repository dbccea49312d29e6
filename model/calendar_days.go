package model

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"
)

// builtinRanges are the State Council's notices for 2025 and 2026, each festival from its first to its last day off,
// and the make-up workdays that pay for it. A release without newer data still runs; newer years are imported.
var builtinRanges = []struct {
	name        string
	first, last Date
	makeups     []Date
}{
	{"元旦", "2025-01-01", "2025-01-01", nil},
	{"春节", "2025-01-28", "2025-02-04", []Date{"2025-01-26", "2025-02-08"}},
	{"清明节", "2025-04-04", "2025-04-06", nil},
	{"劳动节", "2025-05-01", "2025-05-05", []Date{"2025-04-27"}},
	{"端午节", "2025-05-31", "2025-06-02", nil},
	{"国庆节、中秋节", "2025-10-01", "2025-10-08", []Date{"2025-09-28", "2025-10-11"}},

	{"元旦", "2026-01-01", "2026-01-03", []Date{"2026-01-04"}},
	{"春节", "2026-02-15", "2026-02-23", []Date{"2026-02-14", "2026-02-28"}},
	{"清明节", "2026-04-04", "2026-04-06", nil},
	{"劳动节", "2026-05-01", "2026-05-05", []Date{"2026-05-09"}},
	{"端午节", "2026-06-19", "2026-06-21", nil},
	{"中秋节", "2026-09-25", "2026-09-27", nil},
	{"国庆节", "2026-10-01", "2026-10-07", []Date{"2026-09-20", "2026-10-10"}},
}

// BuiltinDays lists the published days that come with the program, the seed of the calendar's table.
func BuiltinDays() []CalendarDay {
	var days []CalendarDay
	for _, r := range builtinRanges {
		for d := r.first; d <= r.last; d = d.Add(1) {
			days = append(days, CalendarDay{Date: d, Kind: DayHoliday, Name: r.name})
		}
		for _, d := range r.makeups {
			days = append(days, CalendarDay{Date: d, Kind: DayMakeup, Name: r.name})
		}
	}
	return days
}

// BuiltinCalendar is the calendar of the days that come with the program.
func BuiltinCalendar() Calendar {
	days := BuiltinDays()
	return NewCalendar(days, CoverageOf(days))
}

const (
	holidayFileMaxDays = 366
	holidayNameMax     = 30
)

// ParseHolidayCN reads one year's file of the public holiday-cn form. The file of a year may name days of the December before it
// and of the January after it, never others. A file without days belongs to a year not yet published and is refused,
// lest the year be taken for covered. The error is a *Error of CodeInvalid that names the place.
func ParseHolidayCN(data []byte) ([]CalendarDay, error) {
	var file struct {
		Year int `json:"year"`
		Days []struct {
			Name     string `json:"name"`
			Date     Date   `json:"date"`
			IsOffDay *bool  `json:"isOffDay"`
		} `json:"days"`
	}
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\ufeff")), &file); err != nil {
		return nil, BadField("file", "malformed", "文件不是有效的放假安排（holiday-cn 的 JSON 格式），请检查后重新上传。").Because(err)
	}
	if file.Year < 2000 || file.Year > 2200 {
		return nil, BadField("year", "invalid", "放假安排缺少年份，或年份不正确。")
	}
	if len(file.Days) == 0 {
		return nil, BadField("days", "required", fmt.Sprintf("文件中没有 %d 年的放假安排，可能尚未公布。", file.Year))
	}
	if len(file.Days) > holidayFileMaxDays {
		return nil, BadField("days", "too_many", "一年的放假安排不应超过 366 天，请检查文件。")
	}
	var faults Invalid
	seen := make(map[Date]bool, len(file.Days))
	days := make([]CalendarDay, 0, len(file.Days))
	for i, d := range file.Days {
		at := fmt.Sprintf("days[%d]", i)
		name := SingleLine(d.Name)
		switch {
		case !d.Date.Valid():
			faults.Add(at+".date", "invalid", "第 "+fmt.Sprint(i+1)+" 天的日期不正确，应写作 2027-01-01 的形式。")
		case !inNotice(d.Date, file.Year):
			faults.Add(at+".date", "out_of_range", fmt.Sprintf("%s 不属于 %d 年的放假安排。", d.Date, file.Year))
		case seen[d.Date]:
			faults.Add(at+".date", "duplicate", string(d.Date)+" 重复出现。")
		case d.IsOffDay == nil:
			faults.Add(at+".isOffDay", "required", string(d.Date)+" 没有写明放假还是上班。")
		case utf8.RuneCountInString(name) > holidayNameMax:
			faults.Add(at+".name", "too_long", string(d.Date)+" 的节日名称过长。")
		default:
			kind := DayMakeup
			if *d.IsOffDay {
				kind = DayHoliday
			}
			days = append(days, CalendarDay{Date: d.Date, Kind: kind, Name: name})
		}
		seen[d.Date] = true
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	if c := CoverageOf(days); c < Date(fmt.Sprintf("%04d-12-31", file.Year)) {
		return nil, BadField("days", "incomplete", fmt.Sprintf("文件中没有 %d 年当年的放假日，无法作为该年的放假安排。", file.Year))
	}
	return days, nil
}

// inNotice reports whether the notice of the year may name the day.
func inNotice(d Date, year int) bool {
	t := d.Start()
	switch t.Year() {
	case year:
		return true
	case year - 1:
		return t.Month() == time.December
	case year + 1:
		return t.Month() == time.January
	}
	return false
}
