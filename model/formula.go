package model

import (
	"strings"
	"unicode/utf8"
)

// RunsAsFormula reports whether a spreadsheet would run s when it is opened from a .csv, where text and formula look alike. Full-width signs are
// read as the plain ones.
func RunsAsFormula(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return s != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", first)
}

// PlainCell marks a value that would run as a formula, with an apostrophe before it, as spreadsheets themselves mark text.
func PlainCell(s string) string {
	if RunsAsFormula(s) {
		return "'" + s
	}
	return s
}

// UnmarkCell takes the mark of PlainCell off again.
func UnmarkCell(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && RunsAsFormula(rest) {
		return rest
	}
	return s
}
