package model

import (
	"strings"
	"testing"
)

func TestFoldText(t *testing.T) {
	for in, want := range map[string]string{
		"ＣＯＶＩＤ－１９　Ａ": "covid-19 a", "Go语言": "go语言", "（试行）": "(试行)", "É": "é", "〔2026〕": "〔2026〕", "，": ",", "。": "。", "": "",
	} {
		if got := FoldText(in); got != want {
			t.Errorf("FoldText(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFoldName(t *testing.T) {
	for in, want := range map[string]string{
		"姓 名":                     "姓名",
		" 邓\u3000桂芳 ":             "邓桂芳",
		"王\u00a0建国":               "王建国",
		"买买提•吐尔逊":                 "买买提·吐尔逊",
		"买买提 ・ 吐尔逊":               "买买提·吐尔逊",
		"买买提.吐尔逊":                 "买买提·吐尔逊",
		"买买提． 吐尔逊":                "买买提·吐尔逊",
		"买买提·吐尔逊":                 "买买提·吐尔逊",
		"John  Smith":             "John Smith",
		"Ｊｏｈｎ　Smith":              "John Smith",
		"J. R. Smith":             "J. R. Smith",
		"李 Anna":                  "李Anna",
		"职务／职称":                   "职务/职称",
		"第一党小组\u200b":             "第一党小组",
		"王\n建国":                   "王建国",
		"\u3000":                  "",
		"𠮷 田":                     "𠮷田",
		"买买提\u200d·\u200c吐尔逊":     "买买提·吐尔逊",
		"王建国\u202e":               "王建国",
		"=HYPERLINK(\"a\",\"b\")": "=HYPERLINK(\"a\",\"b\")",
	} {
		if got := FoldName(in); got != want {
			t.Errorf("FoldName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFoldWidth(t *testing.T) {
	if got := FoldWidth("ＡＢ１　～！中"); got != "AB1 ~!中" {
		t.Errorf("got %q", got)
	}
}

func TestBigrams(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "",
		"，。 !":                  "",
		"党":                     "党",
		"心肺康复":                  "心 心肺 肺 肺康 康 康复 复",
		"康复康复":                  "康 康复 复 复康",
		"康复，护理":                 "康 康复 复 护 护理 理",
		"CT检查":                  "ct 检 检查 查",
		"ＣＯＶＩＤ－１９ covid":        "covid 19",
		"2026年":                 "2026 年",
		"e\u0301tude":           "e\u0301tude",
		"a\x00b":                "ab",
		"𠮷野":                    "𠮷 𠮷野 野",
		strings.Repeat("x", 40): strings.Repeat("x", 32),
	} {
		if got := strings.Join(Bigrams(in), " "); got != want {
			t.Errorf("Bigrams(%q) = %s, want %s", in, got, want)
		}
	}
}

func TestQueryTerms(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "党": "党", "心肺康复": "心肺 肺康 康复", "CT 检查 党": "ct 检查 党", "康复 康复": "康复",
	} {
		if got := strings.Join(QueryTerms(in), " "); got != want {
			t.Errorf("QueryTerms(%q) = %s, want %s", in, got, want)
		}
	}
	// What is asked for must be among what is indexed, else it is never found.
	indexed := map[string]bool{}
	for _, term := range Bigrams("中国康复医学会 CT 检查指南（２０２６）") {
		indexed[term] = true
	}
	for _, q := range []string{"康复医学", "ct", "指南", "2026", "会", "检查指南(2026)"} {
		for _, term := range QueryTerms(q) {
			if !indexed[term] {
				t.Errorf("%q: %q is not indexed", q, term)
			}
		}
	}
}

func TestTraditionalIsFoldedToSimplified(t *testing.T) {
	for in, want := range map[string]string{"學習貫徹黨的二十大精神": "学习贯彻党的二十大精神", "復健與康復": "复健与康复", "国": "国", "A學": "a学", "𠀀": "𠀀"} {
		if got := FoldText(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	from, to := []rune(traditionalChars), []rune(simplifiedChars)
	if len(from) != len(to) {
		t.Fatalf("%d characters and %d", len(from), len(to))
	}
	for i, r := range from {
		if r < firstFolded || r >= afterFolded || to[i] > 0xffff {
			t.Errorf("%c is out of the table", r)
		}
		if again := simplify(to[i]); again != to[i] {
			t.Errorf("%c becomes %c and that %c", r, to[i], again)
		}
	}
}
