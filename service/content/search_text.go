package content

import (
	"html"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"zhibu/model"
)

const (
	snippetLen = 80
	snippetRun = 16 // characters before the first hit
)

// queryTerms are the terms to look up; of a sentence some from everywhere.
func queryTerms(query string) []string {
	all := model.QueryTerms(query)
	if len(all) <= maxTerms {
		return all
	}
	some := make([]string, maxTerms)
	for i := range some {
		some[i] = all[i*len(all)/maxTerms]
	}
	return some
}

// queryWords are the parts between blanks that a text must hold, folded, without punctuation.
func queryWords(query string) [][]rune {
	var words [][]rune
	for _, part := range strings.Fields(model.FoldText(model.CleanText(query))) {
		if w := fold(part); len(w) > 0 {
			words = append(words, w)
		}
	}
	return words
}

// fold is a text as it is compared: letters and digits only.
func fold(s string) []rune {
	var rs []rune
	for _, r := range s {
		if f := compared(r); f != 0 {
			rs = append(rs, f)
		}
	}
	return rs
}

// compared is a character as it is compared, 0 for what does not count. Every search asks it of some ten thousand characters, most of them Chinese:
// these and the usual punctuation are told apart before Unicode's tables are asked.
func compared(r rune) rune {
	switch {
	case r >= 0x4e00 && r < 0xa000:
		return model.FoldRune(r)
	case r < 0x80:
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return 0
	case r == '，', r == '。', r == '、', r >= 0x2010 && r <= 0x2027:
		return 0
	}
	if f := model.FoldRune(r); unicode.IsLetter(f) || unicode.IsNumber(f) || unicode.Is(unicode.M, f) {
		return f
	}
	return 0
}

// find is the first place where a word stands in a text, of those that begin in [from, until), in bytes; start is -1 where there is none.
func find(s string, word []rune, from, until int) (start, end int) {
	first := word[0]
	for i := from; i < until; {
		r, n := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		if compared(r) == first {
			if end := follows(s, word[1:], i+n); end >= 0 {
				return i, end
			}
		}
		i += n
	}
	return -1, -1
}

// follows is where the rest of a word ends that goes on at i, or -1. Punctuation between its characters is passed over.
func follows(s string, rest []rune, i int) int {
	for len(rest) > 0 {
		if i >= len(s) {
			return -1
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch compared(r) {
		case rest[0]:
			rest = rest[1:]
		case 0:
		default:
			return -1
		}
	}
	return i
}

// place is where the first of the words sought stands: in which text, and at which byte of it.
type place struct {
	text  string
	first int
}

// locate verifies that every word stands in one of the texts, and finds the first place in the first text that holds any.
func locate(fields []string, words [][]rune) (at place, ok bool) {
	at.first = -1
	have := make([]bool, len(words))
	for _, text := range fields {
		found, first := false, 0
		for k, w := range words {
			if at.first >= 0 && have[k] {
				continue
			}
			start, _ := find(text, w, 0, len(text))
			if start < 0 {
				continue
			}
			have[k] = true
			if !found || start < first {
				found, first = true, start
			}
		}
		if found && at.first < 0 {
			at = place{text, first}
		}
		if !slices.Contains(have, false) {
			return at, true
		}
	}
	return at, false
}

// marked is the piece of the text around the place, with every word in it marked; "" where there is no place.
func (p place) marked(words [][]rune) string {
	if p.first < 0 {
		return ""
	}
	from := p.first
	for range snippetRun {
		_, n := utf8.DecodeLastRuneInString(p.text[:from])
		from -= n
	}
	to := from
	for range snippetLen {
		_, n := utf8.DecodeRuneInString(p.text[to:])
		to += n
	}
	hit := make([]bool, to-from)
	for _, w := range words {
		for start, end := find(p.text, w, p.first, to); start >= 0; start, end = find(p.text, w, start+1, to) {
			for i := start; i < min(end, to); i++ {
				hit[i-from] = true
			}
		}
	}
	return emphasise(p.text, hit, from, to)
}

func emphasise(text string, hit []bool, from, to int) string {
	var b strings.Builder
	if from > 0 {
		b.WriteString("…")
	}
	for i := from; i < to; {
		j := i
		for j < to && hit[j-from] == hit[i-from] {
			j++
		}
		part := html.EscapeString(strings.ReplaceAll(text[i:j], "\n", " "))
		if hit[i-from] {
			part = "<em>" + part + "</em>"
		}
		b.WriteString(part)
		i = j
	}
	if to < len(text) {
		b.WriteString("…")
	}
	return b.String()
}
