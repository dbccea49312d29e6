package roster

import (
	"testing"

	"zhibu/model"
)

func TestDates(t *testing.T) {
	tests := []struct {
		in   cell
		want model.Date // empty: refused
	}{
		{cell{kind: text, text: "2015-07-01"}, "2015-07-01"},
		{cell{kind: text, text: "2015.7.1"}, "2015-07-01"},
		{cell{kind: text, text: "2011/5/4"}, "2011-05-04"},
		{cell{kind: text, text: "２０１５年７月１日"}, "2015-07-01"},
		{cell{kind: text, text: "2015 年 7 月 31 日"}, "2015-07-31"},
		{cell{kind: text, text: "1998年6月"}, "1998-06-01"},
		{cell{kind: text, text: "2003.07"}, "2003-07-01"},
		{cell{kind: text, text: "2015-07"}, "2015-07-01"},
		{cell{kind: text, text: "20150701"}, "2015-07-01"},
		{cell{kind: text, text: "201507"}, "2015-07-01"},
		{cell{kind: text, text: "2015-07-01 08:30:00"}, "2015-07-01"},
		{cell{kind: text, text: "2015-07-01T00:00:00"}, "2015-07-01"},
		{cell{kind: text, text: "37803"}, "2003-07-01"},
		{cell{kind: text, text: "2003.1"}, "2003-01-01"},
		{cell{kind: number, text: "37803"}, "2003-07-01"},
		{cell{kind: number, text: "37803.75"}, "2003-07-01"},
		{cell{kind: number, text: "2003.07"}, "2003-07-01"},
		{cell{kind: number, text: "2003.7"}, "2003-07-01"},
		{cell{kind: number, text: "2003.12"}, "2003-12-01"},
		{cell{kind: number, text: "2003.1"}, ""}, // January, or October without its zero
		{cell{kind: number, text: "20030701"}, "2003-07-01"},
		{cell{kind: number, text: "2003"}, ""},
		{cell{kind: number, text: "60"}, ""},
		{cell{kind: number, text: "7000"}, ""}, // 1919, before there was a Party
		{cell{kind: number, text: "99999"}, ""},
		{cell{kind: text, text: "2015年"}, ""},
		{cell{kind: text, text: "2015-02-30"}, ""},
		{cell{kind: text, text: "2015.13"}, ""},
		{cell{kind: text, text: "1911-10-10"}, ""},
		{cell{kind: text, text: "15.7.1"}, ""},
		{cell{kind: text, text: "2015.7.1-2016.7.1"}, ""},
		{cell{kind: text, text: "待定"}, ""},
	}
	for _, tt := range tests {
		got, ok := dates{}.parse(tt.in)
		if ok != (tt.want != "") || ok && got != tt.want {
			t.Errorf("%+v: got %q %v, want %q", tt.in, got, ok, tt.want)
		}
	}
	if got, _ := (dates{since1904: true}).parse(cell{kind: number, text: "36341"}); got != "2003-07-01" {
		t.Errorf("since 1904: got %q", got)
	}
}

func TestMeanings(t *testing.T) {
	tests := map[string]field{
		"姓名": fieldName, "姓 名": fieldName, "党员姓名": fieldName, "*姓名（必填）": fieldName, "姓名:": fieldName,
		"手机号": fieldPhone, "手机号码": fieldPhone, "联系电话": fieldPhone, "手机/电话": fieldPhone, "联系方式(手机)": fieldPhone, "移动电话": fieldPhone,
		"政治面貌": fieldStatus, "党员类别": fieldStatus,
		"单位": fieldEmployer, "工作单位": fieldEmployer, "所在单位": fieldEmployer, "工作单位及科室": fieldEmployer,
		"职务": fieldTitle, "职称": fieldTitle, "职务/职称": fieldTitle, "职务、职称": fieldTitle, "职称及职务": fieldTitle,
		"党小组": fieldGroup, "所属党小组": fieldGroup, "党小组\n名称": fieldGroup,
		"入党时间": fieldJoined, "入党日期": fieldJoined,
		"身份证": fieldIdentity, "身份证号": fieldIdentity, "身 份 证 号 码": fieldIdentity, "证件号码": fieldIdentity, "公民身份号码": fieldIdentity,
		"姓名及身份证号": fieldIdentity, "ID Card No.": fieldIdentity,
		"序号": fieldNone, "性别": fieldNone, "出生年月": fieldNone, "党内职务": fieldNone, "党小组组长": fieldNone, "转正时间": fieldNone,
		"单位电话": fieldNone, "介绍人姓名": fieldNone, "": fieldNone,
	}
	for in, want := range tests {
		if got, _ := meaning(in); got != want {
			t.Errorf("meaning(%q) = %d, want %d", in, got, want)
		}
	}
}

// The table must hold what is left of a heading when blanks and signs are out, or the wording would never be met.
func TestHeadingsAreMet(t *testing.T) {
	for f, list := range headings {
		for rank, h := range list {
			if got, at := meaning(h); got != field(f) || at != rank {
				t.Errorf("%q means %d at %d, want %d at %d", h, got, at, f, rank)
			}
		}
	}
}

// Left of the first known column stand totals and signatures, which are looked at; an identity-card column never is.
func TestIdentityColumnIsNotWanted(t *testing.T) {
	h := findHeader(1, []cell{textCell("序号"), textCell("身份证号"), textCell("姓名"), textCell("手机号"), textCell("证件号码"), textCell("性别")})
	for col, want := range []bool{true, false, true, true, false, false} {
		if got := h.wants(col); got != want {
			t.Errorf("column %d: wanted %v, want %v", col, got, want)
		}
	}
}
