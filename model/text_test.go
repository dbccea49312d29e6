package model

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestCountChars(t *testing.T) {
	for in, want := range map[string]int{
		"": 0, " \n\u3000": 0, "党员大会": 4, "党员，大会。": 4, "COVID-19": 7, "2026年": 5, "，。！": 0, "é": 1, "e\u0301": 1, "👍": 0, "Ｈ": 1,
	} {
		if got := CountChars(in); got != want {
			t.Errorf("CountChars(%q) = %d, want %d", in, got, want)
		}
	}
}

func TestReadingMinutes(t *testing.T) {
	for _, c := range []struct{ chars, speed, want int }{
		{0, 400, 1}, {-5, 400, 1}, {1, 400, 1}, {400, 400, 1}, {401, 400, 2}, {800, 400, 2}, {801, 400, 3}, {801, 0, 3}, {801, -1, 3}, {10, 1, 10},
	} {
		if got := ReadingMinutes(c.chars, c.speed); got != c.want {
			t.Errorf("ReadingMinutes(%d, %d) = %d, want %d", c.chars, c.speed, got, c.want)
		}
	}
}

func TestCleanText(t *testing.T) {
	for in, want := range map[string]string{
		" 甲 ":                           "甲",
		"\u3000甲\u3000":                 "甲",
		"甲\r\n乙\r丙\n丁":                  "甲\n乙\n丙\n丁",
		"甲\u2028乙\u0085丙":               "甲\n乙\n丙",
		"甲\x00乙\x1b[31m丙\x7f\u009b":     "甲乙[31m丙",
		"甲\xff\xfe乙":                    "甲乙",
		"\xe5\x85":                      "",
		"甲\u202e乙\u2066丙\u200f":         "甲乙丙",
		"\ufeff甲\u200b乙\u00ad":          "甲乙",
		"a\tb":                          "a\tb",
		"👨\u200d⚕️":                     "👨\u200d⚕️",
		"\x00 甲":                        "甲",
		"甲\n\n乙":                        "甲\n\n乙",
		"\ufffe甲\U0001ffff":             "甲",
		"𠮷野家":                           "𠮷野家",
		"\u2066\u0000\u200b":            "",
		"<script>alert(1)</script> 甲\t": "<script>alert(1)</script> 甲",
	} {
		if got := CleanText(in); got != want {
			t.Errorf("CleanText(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSingleLine(t *testing.T) {
	for in, want := range map[string]string{"甲\r\n 乙\t\t丙 ": "甲 乙 丙", "甲\u3000\u3000乙": "甲 乙", "\n": "", "甲\u200b乙": "甲乙"} {
		if got := SingleLine(in); got != want {
			t.Errorf("SingleLine(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCutRunes(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{
		{"支部党员大会", 6, "支部党员大会"},
		{"支部党员大会", 5, "支部党员…"},
		{"支部党员大会", 1, "…"},
		{"支部党员大会", 0, ""},
		{"支部党员大会", -1, ""},
		{"", 3, ""},
		{"支部 党员", 4, "支部…"},             // no blank before the ellipsis
		{"abe\u0301def", 4, "ab…"},      // the accent stays with its letter
		{"a👨\u200d⚕\ufe0fb会议", 4, "a…"}, // a joined emoji is one character
		{"好👍\U0001f3fd的建议", 3, "好…"},    // a skin tone belongs to the hand
		{strings.Repeat("题", 60), 20, strings.Repeat("题", 19) + "…"},
	} {
		got := CutRunes(c.in, c.n)
		if got != c.want {
			t.Errorf("CutRunes(%q, %d) = %q, want %q", c.in, c.n, got, c.want)
		}
	}
}

func TestMakeDigest(t *testing.T) {
	long := "学会党委召开扩大会议。会议传达了上级精神，研究了分支机构党建工作，并部署了下一阶段任务。与会同志一致表示赞同。"
	for _, c := range []struct {
		name, in string
		max      int
		want     string
	}{
		{"short", "一句话。", 10, "一句话。"},
		{"just fits", "一句话。", 4, "一句话。"},
		{"whole sentence", long, 20, "学会党委召开扩大会议。…"},
		{"two sentences", long, 50, "学会党委召开扩大会议。会议传达了上级精神，研究了分支机构党建工作，并部署了下一阶段任务。…"},
		{"sentence too short, so a clause", "会议召开。会议传达了上级精神，研究了分支机构党建工作，并部署了下一阶段任务。", 30, "会议召开。会议传达了上级精神，研究了分支机构党建工作…"},
		{"a sentence leaves no room for the ellipsis", "一句话。第二", 4, "一句话…"},
		{"no end at all", strings.Repeat("党", 30), 10, strings.Repeat("党", 9) + "…"},
		{"only a clause", "研究部署重点工作，推动任务落实到位", 12, "研究部署重点工作…"},
		{"quotes stay closed", "他说：“我们一定办好这件事。”随后大家鼓掌通过了决议", 20, "他说：“我们一定办好这件事。”…"},
		{"a decimal point ends nothing", "The rate rose to 3.14159265 and so on for ever", 22, "The rate rose to 3.14…"},
		{"newlines become blanks", "第一行\n第二行", 20, "第一行 第二行"},
		{"one ellipsis", "想一想……再想一想，还有很多话要说", 8, "想一想……"},
		{"no room", long, 0, ""},
		{"room for the ellipsis", long, 1, "…"},
		{"empty", " \n", 10, ""},
	} {
		got := MakeDigest(c.in, c.max)
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestTextAlways(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[党员，。 a.…“”\n]{0,80}`),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "s")
		n := rapid.IntRange(-1, 40).Draw(t, "n")
		clean := CleanText(s)
		if !utf8.ValidString(clean) || CleanText(clean) != clean {
			t.Fatalf("CleanText is not clean: %q", clean)
		}
		if got := CutRunes(clean, n); utf8.RuneCountInString(got) > max(n, 0) {
			t.Fatalf("CutRunes(%q, %d) = %q", clean, n, got)
		}
		got := MakeDigest(s, n)
		if utf8.RuneCountInString(got) > max(n, 0) || strings.ContainsAny(got, "\n\r\x00") {
			t.Fatalf("MakeDigest(%q, %d) = %q", s, n, got)
		}
		if !strings.HasPrefix(SingleLine(s), strings.TrimSuffix(got, ellipsis)) {
			t.Fatalf("MakeDigest(%q, %d) = %q is no beginning", s, n, got)
		}
		if utf8.RuneCountInString(FoldText(clean)) != utf8.RuneCountInString(clean) {
			t.Fatalf("FoldText(%q) moves places", clean)
		}
		if FoldName(FoldName(s)) != FoldName(s) {
			t.Fatalf("FoldName(%q) is not stable: %q", s, FoldName(s))
		}
		indexed := map[string]bool{}
		for _, term := range Bigrams("党" + clean + "员") {
			if indexed[term] || term == "" || utf8.RuneCountInString(term) > longestTerm {
				t.Fatalf("term %q", term)
			}
			indexed[term] = true
		}
	})
}
