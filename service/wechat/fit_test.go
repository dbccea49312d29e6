package wechat

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"

	"zhibu/model"
)

func TestFit(t *testing.T) {
	for _, c := range []struct {
		key, value, want string
		ok               bool
	}{
		// thing: twenty characters, the ellipsis counted
		{"thing1", "", "无", true},
		{"thing1", " \n\t　", "无", true},
		{"thing1", "支部党员大会", "支部党员大会", true},
		{"thing1", "一二三四五六七八九十一二三四五六七八九十", "一二三四五六七八九十一二三四五六七八九十", true},
		{"thing1", "一二三四五六七八九十一二三四五六七八九十一", "一二三四五六七八九十一二三四五六七八九…", true},
		{"thing1", "第一行\r\n第二行\x00\u200b完", "第一行 第二行 完", true},
		{"thing1", "a   b　　c", "a b c", true},
		{"thing1", "关于召开心肺康复专业委员会功能型党支部2026年第四季度党员大会暨主题党日活动的通知（线上线下同步举行）", "关于召开心肺康复专业委员会功能型党支部…", true},
		{"thing1", "学习贯彻党的二十届四中全会精神，研究部署下一阶段工作", "学习贯彻党的二十届四中全会精神…", true},
		{"thing1", "请各位党员同志准时参加腾讯会议MeetingRoom-A", "请各位党员同志准时参加腾讯会议…", true},
		{"thing1", "请各位党员同志准时参加本次活动（地点见正文）", "请各位党员同志准时参加本次活动…", true},
		{"thing1", "一二三四五六七八九十一二三四五六七八😀😀", "一二三四五六七八九十一二三四五六七八…", true},
		{"thing1", strings.Repeat("😀", 11), strings.Repeat("😀", 9) + "…", true},
		{"thing1", strings.Repeat("🇨🇳", 6), strings.Repeat("🇨🇳", 4) + "…", true},
		{"thing1", "一二三四五六七八九十一二三四五六七八ee\u0301e", "一二三四五六七八九十一二三四五六七八…", true},
		{"thing1", "坏\xff字节", "坏字节", true},
		{"thing12", "～", "～", true},
		// number
		{"number1", "", "0", true},
		{"number1", "12", "12", true},
		{"number01", "１２．５", "12.5", true},
		{"number1", "1,234", "1234", true},
		{"number1", "12人", "", false},
		{"number1", "-3", "", false},
		{"number1", strings.Repeat("1", 33), "", false},
		{"number1", strings.Repeat("1", 30) + ".98765", strings.Repeat("1", 30) + ".98", true},
		// letter, symbol, character_string
		{"letter1", "", "None", true},
		{"letter1", "Ａbc d", "Abcd", true},
		{"letter1", "abc1", "abc", false},
		{"letter1", "中文", "None", false},
		{"letter1", strings.Repeat("a", 40), strings.Repeat("a", 32), true},
		{"symbol1", "", "-", true},
		{"symbol1", "★☆★☆★☆", "★☆★☆★", true},
		{"symbol1", "a1", "-", false},
		{"character_string1", "", "-", true},
		{"character_string13", "123 456 789", "123-456-789", true},
		{"character_string1", "ＮＯ：１２", "NO:12", true},
		{"character_string1", "第3会议室A", "3A", false},
		{"character_string1", "会议室", "-", false},
		{"character_string1", strings.Repeat("x", 33), strings.Repeat("x", 29) + "...", true},
		// time and date
		{"time2", "", "", false},
		{"time2", "2026-11-24T19:30:00+08:00", "2026年11月24日 19:30", true},
		{"time2", "2026-11-24T11:30:00Z", "2026年11月24日 19:30", true},
		{"time2", "2026-11-24T18:00:00Z", "2026年11月25日 02:00", true},
		{"time2", "2026-11-24T19:30:00.5+08:00~2026-11-24T20:30:00+08:00", "2026年11月24日 19:30~2026年11月24日 20:30", true},
		{"time2", "2026年11月24日 19:30～20:30", "2026年11月24日 19:30~2026年11月24日 20:30", true},
		{"time2", "2026年11月24日（周二）19：30 至 20：30", "2026年11月24日 19:30~2026年11月24日 20:30", true},
		{"time2", "19:30～20:30", "19:30~20:30", true},
		{"time2", "9:05", "09:05", true},
		{"time2", "19:30:15", "19:30", true},
		{"time2", "2026-11-24", "", false},
		{"time2", "24:00", "", false},
		{"time2", "2026-02-30 10:00", "", false},
		{"time2", "明天晚上", "", false},
		{"time2", "19:30~", "", false},
		{"date3", "", "", false},
		{"date3", "2026-11-24", "2026年11月24日", true},
		{"date3", "2026/1/2", "2026年1月2日", true},
		{"date3", "2026-11-24T19:30:00+08:00", "2026年11月24日 19:30", true},
		{"date3", "2026-11-24～2026-11-26", "2026年11月24日~2026年11月26日", true},
		{"date3", "11月24日", "11月24日", true},
		{"date3", "2026年11月", "2026年11月", true},
		{"date3", "2026年13月", "", false},
		{"date3", "19:30", "", false},
		// amount
		{"amount1", "", "0元", true},
		{"amount1", "￥1,234.50", "¥1234.50", true},
		{"amount1", "12元", "12元", true},
		{"amount1", "1234567890.99", "1234567890", true},
		{"amount1", "12345678901", "", false},
		{"amount1", "免费", "", false},
		// phone_number, car_number
		{"phone_number6", "", "-", true},
		{"phone_number6", "138****8000", "138****8000", true},
		{"phone_number6", "+86 138 0013 8000", "+86-138-0013-8000", true},
		{"phone_number6", "010-12345678转801", "010-12345678-801", true},
		{"phone_number6", "010-12345678-80123", "0101234567880123", true},
		{"phone_number6", "12345678901234567890", "-", false},
		{"phone_number6", "内线801", "801", false},
		{"car_number1", "", "无牌", true},
		{"car_number1", "京a·12345", "京A12345", true},
		{"car_number1", "京A12345学", "京A12345学", true},
		{"car_number1", "京A123456学", "无牌", false},
		{"car_number1", "没有车", "无牌", false},
		// name, phrase
		{"name1", "", "无", true},
		{"name1", "张 三", "张三", true},
		{"name1", "心肺康复专业委员会功能型党支部", "心肺康复专业委员会…", true},
		{"name1", "第3支部", "第三支部", true},
		{"name1", "John Smith", "John·Smith", true},
		{"name1", "买买提·吐尔逊", "买买提·吐尔逊", true},
		{"name1", "Bartholomew Fitzgerald III", "Bartholomew·Fitzger…", true},
		{"phrase1", "", "无", true},
		{"phrase1", "已受理", "已受理", true},
		{"phrase1", "已受理！", "已受理", true},
		{"phrase1", "支部党员大会", "支部党员大", true},
		{"phrase1", "待2人", "待二人", true},
		{"phrase1", "done", "无", false},
		{"phrase1", "A类", "类", false},
		// what needs a list, what is of the older kind, what is unknown
		{"enum1", "已受理", "", false},
		{"keyword1", strings.Repeat("长", 150), strings.Repeat("长", 150), true},
		{"remark", "", "无", true},
		{"short_thing1", "某种新类型", "某种新类型", false},
		{"", "x", "x", false},
		{"short_thing1", "", "", false},
	} {
		got, ok := Fit(c.key, c.value)
		if got != c.want || ok != c.ok {
			t.Errorf("Fit(%s, %q) = %q, %v; want %q, %v", c.key, c.value, got, ok, c.want, c.ok)
		}
	}
}

