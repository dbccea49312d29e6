package standin

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// The forms of the fields that have one. Clock and day are the parts of time and date.
var (
	numberForm = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?$`)
	letterForm = regexp.MustCompile(`^[A-Za-z]+$`)
	amountForm = regexp.MustCompile(`^[¥￥$€£]?[0-9]{1,10}(\.[0-9]+)?元?$`)
	carForm    = regexp.MustCompile(`^[\p{Han}A-Za-z0-9][A-Za-z0-9]*[\p{Han}A-Za-z0-9]$`)
	clockForm  = regexp.MustCompile(`^([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?$`)
	dayForms   = []*regexp.Regexp{
		regexp.MustCompile(`^(?P<y>[0-9]{4})年(?P<m>[0-9]{1,2})月(?P<d>[0-9]{1,2})日`),
		regexp.MustCompile(`^(?P<y>[0-9]{4})年(?P<m>[0-9]{1,2})月`),
		regexp.MustCompile(`^(?P<m>[0-9]{1,2})月(?P<d>[0-9]{1,2})日`),
		regexp.MustCompile(`^(?P<y>[0-9]{4})[-/.](?P<m>[0-9]{1,2})[-/.](?P<d>[0-9]{1,2})`),
		regexp.MustCompile(`^(?P<y>[0-9]{4})[-/.](?P<m>[0-9]{1,2})`),
	}
)

// width counts characters as UTF-16 units: how WeChat counts an emoji is not known, and two is the stricter reading.
func width(s string) int { return len(utf16.Encode([]rune(s))) }

// FieldFits reports whether WeChat takes a value for a template field of a type such as "thing" or "time".
// Enum values are checked against their own list elsewhere.
func FieldFits(typ, value string) bool {
	if value == "" || strings.ContainsFunc(value, unicode.IsControl) || strings.ContainsAny(value, "\u2028\u2029") {
		return false
	}
	n := width(value)
	switch typ {
	case "number":
		return numberForm.MatchString(value) && digits(value) <= 32
	case "letter":
		return n <= 32 && letterForm.MatchString(value)
	case "symbol":
		return n <= 5 && every(value, isSymbol)
	case "character_string":
		return n <= 32 && every(value, func(r rune) bool { return isASCIIWord(r) || isSymbol(r) })
	case "time":
		return eachEnd(value, isTime)
	case "date":
		return eachEnd(value, isDate)
	case "amount":
		return amountForm.MatchString(value)
	case "phone_number":
		return n <= 17 && every(value, func(r rune) bool { return r >= '0' && r <= '9' || isSymbol(r) })
	case "car_number":
		return n <= 8 && carForm.MatchString(value)
	case "name":
		return isName(value)
	case "phrase":
		return n <= 5 && every(value, isHan)
	}
	// thing, and the types of which no rule is published (const, short_thing).
	return n <= 20
}

func isHan(r rune) bool       { return unicode.Is(unicode.Han, r) }
func isASCIIWord(r rune) bool { return r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// isSymbol is a common symbol: neither Chinese, letter, digit nor control character.
func isSymbol(r rune) bool { return unicode.IsPunct(r) || unicode.IsSymbol(r) || r == ' ' }

func every(s string, ok func(rune) bool) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !ok(r) })
}

func digits(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// isName is at most 10 Chinese characters, or 20 letters and symbols; a mixture counts as Chinese.
func isName(s string) bool {
	if !every(s, func(r rune) bool { return unicode.IsLetter(r) || isSymbol(r) }) {
		return false
	}
	if strings.ContainsFunc(s, isHan) {
		return width(s) <= 10
	}
	return width(s) <= 20
}

// eachEnd checks one value, or both ends of a range joined by the half-width "~". The full-width one is refused.
func eachEnd(s string, ok func(string) bool) bool {
	ends := strings.Split(s, "~")
	return len(ends) <= 2 && !slices.ContainsFunc(ends, func(e string) bool { return !ok(strings.TrimSpace(e)) })
}

func isClock(s string) bool {
	m := clockForm.FindStringSubmatch(s)
	return m != nil && upTo(m[1], 23) && upTo(m[2], 59) && (m[3] == "" || upTo(m[3], 59))
}

func upTo(s string, most int) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n <= most
}

// day takes the day off the front of s, by one of the given forms.
func day(s string, forms []*regexp.Regexp) (rest string, ok bool) {
	for _, f := range forms {
		m := f.FindStringSubmatch(s)
		if m == nil {
			continue
		}
		good := true
		for i, name := range f.SubexpNames() {
			n, _ := strconv.Atoi(m[i])
			if name == "m" && (n < 1 || n > 12) || name == "d" && (n < 1 || n > 31) {
				good = false
			}
		}
		if good {
			return strings.TrimSpace(s[len(m[0]):]), true
		}
	}
	return s, false
}

// isTime is a clock time, after y年m月d日 or alone.
func isTime(s string) bool {
	rest, _ := day(s, dayForms[:1])
	return isClock(rest)
}

// isDate is a day, with a clock time after it or not.
func isDate(s string) bool {
	rest, ok := day(s, dayForms)
	return ok && (rest == "" || isClock(rest))
}

// dataFault checks a message's data against the template and gives WeChat's own text for the first fault.
func (s *Server) dataFault(t Template, data map[string]dataValue) string {
	for _, k := range t.Keys() {
		v, ok := data[k.Name]
		switch {
		case !ok || v.missing:
			return "argument invalid! data." + k.Name + ".value"
		case v.text == "" && !v.wrong:
			if s.quirks.OldEmptySpelling {
				return "argument invalid! data." + k.Name + ".value is emtpy"
			}
			return "argument invalid! data." + k.Name + ".value is empty"
		case v.wrong || !fits(t, k, v.text):
			return "argument invalid! data." + k.Name + ".value invalid"
		}
	}
	return ""
}

// fits is FieldFits with the template's own list for an enum.
func fits(t Template, k Key, value string) bool {
	if strings.HasPrefix(k.Type, "enum") {
		return slices.Contains(t.Enums[k.Name], value)
	}
	return FieldFits(k.Type, value)
}
