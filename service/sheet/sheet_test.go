package sheet

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"
)

func example() []Sheet {
	return []Sheet{
		{Name: "心肺康复/党支部", Title: "工作纪实", Note: "说明", Columns: []Column{{Head: "日期", Width: 12, Middle: true}, {Head: "内容", Width: 50}, {Head: "次数", Width: 8}},
			Rows: [][]any{{"2026-11-12", "=HYPERLINK(\"http://evil\")", 3}, {"2026-11-13", "＋cmd", 1}}, Foot: []string{"经办人："}},
		{Name: "心肺康复党支部", Title: "另一表", Columns: []Column{{Head: "列", Width: 10}}, Rows: [][]any{{"值"}}},
	}
}

func TestWriteIsTheSameToTheByte(t *testing.T) {
	first, err := Write(example())
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		again, err := Write(example())
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, again) {
			t.Fatal("the same tables made another file")
		}
	}
	other := example()
	other[0].Rows[0][2] = 4
	if again, _ := Write(other); bytes.Equal(first, again) {
		t.Fatal("another value made the same file")
	}
}

func TestWriteRunsNothingAndKeepsNumbers(t *testing.T) {
	b, err := Write(example())
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	tabs := f.GetSheetList()
	if len(tabs) != 2 || tabs[0] != "心肺康复党支部" || tabs[1] != "心肺康复党支部2" {
		t.Errorf("tabs: %v", tabs)
	}
	for at, want := range map[string]string{"A1": "工作纪实", "A2": "说明", "B3": "内容", "B4": `'=HYPERLINK("http://evil")`, "B5": "'＋cmd", "C4": "3", "A6": "经办人："} {
		if got, _ := f.GetCellValue(tabs[0], at); got != want {
			t.Errorf("%s: %q, want %q", at, got, want)
		}
		if formula, _ := f.GetCellFormula(tabs[0], at); formula != "" {
			t.Errorf("%s runs %q", at, formula)
		}
	}
	if kind, _ := f.GetCellType(tabs[0], "C4"); kind == excelize.CellTypeSharedString || kind == excelize.CellTypeInlineString {
		t.Errorf("a number is kept as %v", kind)
	}
}