func TestFitEnum(t *testing.T) {
	list := []string{"已受理", "已答复", "ＯＫ"}
	for value, want := range map[string]string{"已受理": "已受理", " 已答复\n": "已答复", "OK": "ＯＫ", "别的": "", "": ""} {
		if got, ok := FitEnum(list, value); got != want || ok != (want != "") {
			t.Errorf("FitEnum(%q) = %q, %v", value, got, ok)
		}
	}
	if _, ok := FitEnum([]string{""}, ""); ok {
		t.Error("an empty value is found")
	}
}

func TestFitTime(t *testing.T) {
	from := time.Date(2026, 11, 24, 11, 30, 59, 0, time.UTC)
	if got := FitTime(from); got != "2026年11月24日 19:30" {
		t.Error(got)
	}
	span := FitSpan(from, from.Add(time.Hour))
	if span != "2026年11月24日 19:30~2026年11月24日 20:30" {
		t.Error(span)
	}
	// What these write, Fit leaves alone.
	for _, key := range []string{"time1", "date1"} {
		if got, ok := Fit(key, span); got != span || !ok {
			t.Errorf("%s: %q, %v", key, got, ok)
		}
	}
}

// legal is WeChat's table of limits, written again from the contract without looking at the code under test.
func legal(kind, s string) error {
	if s == "" {
		return fmt.Errorf("is empty")
	}
	if !utf8.ValidString(s) {
		return fmt.Errorf("invalid UTF-8")
	}
	for _, r := range s {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return fmt.Errorf("control character %U", r)
		}
	}
	n := len(utf16.Encode([]rune(s)))
	match := func(pattern string) error {
		if !regexp.MustCompile(`^(?:` + pattern + `)$`).MatchString(s) {
			return fmt.Errorf("does not match %s", pattern)
		}
		return nil
	}
	const (
		clock = `([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?`
		day   = `\d{4}年\d{1,2}月\d{1,2}日`
		point = `(` + day + ` )?` + clock
		date  = `(` + day + `|\d{4}年\d{1,2}月|\d{1,2}月\d{1,2}日)( ` + clock + `)?`
	)
	switch kind {
	case "thing":
		if n > 20 {
			return fmt.Errorf("%d characters", n)
		}
		return nil
	case "number":
		if strings.Count(s, "")-1-strings.Count(s, ".") > 32 {
			return fmt.Errorf("too many digits")
		}
		return match(`[0-9]+(\.[0-9]+)?`)
	case "letter":
		return match(`[A-Za-z]{1,32}`)
	case "symbol":
		if n > 5 || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsSpace(r) }) {
			return fmt.Errorf("no symbols")
		}
		return nil
	case "character_string":
		return match(`[!-~]{1,32}`)
	case "time":
		return match(point + `(~` + point + `)?`)
	case "date":
		return match(date + `(~` + date + `)?`)
	case "amount":
		if strings.IndexFunc(s, unicode.IsDigit) < 0 || len(regexp.MustCompile(`\d`).FindAllString(s, -1)) > 10 {
			return fmt.Errorf("digits")
		}
		return match(`[¥$€£]?\d+(\.\d+)?元?`)
	case "phone_number":
		return match(`[0-9+\-()*#]{1,17}`)
	case "car_number":
		if n > 8 {
			return fmt.Errorf("%d characters", n)
		}
		return match(`[\p{Han}A-Za-z0-9]([A-Za-z0-9]*[\p{Han}A-Za-z0-9])?`)
	case "name":
		limit := 20
		if regexp.MustCompile(`\p{Han}`).MatchString(s) {
			limit = 10
		}
		if n > limit || strings.ContainsFunc(s, unicode.IsDigit) {
			return fmt.Errorf("%d characters, or digits", n)
		}
		return nil
	case "phrase":
		if n > 5 {
			return fmt.Errorf("%d characters", n)
		}
		return match(`\p{Han}+`)
	}
	return fmt.Errorf("unknown kind")
}

