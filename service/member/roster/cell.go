package roster

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"zhibu/model"
)

// cellKind is what a cell holds, as far as a roster cares.
type cellKind uint8

const (
	blank cellKind = iota
	text
	number
	formula  // or the error value of one; never its text
	identity // an identity-card number; never its text
)

// cell is one value of a line. A formula or an identity number has no text, so that it cannot leak.
type cell struct {
	kind    cellKind
	text    string
	carried bool // belongs to a vertically merged cell that began in an earlier row
}

// textCell makes a cell of a text and forgets the text when it holds an identity number.
func textCell(s string) cell {
	switch {
	case strings.TrimSpace(s) == "":
		return cell{}
	case holdsIdentity(s):
		return cell{kind: identity}
	}
	return cell{kind: text, text: s}
}

// numberCell makes a cell of a number as files write it, such as 1.391E10, in plain digits.
func numberCell(raw string) cell {
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) || math.Abs(f) >= 1e19 {
		return textCell(raw)
	}
	if !allDigits(raw) {
		raw = strconv.FormatFloat(f, 'f', -1, 64)
	}
	c := textCell(raw)
	if c.kind == text {
		c.kind = number
	}
	return c
}

func allDigits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}

var (
	identityInside = regexp.MustCompile(`(?:^|[^0-9])[1-9]\d{16}[\dXx](?:[^0-9]|$)`)
	identityWhole  = regexp.MustCompile(`^[1-9]\d{16}[\dXx]$`)
	// The number of fifteen digits, before 1999, is only known by the date inside it.
	identityOld = regexp.MustCompile(`^[1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}$`)
)

// holdsIdentity reports whether s is or holds a number of China's identity cards, also full-width or written in groups.
func holdsIdentity(s string) bool {
	digits := 0
	for _, r := range s {
		if r >= '0' && r <= '9' || r >= '０' && r <= '９' {
			digits++
		}
	}
	if digits < 15 {
		return false
	}
	s = model.FoldWidth(s)
	if identityInside.MatchString(s) {
		return true
	}
	joined := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '-' || r == '\'' {
			return -1
		}
		return r
	}, s)
	return identityWhole.MatchString(joined) || identityOld.MatchString(joined)
}

// squeeze takes out the spaces with which short words are stretched to the width of a column, as in 姓 名; those beside
// Latin letters stay.
func squeeze(s string) string {
	runes := []rune(model.SingleLine(s))
	out := make([]rune, 0, len(runes))
	for i, r := range runes {
		if r == ' ' && (runes[i-1] > unicode.MaxLatin1 || runes[i+1] > unicode.MaxLatin1) {
			continue
		}
		out = append(out, r)
	}
	return string(out)
}

var longDigits = regexp.MustCompile(`\d{5,}`)

// shown makes a piece of the sheet fit to stand in a sentence: short, and without any long number.
func shown(s string) string {
	s = longDigits.ReplaceAllString(model.SingleLine(model.FoldWidth(s)), "…")
	if r := []rune(s); len(r) > 20 {
		s = string(r[:20]) + "…"
	}
	return s
}
