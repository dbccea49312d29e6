package model

import (
	"strings"
	"unicode"
)

// longestTerm bounds a word of the search index; longer ones are found by their beginning.
const longestTerm = 32

// foldWidth maps the full-width forms of ASCII, and the ideographic space, to ASCII.
func foldWidth(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		return r - '！' + '!'
	case r == '\u3000':
		return ' '
	}
	return r
}

// FoldText brings text to the form in which it is searched: ASCII for full-width forms, lower case, simplified for traditional characters.
// It keeps the number of runes, so that a hit in the folded text is at the same place in the original.
func FoldText(s string) string {
	rs := []rune(s)
	for i, r := range rs {
		rs[i] = FoldRune(r)
	}
	return string(rs)
}

// FoldRune is FoldText of one character. Most that it is asked for are Chinese, which have neither case nor width.
func FoldRune(r rune) rune {
	if r >= 0x4e00 && r < afterFolded {
		return simplify(r)
	}
	return simplify(unicode.ToLower(foldWidth(r)))
}

// FoldName brings a person's name to one spelling: no blanks inside (those between two Latin words stay, as one),
// ASCII for full-width forms, and every middle dot of minority and foreign names written ·.
func FoldName(s string) string {
	rs := dropNameBlanks([]rune(FoldWidth(SingleLine(s))))
	for i, r := range rs {
		inner := i > 0 && i+1 < len(rs)
		if strings.ContainsRune("·•・･‧∙⋅●", r) || (r == '.' && inner && isHan(rs[i-1]) && isHan(rs[i+1])) {
			rs[i] = '·'
		}
	}
	return string(rs)
}

func dropNameBlanks(rs []rune) []rune {
	kept := make([]rune, 0, len(rs))
	for i, r := range rs {
		switch {
		case r == '\u200c' || r == '\u200d':
		case unicode.IsSpace(r):
			if i > 0 && i+1 < len(rs) && isLatin(rs[i-1]) && isLatin(rs[i+1]) {
				kept = append(kept, ' ')
			}
		default:
			kept = append(kept, r)
		}
	}
	return kept
}

// FoldWidth writes full-width ASCII forms as ASCII and leaves the case alone. Runs of blanks stay as they are.
func FoldWidth(s string) string { return strings.Map(foldWidth, s) }

// Bigrams are the terms under which a text is found: each Chinese character, each pair of neighbours, each other word, folded, each once,
// in the order of their first appearance. Punctuation parts words and pairs.
func Bigrams(text string) []string { return terms(text, true) }

// QueryTerms are the terms to look for: as Bigrams, but a run of Chinese characters gives its pairs only, and a lone one itself.
// A text that holds the query, its Latin words whole, has them all; the reverse has to be verified on the text.
func QueryTerms(query string) []string { return terms(query, false) }

func terms(text string, all bool) []string {
	var list []string
	seen := map[string]bool{}
	add := func(rs []rune) {
		if t := string(rs); !seen[t] {
			seen[t] = true
			list = append(list, t)
		}
	}
	rs := []rune(FoldText(CleanText(text)))
	for i := 0; i < len(rs); {
		j := i
		switch {
		case isIdeograph(rs[i]):
			for j < len(rs) && isIdeograph(rs[j]) {
				j++
			}
			for k := i; k < j; k++ {
				if all || j-i == 1 {
					add(rs[k : k+1])
				}
				if k+1 < j {
					add(rs[k : k+2])
				}
			}
		case isWordRune(rs[i]):
			for j < len(rs) && isWordRune(rs[j]) && !isIdeograph(rs[j]) {
				j++
			}
			add(rs[i:min(j, i+longestTerm)])
		default:
			j++
		}
		i = j
	}
	return list
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// isIdeograph holds for scripts written without blanks between words.
func isIdeograph(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul)
}

func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.M, r)
}

func isLatin(r rune) bool { return unicode.Is(unicode.Latin, r) || r == '.' }
