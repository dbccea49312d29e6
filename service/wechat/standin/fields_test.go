package standin

import (
	"strings"
	"testing"
)

func TestFieldLimits(t *testing.T) {
	for typ, c := range map[string]struct{ good, bad []string }{
		"thing":            {[]string{strings.Repeat("字", 20), "A 1，。!", "第3支部（肺康复）", "😀" + strings.Repeat("字", 18)}, []string{"", strings.Repeat("字", 21), "a\nb", "a\tb", "a\u2028b", "😀" + strings.Repeat("字", 19)}},
		"number":           {[]string{"0", "12.5", strings.Repeat("9", 32)}, []string{strings.Repeat("9", 33), "12人", "1.", "a"}},
		"letter":           {[]string{"abcXYZ", strings.Repeat("a", 32)}, []string{"a1", "字", strings.Repeat("a", 33)}},
		"symbol":           {[]string{"+-*/~", "，"}, []string{"a", "1", "字", "++++++"}},
		"character_string": {[]string{"A-1_2", strings.Repeat("x", 32)}, []string{"会议1", strings.Repeat("x", 33)}},
		"time":             {[]string{"15:01", "15:01:59", "2026年11月24日 19:30", "2026年11月24日19:30", "19:30~20:30", "2026年11月24日 19:30~2026年11月24日 21:00"}, []string{"25:00", "12:60", "2026-11-24 19:30", "19:30～20:30", "19:30-20:30", "2026年11月24日", "2026年13月1日 10:00", "晚上八点", "19:30~20:30~21:30"}},
		"date":             {[]string{"2026年11月24日", "2026年11月", "11月24日", "2026-11-24", "2026/11/24", "2026.11.24", "2026年11月24日 19:30", "2026-11-24 19:30:01", "2026年11月24日~2026年11月25日"}, []string{"19:30", "2026年11月32日", "2026年0月1日", "2026年11月24日～2026年11月25日", "明天"}},
		"amount":           {[]string{"¥100", "100.50元", "9999999999", "$1"}, []string{"99999999999", "100圆", "约100", "¥¥1"}},
		"phone_number":     {[]string{"13800138000", "+86-0766-66888866"}, []string{"+86-0766-668888661", "电话13800138000", "138x"}},
		"car_number":       {[]string{"粤A8Z888挂", "京A12345"}, []string{"粤A8Z8888挂", "粤粤12345", "A-1234"}},
		"name":             {[]string{"诸葛孔明"}, []string{strings.Repeat("字", 11), strings.Repeat("a", 21), "李" + strings.Repeat("a", 10), "李1"}},
		"phrase":           {[]string{"已通过", "五个汉字的"}, []string{"六个汉字的词", "ok", "好的!"}},
		"const":            {[]string{"任意"}, []string{"a\nb"}},
	} {
		for _, v := range c.good {
			if !FieldFits(typ, v) {
				t.Errorf("%s refuses %q", typ, v)
			}
		}
		for _, v := range c.bad {
			if FieldFits(typ, v) {
				t.Errorf("%s takes %q", typ, v)
			}
		}
	}
	for _, v := range []string{"Zhang San", strings.Repeat("a", 20), "Li李", strings.Repeat("字", 10)} {
		if !FieldFits("name", v) {
			t.Errorf("name refuses %q", v)
		}
	}
}

func TestTemplateKeys(t *testing.T) {
	keys := Template{Content: "会议主题:{{thing1.DATA}}\n时 间：{{time2.DATA}}\n{{character_string13.DATA}}"}.Keys()
	want := []Key{{"会议主题", "thing1", "thing"}, {"时 间", "time2", "time"}, {"", "character_string13", "character_string"}}
	if len(keys) != 3 || keys[0] != want[0] || keys[1] != want[1] || keys[2] != want[2] {
		t.Errorf("%+v", keys)
	}
}