func TestFitAlwaysLegal(t *testing.T) {
	kinds := []string{"thing", "number", "letter", "symbol", "character_string", "time", "date", "amount", "phone_number", "car_number", "name", "phrase"}
	never := map[string]bool{"time": true, "date": true, "number": true, "amount": true} // of some values nothing legal can be made
	texts := rapid.OneOf(
		rapid.String(),
		rapid.StringOfN(rapid.RuneFrom([]rune("支部党员大会，。；（）“”—～~·…0123456789 .:：年月日-/ABCxyz￥¥$元转+*#😀🇨🇳\u0301\u200d\ufe0f\u3000\n\t\x00﹏𠮷é")), 0, 60, -1),
		rapid.Custom(func(t *rapid.T) string {
			at := time.Unix(rapid.Int64Range(0, 4102444800).Draw(t, "unix"), 0)
			layout := rapid.SampledFrom([]string{time.RFC3339, "2006-01-02 15:04", "2006年1月2日 15:04", "15:04", "2006/01/02", "1月2日", "2006年1月"}).Draw(t, "layout")
			s := at.In(model.Zone).Format(layout)
			if rapid.Bool().Draw(t, "range") {
				s += rapid.SampledFrom([]string{"~", "～", " 至 ", "-"}).Draw(t, "mark") + at.Add(time.Hour).In(model.Zone).Format(layout)
			}
			return s
		}),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 80), func(b []byte) string { return string(b) }),
	)
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		value := texts.Draw(t, "value")
		got, ok := Fit(kind+"1", value)
		if got == "" {
			if ok || !never[kind] {
				t.Fatalf("Fit(%s, %q) is empty, %v", kind, value, ok)
			}
			return
		}
		if err := legal(kind, got); err != nil {
			t.Fatalf("Fit(%s, %q) = %q: %v", kind, value, got, err)
		}
		// What fits already is left as it is.
		if again, ok := Fit(kind+"1", got); again != got || !ok {
			t.Fatalf("Fit(%s, %q) = %q, %v the second time", kind, got, again, ok)
		}
		// A text that was cut says the same as far as it goes, and that it was cut.
		if clean := oneLine(value); kind == "thing" && got != clean && clean != "" {
			head, cut := strings.CutSuffix(got, "…")
			if !cut || !strings.HasPrefix(clean, head) || len(utf16.Encode([]rune(head))) < 9 && strings.TrimLeft(clean, "，。；（）“”—·…,.;:!?[]{}<>《》「」、：！？【-") == clean && !strings.ContainsFunc(clean, func(r rune) bool { return unicode.In(r, unicode.M, unicode.Sk) || dangling(r) }) {
				t.Fatalf("Fit(thing, %q) = %q", value, got)
			}
		}
	})
}
