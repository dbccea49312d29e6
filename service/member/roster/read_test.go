package roster

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/xuri/excelize/v2"

	"zhibu/model"
)

// isFormula marks a cell of a test sheet as a formula.
type isFormula string

// workbookOf builds a real .xlsx of one sheet, from row 1 on; nil leaves a row or a cell out.
func workbookOf(t testing.TB, lines [][]any, more ...func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(t, f, "Sheet1", lines)
	for _, m := range more {
		m(f)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func fill(t testing.TB, f *excelize.File, sheet string, lines [][]any) {
	t.Helper()
	for i, line := range lines {
		for j, v := range line {
			at, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			switch v := v.(type) {
			case nil:
			case isFormula:
				err = f.SetCellFormula(sheet, at, string(v))
			default:
				err = f.SetCellValue(sheet, at, v)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

func readBytes(data []byte) (*Sheet, error) {
	return Read(bytes.NewReader(data), int64(len(data)), "花名册.xlsx", Limits{})
}

func mustRead(t *testing.T, data []byte) *Sheet {
	t.Helper()
	s, err := readBytes(data)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// full is a header with every column, in the order of the fields of a Row.
func full() []any {
	return []any{"姓名", "手机号", "政治面貌", "单位", "职务", "党小组", "入党时间"}
}

// A line is put under a full header, and gives either a person or faults.
func TestLines(t *testing.T) {
	long := strings.Repeat("长", 101)
	tests := []struct {
		name  string
		line  []any
		want  *Row
		fault []Problem // without Row and Detail
	}{
		{"plain", []any{"王芳", "13800138000", "中共党员", "协和医院", "主任", "一组", "2015-07-01"},
			&Row{2, "王芳", "13800138000", "full", "协和医院", "主任", "一组", "2015-07-01"}, nil},
		{"least", []any{"王芳", 13800138000, "群众"}, &Row{2, "王芳", "13800138000", "non_party", "", "", "", ""}, nil},
		{"phone as a float", []any{"王芳", 1.3800138e10, "群众"}, &Row{2, "王芳", "13800138000", "non_party", "", "", "", ""}, nil},
		{"phone with everything", []any{"王芳", "＋８６ 138－0013－8000", "党员"}, &Row{2, "王芳", "13800138000", "full", "", "", "", ""}, nil},
		{"phone with a prefix", []any{"王芳", "0086 138 0013 8000", "党员"}, &Row{2, "王芳", "13800138000", "full", "", "", "", ""}, nil},
		{"apostrophe before the phone", []any{"王芳", "'13800138000", "党员"}, &Row{2, "王芳", "13800138000", "full", "", "", "", ""}, nil},
		{"stretched texts", []any{" 王　芳 ", "13800138000", "正式 党员", " 协和医院  康复科\n", "主任\t医师", "第 一 党小组", nil},
			&Row{2, "王芳", "13800138000", "full", "协和医院 康复科", "主任 医师", "第一党小组", ""}, nil},
		{"control characters", []any{"王\u200b芳\u202e", "13800138000", "群众", "协和\ufeff医院"},
			&Row{2, "王芳", "13800138000", "non_party", "协和医院", "", "", ""}, nil},
		{"strokes for nothing", []any{"王芳", "13800138000", "群众", "无", "/", "——", "-"},
			&Row{2, "王芳", "13800138000", "non_party", "", "", "", ""}, nil},
		{"minority name", []any{"阿依古丽•买买提", "13800138000", "群众"}, &Row{2, "阿依古丽·买买提", "13800138000", "non_party", "", "", "", ""}, nil},
		{"day number", []any{"王芳", "13800138000", "党员", "", "", "", 42186}, &Row{2, "王芳", "13800138000", "full", "", "", "", "2015-07-01"}, nil},

		{"no name", []any{"", "13800138000", "群众"}, nil, []Problem{{Column: "姓名", Code: CodeRequired}}},
		{"stroke for a name", []any{"-", "13800138000", "群众"}, nil, []Problem{{Column: "姓名", Code: CodeRequired}}},
		{"no phone", []any{"王芳", nil, "群众"}, nil, []Problem{{Column: "手机号", Code: CodeRequired}}},
		{"no status", []any{"王芳", "13800138000", ""}, nil, []Problem{{Column: "政治面貌", Code: CodeRequired}}},
		{"foreign status", []any{"王芳", "13800138000", "共青团员"}, nil, []Problem{{Column: "政治面貌", Code: CodeUnknownStatus}}},
		{"short phone", []any{"王芳", "1380013800", "群众"}, nil, []Problem{{Column: "手机号", Code: CodeInvalidPhone}}},
		{"rounded phone", []any{"王芳", "1.38E+10", "群众"}, nil, []Problem{{Column: "手机号", Code: CodeInvalidPhone}}},
		{"masked phone", []any{"王芳", "138****8000", "群众"}, nil, []Problem{{Column: "手机号", Code: CodeInvalidPhone}}},
		{"two phones", []any{"王芳", "13800138000/13800138001", "群众"}, nil, []Problem{{Column: "手机号", Code: CodeInvalidPhone}}},
		{"landline", []any{"王芳", "010-65296114", "群众"}, nil, []Problem{{Column: "手机号", Code: CodeInvalidPhone}}},
		{"formula as a name", []any{isFormula(`"王"&"芳"`), "13800138000", "群众"}, nil, []Problem{{Column: "姓名", Code: CodeFormula}}},
		{"formula as a phone", []any{"王芳", isFormula(`13800138000+0`), "群众"}, nil, []Problem{{Column: "手机号", Code: CodeFormula}}},
		{"formula as an employer", []any{"王芳", "13800138000", "群众", isFormula(`1+1`)}, nil, []Problem{{Column: "单位", Code: CodeFormula}}},
		{"text that is a formula", []any{"=HYPERLINK(\"x\")", "13800138000", "群众"}, nil, []Problem{{Column: "姓名", Code: CodeFormula}}},
		{"at sign", []any{"王芳", "13800138000", "群众", "@SUM(1)"}, nil, []Problem{{Column: "单位", Code: CodeFormula}}},
		{"wide plus", []any{"王芳", "13800138000", "群众", "", "＋cmd"}, nil, []Problem{{Column: "职务", Code: CodeFormula}}},
		{"guarded formula", []any{"'=1+1", "13800138000", "群众"}, nil, []Problem{{Column: "姓名", Code: CodeFormula}}},
		{"phone that is a formula", []any{"王芳", "=13800138000", "群众"}, nil, []Problem{{Column: "手机号", Code: CodeFormula}}},
		{"bad date", []any{"王芳", "13800138000", "党员", "", "", "", "去年夏天"}, nil, []Problem{{Column: "入党时间", Code: CodeInvalidDate}}},
		{"long name", []any{long, "13800138000", "群众"}, nil, []Problem{{Column: "姓名", Code: CodeTooLong}}},
		{"long texts", []any{"王芳", "13800138000", "群众", long, long, long}, nil,
			[]Problem{{Column: "单位", Code: CodeTooLong}, {Column: "职务", Code: CodeTooLong}, {Column: "党小组", Code: CodeTooLong}}},
		{"identity number for a phone", []any{"王芳", "11010119900307123X", "群众"}, nil, []Problem{{Column: "手机号", Code: CodeIdentityNumber}}},
		{"identity number beside the name", []any{"王芳（110101199003071234）", "13800138000", "群众"}, nil, []Problem{{Column: "姓名", Code: CodeIdentityNumber}}},
		{"identity number in groups", []any{"王芳", "13800138000", "群众", "１１０１０１ 19900307 1234"}, nil, []Problem{{Column: "单位", Code: CodeIdentityNumber}}},
		{"old identity number", []any{"王芳", "110101900307123", "群众"}, nil, []Problem{{Column: "手机号", Code: CodeIdentityNumber}}},
		{"all faults at once", []any{"", "12345", "未知", "", "", "", "2015-13-01"}, nil, []Problem{
			{Column: "姓名", Code: CodeRequired}, {Column: "手机号", Code: CodeInvalidPhone},
			{Column: "政治面貌", Code: CodeUnknownStatus}, {Column: "入党时间", Code: CodeInvalidDate}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := mustRead(t, workbookOf(t, [][]any{full(), tt.line}))
			var want []Row
			if tt.want != nil {
				want = []Row{*tt.want}
			}
			if diff := cmp.Diff(want, s.Rows); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.fault, s.Problems, cmpopts.IgnoreFields(Problem{}, "Row", "Detail")); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			for _, p := range s.Problems {
				if p.Row != 2 || !strings.HasSuffix(p.Detail, "。") {
					t.Errorf("not a problem of row 2 with a whole sentence: %+v", p)
				}
				if longDigits.MatchString(p.Detail) {
					t.Errorf("the answer repeats a long number: %+v", p)
				}
			}
		})
	}
}

func TestPhoneAdviceNeverRepeatsTheNumber(t *testing.T) {
	for in, want := range map[string]string{
		"1380013800":              "10 位",
		"138001380001":            "12 位",
		"+86 1380013800":          "10 位",
		"12800138000":             "以 1 开头",
		"1.38E+10":                "科学计数",
		"138****8000":             "星号",
		"13800138000 13900139000": "两个号码",
		"见通讯录":                    "不是手机号",
	} {
		got := phoneAdvice(in)
		if !strings.Contains(got, want) || longDigits.MatchString(got) {
			t.Errorf("phoneAdvice(%q) = %q, want %q in it and no long number", in, got, want)
		}
	}
}

func TestDuplicatePhones(t *testing.T) {
	s := mustRead(t, workbookOf(t, [][]any{
		{"姓名", "手机号"},
		{"甲", "13800138000"},
		{"乙", "138-0013-8000"},
		{"", "13800138001"}, // a bad row still owns its number: nobody can tell whose it is
		{"丙", 13800138001},
		{"丁", "13800138000"},
	}))
	if len(s.Rows) != 1 || s.Rows[0].Name != "甲" {
		t.Errorf("rows: %+v", s.Rows)
	}
	want := map[int]string{3: "第 2 行", 4: "姓名", 5: "第 4 行", 6: "第 2 行"}
	for _, p := range s.Problems {
		if !strings.Contains(p.Detail, want[p.Row]) || strings.Contains(p.Detail, "0013") {
			t.Errorf("%+v, want %q in it", p, want[p.Row])
		}
	}
	if len(s.Problems) != 4 {
		t.Errorf("problems: %+v", s.Problems)
	}
}

func TestHeaderIsFound(t *testing.T) {
	person := []any{"13800138000", "王芳"}
	t.Run("by other words, below other things", func(t *testing.T) {
		s := mustRead(t, workbookOf(t, [][]any{
			{"某党支部花名册"}, nil, {"填报单位（盖章）：", nil, "联系电话：010-1"},
			{"* 手 机 号 码（必填）", "党员姓名：", "证件号码", "职务 / 职称", "所在单位", "备注", "所属党小组", "邮箱", "备注"},
			append(person, "110101199003071234", "主任", "协和", "x", "一组", "a@b"),
		}))
		want := &Sheet{
			Name: "Sheet1", HeaderRow: 4, Has: Has{Employer: true, Title: true, Group: true},
			IgnoredColumns: []string{"证件号码", "备注", "邮箱"},
			Rows:           []Row{{5, "王芳", "13800138000", "", "协和", "主任", "一组", ""}},
		}
		if diff := cmp.Diff(want, s); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("in the first visible sheet that has one", func(t *testing.T) {
		s := mustRead(t, workbookOf(t, [][]any{{"说明"}, {"姓名", "一栏填写全名"}}, func(f *excelize.File) {
			for i, name := range []string{"旧名单", "名单", "另一份"} {
				if _, err := f.NewSheet(name); err != nil {
					t.Fatal(err)
				}
				fill(t, f, name, [][]any{{"电话", "姓名"}, {fmt.Sprintf("1380013800%d", i), "王芳"}})
			}
			if err := f.SetSheetVisible("旧名单", false); err != nil {
				t.Fatal(err)
			}
		}))
		if s.Name != "名单" || len(s.Rows) != 1 || s.Rows[0].Phone != "13800138001" {
			t.Errorf("%+v", s)
		}
	})
	t.Run("the more telling of two columns wins", func(t *testing.T) {
		s := mustRead(t, workbookOf(t, [][]any{
			{"姓名", "联系电话", "手机", "职称", "职务"}, {"王芳", "010-65296114", "13800138000", "教授", "书记"},
		}))
		if len(s.Rows) != 1 || s.Rows[0].Title != "书记" || cmp.Diff([]string{"联系电话", "职称"}, s.IgnoredColumns) != "" {
			t.Errorf("%+v", s)
		}
	})
	t.Run("none", func(t *testing.T) {
		_, err := readBytes(workbookOf(t, [][]any{{"姓名", "单位"}, {"王芳", "协和"}}))
		refused(t, err, model.CodeInvalid, "没有找到表头：需要含有“姓名”和“手机号”的一行。")
	})
	t.Run("a name that is joined with the identity number is none", func(t *testing.T) {
		_, err := readBytes(workbookOf(t, [][]any{{"姓名/身份证号", "手机号"}, {"王芳", "13800138000"}}))
		refused(t, err, model.CodeInvalid, "没有找到表头")
	})
}

func TestLinesThatAreNobody(t *testing.T) {
	header := []any{"姓名", "政治面貌", "手机号"}
	s := mustRead(t, workbookOf(t, [][]any{
		header,
		{"王芳", "群众", "13800138000"},
		nil,
		{"　", " ", ""},
		header, // printed again on the next page
		{"合计：1 人", nil, isFormula("COUNTA(C2:C2)")},
		{"填表人：张三", "审核人：", "010-1"},
		{"备注：请于月底前上报"},
		{"支部书记（签字）："},
		{"李雷", "群众", "13800138001"}, // somebody was added below the line
	}))
	if len(s.Problems) != 0 || len(s.Rows) != 2 || s.Rows[1].Row != 10 {
		t.Errorf("%+v", s)
	}
}

func TestTotalsLeftOfTheFirstKnownColumn(t *testing.T) {
	s := mustRead(t, workbookOf(t, [][]any{
		{"序号", "身份证号", "姓名", "手机号"},
		{1, "110101199003071234", "王芳", "13800138000"},
		{2, "110101199003071235"}, // numbered beforehand, nobody yet
		{"合计", nil, "1人", isFormula("COUNTA(D2:D3)")},
	}))
	if len(s.Problems) != 0 || len(s.Rows) != 1 {
		t.Errorf("%+v", s)
	}
}

func TestMergedCells(t *testing.T) {
	s := mustRead(t, workbookOf(t, [][]any{
		{"党小组", "姓名", "手机号", "身份证号", "单位"},
		{"第一党小组", "甲", "13800138000", "110101199003071234", "协和"},
		{nil, "乙", "13800138001", "110101199003071235", "华西"},
		{nil, nil, nil, nil, nil},
		{nil, "丙", "13800138002", "110101199003071236"},
		{nil, "丁", "13800138003"},
	}, func(f *excelize.File) {
		for _, m := range [][2]string{{"A2", "A5"}, {"D5", "E5"}, {"D2", "D3"}} {
			if err := f.MergeCell("Sheet1", m[0], m[1]); err != nil {
				t.Fatal(err)
			}
		}
	}))
	want := []Row{
		{Row: 2, Name: "甲", Phone: "13800138000", Group: "第一党小组", Employer: "协和"},
		{Row: 3, Name: "乙", Phone: "13800138001", Group: "第一党小组", Employer: "华西"},
		{Row: 5, Name: "丙", Phone: "13800138002", Group: "第一党小组"}, // what is merged with an identity cell is not the employer
		{Row: 6, Name: "丁", Phone: "13800138003"},
	}
	if diff := cmp.Diff(want, s.Rows); diff != "" || len(s.Problems) != 0 {
		t.Errorf("%s %+v", diff, s.Problems)
	}
}

// refused asks for one of our errors with a Chinese sentence that begins so, about the file.
func refused(t *testing.T, err error, code model.Code, begins string) {
	t.Helper()
	e, ok := err.(*model.Error)
	if !ok {
		t.Fatalf("got %v, want a *model.Error", err)
	}
	if e.Code != code || !strings.HasPrefix(e.Detail, begins) {
		t.Errorf("got %s %q, want %s %q", e.Code, e.Detail, code, begins)
	}
	if code == model.CodeInvalid && (len(e.Fields) != 1 || e.Fields[0].Field != "file") {
		t.Errorf("the error is not about the file: %+v", e.Fields)
	}
}
