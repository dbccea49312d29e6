package wechat

import (
	"regexp"
	"strings"
	"unicode"

	"zhibu/model"
)

var (
	numberPattern = regexp.MustCompile(`^\d+(\.\d+)?$`)
	amountPattern = regexp.MustCompile(`^([¥$€£]?)(\d+)(\.\d+)?(元?)$`)
	platePattern  = regexp.MustCompile(`^(\p{Han}|[A-Z0-9])[A-Z0-9]{0,6}(\p{Han}|[A-Z0-9])$`)
	// toASCII are the marks for which a field without Chinese has its own.
	toASCII = strings.NewReplacer("。", ".", "、", ",", "《", "<", "》", ">", "“", "\"", "”", "\"", "‘", "'", "’", "'",
		"—", "-", "–", "-", "…", "...", "·", ".", "￥", "¥", "【", "[", "】", "]", "〜", "~")
	// numerals spell digits where WeChat allows letters only.
	numerals = strings.NewReplacer("0", "〇", "1", "一", "2", "二", "3", "三", "4", "四", "5", "五", "6", "六", "7", "七", "8", "八", "9", "九")
)

// noPlate is legal where only the first and the last character may be Chinese.
const noPlate = "无牌"

// fitNumber takes a plain number; one that is too long loses decimals, never digits before the point.
func fitNumber(s string) (string, bool) {
	s = strings.NewReplacer(" ", "", ",", "", "+", "").Replace(model.FoldWidth(s))
	if !numberPattern.MatchString(s) {
		return "", false
	}
	whole, decimals, _ := strings.Cut(s, ".")
	if len(whole) > 32 {
		return "", false
	}
	decimals = decimals[:min(len(decimals), 32-len(whole))]
	if decimals == "" {
		return whole, true
	}
	return whole + "." + decimals, true
}

func fitLetter(s string) (string, bool) {
	s = strings.ReplaceAll(model.FoldWidth(s), " ", "")
	s, ok := keep(s, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
	return instead(s[:min(len(s), 32)], "None", ok)
}

func fitSymbol(s string) (string, bool) {
	s, ok := keep(strings.ReplaceAll(s, " ", ""), func(r rune) bool { return width(r) == 1 && (unicode.IsPunct(r) || unicode.IsSymbol(r)) })
	runes := []rune(s)
	return instead(string(runes[:min(len(runes), 5)]), "-", ok)
}

// fitCharacters is for codes and numbers of meetings: blanks become hyphens, as people write them.
func fitCharacters(s string) (string, bool) {
	s = strings.ReplaceAll(toASCII.Replace(model.FoldWidth(s)), " ", "-")
	s, ok := keep(s, func(r rune) bool { return r > ' ' && r <= '~' })
	if len(s) > 32 {
		s = s[:29] + "..."
	}
	return instead(s, "-", ok)
}

func fitPhone(s string) (string, bool) {
	s = strings.NewReplacer(" ", "-", "转", "-").Replace(toASCII.Replace(model.FoldWidth(s)))
	s, ok := keep(s, func(r rune) bool { return r >= '0' && r <= '9' || strings.ContainsRune("+-()*#", r) })
	for strings.Contains(s, "--") {
		s = strings.ReplaceAll(s, "--", "-")
	}
	if len(s) > 17 {
		s = strings.ReplaceAll(s, "-", "")
	}
	if len(s) > 17 {
		return "-", false // half a number calls somebody else
	}
	return instead(s, "-", ok)
}

// fitAmount allows ten digits in all; decimals give way first.
func fitAmount(s string) (string, bool) {
	s = strings.NewReplacer(" ", "", ",", "", "￥", "¥").Replace(model.FoldWidth(s))
	m := amountPattern.FindStringSubmatch(s)
	if m == nil || len(m[2]) > 10 {
		return "", false
	}
	decimals := m[3]
	if room := min(10-len(m[2]), 2); len(decimals) > room+1 {
		decimals = decimals[:room+1]
	}
	return m[1] + m[2] + strings.TrimSuffix(decimals, ".") + m[4], true
}

func fitPlate(s string) (string, bool) {
	s = strings.ToUpper(strings.NewReplacer(" ", "", "·", "", "-", "", "•", "").Replace(model.FoldWidth(s)))
	if !platePattern.MatchString(s) || units(s) > 8 {
		return noPlate, false
	}
	return s, true
}

// fitName allows ten characters as soon as one is Chinese, else twenty. Digits are not for names, so they are spelt.
func fitName(s string) (string, bool) {
	s = numerals.Replace(model.FoldWidth(s))
	chinese := strings.ContainsFunc(s, han)
	blank, limit := "·", 20
	if chinese {
		blank, limit = "", 10
	}
	s = strings.ReplaceAll(s, " ", blank)
	s, ok := keep(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsPunct(r) || unicode.IsSymbol(r) })
	if s == "" {
		return None, false
	}
	// A letter of another script is counted like a Chinese one, to be safe.
	if strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxLatin1 }) {
		limit = 10
	}
	return shorten(s, limit), ok
}

// fitPhrase keeps Chinese only; marks may go unnoticed, letters may not.
func fitPhrase(s string) (string, bool) {
	s, _ = keep(numerals.Replace(model.FoldWidth(s)), func(r rune) bool { return !unicode.IsPunct(r) && !unicode.IsSpace(r) })
	s, ok := keep(s, han)
	kept, size := "", 0
	for _, r := range s {
		if size += width(r); size > 5 {
			break
		}
		kept += string(r)
	}
	return instead(kept, None, ok)
}
