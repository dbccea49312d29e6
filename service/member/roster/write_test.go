package roster

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"zhibu/model"
)

func exported() []ExportRow {
	return []ExportRow{
		{"王芳", "138****8000", model.PartyFull, "北京协和医院", "主任医师", "第一党小组", "2015-07-01", true,
			[]model.Role{model.RoleSecretary, model.RoleGroupLeader}},
		{"阿依古丽·买买提", "138****8001", model.PartyProbationary, "华西医院", "", "", "", false, nil},
		{"李雷", "13800138002", model.PartyApplicant, "=1+1", "@SUM(1)", "-组", "", false, nil},
		{"韩梅梅", "", model.PartyNone, "+86医院", "", "", "", false, []model.Role{model.RoleMember}},
	}
}

func written(t *testing.T, title string, rows []ExportRow) *excelize.File {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, title, rows); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestWrite(t *testing.T) {
	f := written(t, "=心肺支部花名册", exported())
	got, err := f.GetRows(exportSheet)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"'=心肺支部花名册"},
		{"姓名", "手机号", "政治面貌", "单位", "职务", "党小组", "入党日期", "是否绑定", "角色"},
		{"王芳", "138****8000", "中共党员", "北京协和医院", "主任医师", "第一党小组", "2015-07-01", "是", "支部书记、党小组组长"},
		{"阿依古丽·买买提", "138****8001", "预备党员", "华西医院", "", "", "", "否"},
		{"李雷", "138****8002", "入党积极分子", "'=1+1", "'@SUM(1)", "'-组", "", "否"},
		{"韩梅梅", "", "群众", "'+86医院", "", "", "", "否", "成员"},
	}
	for i, line := range got { // a blank last cell may or may not be there
		for len(line) > 0 && line[len(line)-1] == "" {
			line = line[:len(line)-1]
		}
		got[i] = line
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for r := range want {
		for c := range want[1] {
			at, _ := excelize.CoordinatesToCellName(c+1, r+1)
			if formula, _ := f.GetCellFormula(exportSheet, at); formula != "" {
				t.Errorf("%s is a formula", at)
			}
			kind, _ := f.GetCellType(exportSheet, at)
			if kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString && kind != excelize.CellTypeUnset {
				t.Errorf("%s is not text: %v", at, kind)
			}
		}
	}
	panes, err := f.GetPanes(exportSheet)
	if err != nil || !panes.Freeze || panes.YSplit != 2 {
		t.Errorf("the header does not stay in sight: %+v %v", panes, err)
	}
}

// What goes out comes in again, but for the phone numbers, which are put back here.
func TestRoundTrip(t *testing.T) {
	rows := exported()[:2]
	f := written(t, "心肺支部花名册", rows)
	masked, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	s := mustRead(t, masked.Bytes())
	if len(s.Rows) != 0 || len(s.Problems) != 2 || !strings.Contains(s.Problems[0].Detail, "星号") {
		t.Errorf("masked numbers must be refused and named: %+v", s)
	}
	for at, phone := range map[string]string{"B3": "13800138000", "B4": "13800138001"} {
		if err := f.SetCellStr(exportSheet, at, phone); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	want := &Sheet{
		Name: exportSheet, HeaderRow: 2,
		Has:            Has{PartyStatus: true, Employer: true, Title: true, Group: true, JoinedOn: true},
		IgnoredColumns: []string{"是否绑定", "角色"},
		Rows: []Row{
			{3, "王芳", "13800138000", model.PartyFull, "北京协和医院", "主任医师", "第一党小组", "2015-07-01"},
			{4, "阿依古丽·买买提", "13800138001", model.PartyProbationary, "华西医院", "", "", ""},
		},
	}
	if diff := cmp.Diff(want, mustRead(t, whole.Bytes())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWriteNobody(t *testing.T) {
	f := written(t, "空名册", nil)
	rows, err := f.GetRows(exportSheet)
	if err != nil || len(rows) != 2 {
		t.Errorf("%v %v", rows, err)
	}
}
