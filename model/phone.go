package model

import (
	"regexp"
	"strings"
)

var (
	mobilePattern = regexp.MustCompile(`^1[3-9][0-9]{9}$`)
	// An exponent form is taken only with at least eight digits: "1.39E+10" is a rounded picture of a number whose digits are lost,
	// while programs that write a cell's exact value merely drop the zeros at the end.
	exponentPattern = regexp.MustCompile(`^([1-9])\.([0-9]{7,10})[eE]\+?10$`)
	zeroFraction    = regexp.MustCompile(`^([0-9]+)\.0+$`)
)

// phoneNoise are the marks people put between the digits, and those a spreadsheet puts before them.
const phoneNoise = " \t\r\n\u00a0\u2007\u202f\u200b\u200c\u200d\u2060\ufeff\u202a\u202b\u202c\u202d\u202e" +
	"-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc()'’‘`"

// longestPhoneText bounds what is looked at: nothing longer is one phone number.
const longestPhoneText = 64

// NormalizePhone brings a mainland mobile number to its eleven digits: full-width forms, blanks, hyphens, brackets, the prefixes
// +86, 0086 and 86, and numbers that a spreadsheet kept as a number (13800138000.0, 1.3800138E+10) are understood.
// It reports false for everything else, among it exponents too short to hold every digit.
func NormalizePhone(s string) (string, bool) {
	if len(s) > longestPhoneText {
		return "", false
	}
	s = strings.Map(func(r rune) rune {
		if r = foldWidth(r); strings.ContainsRune(phoneNoise, r) {
			return -1
		}
		return r
	}, s)
	if m := exponentPattern.FindStringSubmatch(s); m != nil {
		s = m[1] + m[2] + strings.Repeat("0", 10-len(m[2]))
	}
	if m := zeroFraction.FindStringSubmatch(s); m != nil {
		s = m[1]
	}
	for _, prefix := range []string{"+86", "0086", "86"} {
		if rest, ok := strings.CutPrefix(s, prefix); ok {
			s = rest
			break
		}
	}
	if !mobilePattern.MatchString(s) {
		return "", false
	}
	return s, true
}

// MaskPhone shows a number as 138****8000. What is no normalised number shows nothing of itself; no number stays empty.
func MaskPhone(phone string) string {
	if phone == "" {
		return ""
	}
	if !mobilePattern.MatchString(phone) {
		return "****"
	}
	return phone[:3] + "****" + phone[7:]
}
