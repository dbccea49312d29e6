package model

import (
	"regexp"
	"strings"
	"unicode"
)

// docNumber takes a document number (发文字号) apart: who issued it, the year, the number. The standard for official documents wants the year in
// 〔〕, neither 第 before the number nor zeroes in front of it; people write all of that.
var docNumber = regexp.MustCompile(`^(.*[^\[\]0-9第])\[([0-9]{4})\]第?0*([1-9][0-9]*)号$`)

// NormalDocNo writes a document number as the standard does, 中发〔2026〕8号; what has another form stays as it was written, on one line.
func NormalDocNo(s string) string {
	s = FoldWidth(SingleLine(s))
	if m := docNumber.FindStringSubmatch(evenBrackets(s)); m != nil {
		return m[1] + "〔" + m[2] + "〕" + m[3] + "号"
	}
	return s
}

// DocKey brings a document number to one spelling: 中发〔2026〕8号, 中发[2026]8 号 and 中发(2026)第08号 are the same document.
func DocKey(s string) string { return evenBrackets(FoldText(NormalDocNo(s))) }

// evenBrackets leaves blanks out and writes every bracket as a square one.
func evenBrackets(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("〔［【（[(", r):
			return '['
		case strings.ContainsRune("〕］】）])", r):
			return ']'
		case unicode.IsSpace(r):
			return -1
		}
		return r
	}, s)
}
