package model

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const ellipsis = "…"

// DefaultReadingSpeed is how many characters an adult reads in a minute.
const DefaultReadingSpeed = 400

// CountChars counts what is read: letters, Chinese characters and digits, not blanks, marks and punctuation.
func CountChars(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			n++
		}
	}
	return n
}

// ReadingMinutes is the time to read so many characters, rounded up, at least a minute. A speed of zero or less is the default's.
func ReadingMinutes(chars, perMinute int) int {
	if perMinute <= 0 {
		perMinute = DefaultReadingSpeed
	}
	if chars <= perMinute {
		return 1
	}
	return (chars-1)/perMinute + 1
}

// CleanText makes text from outside safe to keep: valid UTF-8, without control characters, bidirectional overrides and invisible
// marks that make text look like another, newlines as \n, no blanks around it.
func CleanText(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029':
			return '\n'
		case unicode.IsControl(r), invisible(r):
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// invisible marks are dropped; the joiners U+200C and U+200D stay, because emoji and some scripts are written with them.
func invisible(r rune) bool {
	switch {
	case r == '\u00ad', r == '\u061c', r == '\u180e', r == '\ufeff':
		return true
	case r == '\u200b', r == '\u200e', r == '\u200f':
		return true
	case r >= '\u202a' && r <= '\u202e', r >= '\u2060' && r <= '\u206f':
		return true
	case r >= '\ufff9' && r <= '\ufffb', r&0xfffe == 0xfffe:
		return true
	}
	return false
}

// SingleLine is CleanText on one line, each run of blanks and newlines one space.
func SingleLine(s string) string { return strings.Join(strings.Fields(CleanText(s)), " ") }

// CutRunes shortens s to at most n characters, the ellipsis counted, which stands where something was cut.
func CutRunes(s string, n int) string {
	if n <= 0 {
		return ""
	}
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	rs := []rune(s)
	return strings.TrimRightFunc(string(rs[:wholeCut(rs, n-1)]), unicode.IsSpace) + ellipsis
}

// wholeCut moves a cut at n back to where it parts no composed character: an accent, a joined emoji.
func wholeCut(rs []rune, n int) int {
	for i := n; i > 0 && i > n-12; i-- {
		if i == len(rs) || !(joins(rs[i]) || rs[i-1] == '\u200d') {
			return i
		}
	}
	return n
}

func joins(r rune) bool {
	return r == '\u200d' || unicode.Is(unicode.M, r) || (r >= 0x1f3fb && r <= 0x1f3ff)
}

const (
	sentenceEnds = "。！？!?；;…"
	clauseEnds   = "，,、：:—"
	closingMarks = "”’」』）)》】\"'"
)

// MakeDigest is the beginning of the text on one line, at most max characters with the ellipsis. It ends after a whole sentence where
// that leaves at least a third of the room used, else after a clause, else where the room ends; it has an ellipsis if anything was cut.
func MakeDigest(text string, max int) string {
	s := SingleLine(text)
	if max <= 0 {
		return ""
	}
	rs := []rune(s)
	if len(rs) <= max {
		return s
	}
	room := max - 1
	if n := lastEnd(rs, room, isSentenceEnd); n*3 >= room && n > 0 {
		return strings.TrimSuffix(string(rs[:n]), ellipsis) + ellipsis
	}
	if n := lastEnd(rs, room, isClauseEnd); n*3 >= room && n > 0 {
		return strings.TrimRight(string(rs[:n]), clauseEnds+" ") + ellipsis
	}
	return CutRunes(s, max)
}

// lastEnd is how many runes lead up to and with the last end within room, closing quotes after it included where they fit; 0 for none.
func lastEnd(rs []rune, room int, isEnd func([]rune, int) bool) int {
	for i := room - 1; i >= 0; i-- {
		if !isEnd(rs, i) {
			continue
		}
		n := i + 1
		for n < room && strings.ContainsRune(closingMarks, rs[n]) {
			n++
		}
		return n
	}
	return 0
}

// isSentenceEnd takes a full stop for an end only before a blank, so that numbers and addresses stay whole.
func isSentenceEnd(rs []rune, i int) bool {
	return strings.ContainsRune(sentenceEnds, rs[i]) || (rs[i] == '.' && i+1 < len(rs) && rs[i+1] == ' ')
}

func isClauseEnd(rs []rune, i int) bool {
	if !strings.ContainsRune(clauseEnds, rs[i]) {
		return false
	}
	return rs[i] > unicode.MaxASCII || (i+1 < len(rs) && rs[i+1] == ' ')
}
