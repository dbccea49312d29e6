package roster

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"zhibu/model"
)

var (
	dateParts  = regexp.MustCompile(`^(\d{4})\s*[-./年。、‐–—]\s*(\d{1,2})(?:\s*[-./月。、‐–—]\s*(\d{1,2})?\s*[日号]?)?(?:[T ]\s*\d{1,2}:\d{2}.*)?$`)
	datePacked = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})?$`)
	dateSerial = regexp.MustCompile(`^(\d{4,5})(?:\.\d+)?$`)
	// The number 2003.1 is January, or October whose zero the spreadsheet dropped.
	monthLost = regexp.MustCompile(`^\d{4}\.1$`)
)

// The Party was founded in 1921; what is later than this century is a slip.
const (
	firstYear = 1921
	lastYear  = 2100
)

// dates reads days as people write them and as spreadsheets keep them. The base depends on the workbook.
type dates struct{ since1904 bool }

// parse understands 2011/5/4, 2015-07-01, 2015.7.1, 2015年7月1日, 20150701, the same without a day (the first of the month is
// taken), and the spreadsheet's day numbers. A year alone is too little.
func (d dates) parse(c cell) (model.Date, bool) {
	s := model.SingleLine(model.FoldWidth(c.text))
	if c.kind == number && monthLost.MatchString(s) {
		return "", false
	}
	if m := dateParts.FindStringSubmatch(s); m != nil {
		return civil(m[1], m[2], m[3])
	}
	if m := datePacked.FindStringSubmatch(s); m != nil {
		return civil(m[1], m[2], m[3])
	}
	if m := dateSerial.FindStringSubmatch(s); m != nil {
		return d.fromSerial(m[1])
	}
	return "", false
}

func civil(year, month, day string) (model.Date, bool) {
	if day == "" {
		day = "1"
	}
	y, _ := strconv.Atoi(year) // the pattern let digits through only
	m, _ := strconv.Atoi(month)
	n, _ := strconv.Atoi(day)
	date := model.Date(fmt.Sprintf("%04d-%02d-%02d", y, m, n))
	return date, y >= firstYear && y <= lastYear && date.Valid()
}

// fromSerial turns the spreadsheet's count of days into a date. Below the days of 1921 it is more likely a year.
func (d dates) fromSerial(days string) (model.Date, bool) {
	n, _ := strconv.Atoi(days)
	base := time.Date(1899, 12, 30, 0, 0, 0, 0, model.Zone)
	if d.since1904 {
		base = time.Date(1904, 1, 1, 0, 0, 0, 0, model.Zone)
	}
	if n >= 1900 && n <= lastYear {
		return "", false
	}
	t := base.AddDate(0, 0, n)
	return model.DateOf(t), t.Year() >= firstYear && t.Year() <= lastYear
}
