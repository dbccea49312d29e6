package wechat

import (
	"strings"
	"unicode"

	"zhibu/model"
)

// None stands where a value is empty, because WeChat refuses a whole message for one empty field.
const None = "无"

// fit brings a cleaned, non-empty value into the limits of one type.
type fit func(s string) (string, bool)

// fits is one row for each of WeChat's field types: how to fit a value, and what stands for an empty one.
var fits = map[string]struct {
	fit   fit
	empty string
}{
	"thing":            {fitThing, None},
	"number":           {fitNumber, "0"},
	"letter":           {fitLetter, "None"},
	"symbol":           {fitSymbol, "-"},
	"character_string": {fitCharacters, "-"},
	"time":             {fitTime, ""},
	"date":             {fitDate, ""},
	"amount":           {fitAmount, "0元"},
	"phone_number":     {fitPhone, "-"},
	"car_number":       {fitPlate, noPlate},
	"name":             {fitName, None},
	"phrase":           {fitPhrase, None},
	// The free fields of the service account's older templates.
	"first": {fitFree, None}, "keyword": {fitFree, None}, "remark": {fitFree, None},
}

// Fit brings a value into the limits of the WeChat field that key names by its letters: thing1, time2, phrase3.
//
// The text it returns is always legal, or empty when no legal one exists (a time that is none, a number too long): then the message
// cannot be sent. It reports false when the text is empty, or legal at the price of its meaning (Chinese dropped from a
// character_string); shortening with an ellipsis and a placeholder for an empty value are not such a price.
// An enumerated field needs its list: use FitAmong. A type that is not known is treated like thing, and reported.
func Fit(key, value string) (string, bool) {
	kind := strings.ToLower(strings.TrimRight(key, "0123456789"))
	value = oneLine(value)
	row, ok := fits[kind]
	if !ok {
		// enum, enum_string and their like take nothing but what their list says.
		if strings.HasPrefix(kind, "enum") || kind == "const" || value == "" {
			return "", false
		}
		s, _ := fitThing(value)
		return s, false
	}
	if value == "" {
		return row.empty, row.empty != ""
	}
	return row.fit(value)
}

// FitAmong is Fit for a key whose template lists the values it may take, as Template.Enums has them; without a list it is Fit.
//
// The text it returns stands in the list, or is empty when none of it will do. It takes the value itself, what Fit makes of it, and the part
// of it before the first mark ("已受理，正在办理"); it never searches within words, where 不通过 would become 通过. What the list says of all
// the rest (其他), or its only value, is taken at the price of the meaning, and reported.
func FitAmong(key, value string, list []string) (string, bool) {
	if len(list) == 0 {
		return Fit(key, value)
	}
	value = oneLine(value)
	head := value
	if i := strings.IndexFunc(value, separates); i > 0 {
		head = value[:i]
	}
	tries := []string{value, head}
	if fitted, ok := Fit(key, value); ok {
		tries = append(tries, fitted)
	}
	for _, t := range tries {
		if v, ok := FitEnum(list, t); ok {
			return v, true
		}
	}
	for _, rest := range []string{"其他", "其它"} {
		if v, ok := FitEnum(list, rest); ok {
			return v, false
		}
	}
	if len(list) == 1 {
		return list[0], false
	}
	return "", false
}

// FitEnum finds the value in a template's list, blanks and width aside.
func FitEnum(list []string, value string) (string, bool) {
	want := model.FoldWidth(oneLine(value))
	for _, v := range list {
		if want != "" && model.FoldWidth(oneLine(v)) == want {
			return v, true
		}
	}
	return "", false
}

// oneLine drops what no field may hold, control and invisible characters, and makes each run of blanks one space.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == unicode.ReplacementChar, unicode.In(r, unicode.Cf, unicode.Co, unicode.Cs), r >= 0xfe00 && r <= 0xfe0f:
			return -1
		case unicode.IsControl(r), unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// units counts UTF-16 units: how WeChat counts an emoji is not documented, and this is the stricter count.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += width(r)
	}
	return n
}

func fitThing(s string) (string, bool) { return shorten(s, 20), true }

func fitFree(s string) (string, bool) { return shorten(s, 200), true }

const ellipsis = "…"

// shorten cuts at a sensible place and says so with an ellipsis that counts.
func shorten(s string, limit int) string {
	if units(s) <= limit {
		return s
	}
	runes := []rune(s)
	end, size := 0, 0
	for size+width(runes[end]) <= limit-1 {
		size += width(runes[end])
		end++
	}
	kept := strings.TrimRightFunc(string(runes[:seam(runes, end)]), dangling)
	if kept == "" {
		kept = string(runes[:end])
	}
	return kept + ellipsis
}

// seam moves a cut back, by a quarter of the text at most, to just beside a mark or blank, else out of a Latin word or number, and
// never between a letter and its accent or within a flag.
func seam(runes []rune, end int) int {
	cut, least := end, end-max(end/4, 1)
	for i := end; i >= least && i > 0; i-- {
		if separates(runes[i]) || separates(runes[i-1]) {
			cut = i
			break
		}
		if cut == end && latin(runes[end]) && latin(runes[i]) && !latin(runes[i-1]) {
			cut = i // a mark further back would be better still
		}
	}
	for cut > 1 && unicode.In(runes[cut], unicode.M, unicode.Sk) {
		cut--
	}
	flags := 0
	for i := cut - 1; i >= 0 && flag(runes[i]); i-- {
		flags++
	}
	if flags%2 == 1 && cut > 1 && flag(runes[cut]) {
		cut--
	}
	return cut
}

func separates(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune("，。；：、！？,;:!?）》」】)]}（《「【([{", r)
}

// dangling is what looks wrong before an ellipsis.
func dangling(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune("，。；：、！？,;:!?（《“「【([{—-·…", r)
}

func latin(r rune) bool {
	return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

func flag(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }

func han(r rune) bool { return unicode.Is(unicode.Han, r) }

// keep drops what the test refuses and tells whether nothing was dropped.
func keep(s string, allowed func(rune) bool) (string, bool) {
	whole := true
	s = strings.Map(func(r rune) rune {
		if !allowed(r) {
			whole = false
			return -1
		}
		return r
	}, s)
	return s, whole
}

// instead gives a placeholder for a value of which nothing is left.
func instead(s, placeholder string, ok bool) (string, bool) {
	if s == "" {
		return placeholder, false
	}
	return s, ok
}
