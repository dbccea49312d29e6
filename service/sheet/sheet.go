// Package sheet makes workbooks that an office files: each sheet is a title, a note below it, and one table that prints on A4 with its head on every
// page. What goes in decides every byte that comes out: no time of making stands in it.
package sheet

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"zhibu/model"
)

// Kind is the media type of a workbook.
const Kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// Column is a heading, the width in characters of the Latin script, and whether values stand in the middle.
type Column struct {
	Head   string
	Width  float64
	Middle bool
}

// Sheet is one table. A value is a text, or an int, which stays a number.
type Sheet struct {
	Name    string // of the tab; what a spreadsheet refuses in it is left out
	Title   string
	Note    string
	Columns []Column
	Rows    [][]any
	Foot    []string // lines below the table
}

// Write makes a workbook of the sheets, in their order.
func Write(sheets []Sheet) ([]byte, error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }() // nothing was opened
	st, err := newStyles(f)
	if err != nil {
		return nil, err
	}
	taken := map[string]bool{}
	for i, s := range sheets {
		name := tabName(s.Name, taken)
		if i == 0 {
			err = f.SetSheetName("Sheet1", name)
		} else {
			_, err = f.NewSheet(name)
		}
		if err != nil {
			return nil, fmt.Errorf("make the sheet %q: %w", name, err)
		}
		if err := (&table{f: f, name: name, styles: st, Sheet: s}).write(); err != nil {
			return nil, fmt.Errorf("write the sheet %q: %w", name, err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return nil, fmt.Errorf("write a workbook: %w", err)
	}
	return b.Bytes(), nil
}

// tabName is a name that spreadsheets take, and that no sheet bears yet.
func tabName(name string, taken map[string]bool) string {
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]：＼／？＊［］`, r) || r < ' ' {
			return -1
		}
		return r
	}, name))
	name = strings.Trim(model.CutRunes(name, 28), "'")
	if name == "" {
		name = "表"
	}
	for i, base := 2, name; taken[strings.ToLower(name)]; i++ {
		name = fmt.Sprintf("%s%d", base, i)
	}
	taken[strings.ToLower(name)] = true
	return name
}

type styles struct{ title, note, head, text, middle, foot int }

func newStyles(f *excelize.File) (styles, error) {
	var st styles
	border := []excelize.Border{}
	for _, side := range []string{"left", "right", "top", "bottom"} {
		border = append(border, excelize.Border{Type: side, Color: "BFBFBF", Style: 1})
	}
	font := func(size float64, bold bool, color string) *excelize.Font {
		return &excelize.Font{Family: "宋体", Size: size, Bold: bold, Color: color}
	}
	text := 49 // a value stays text when somebody edits it
	for _, s := range []struct {
		to    *int
		style excelize.Style
	}{
		{&st.title, excelize.Style{Font: font(16, true, "000000"), Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true}}},
		{&st.note, excelize.Style{Font: font(10, false, "595959"), Alignment: &excelize.Alignment{Horizontal: "left", Vertical: "center", WrapText: true}}},
		{&st.head, excelize.Style{Font: font(11, true, "000000"), Border: border, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"F2DCDB"}},
			Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true}}},
		{&st.text, excelize.Style{NumFmt: text, Font: font(11, false, "000000"), Border: border, Alignment: &excelize.Alignment{Vertical: "center", WrapText: true}}},
		{&st.middle, excelize.Style{NumFmt: text, Font: font(11, false, "000000"), Border: border, Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true}}},
		{&st.foot, excelize.Style{Font: font(11, false, "000000"), Alignment: &excelize.Alignment{Vertical: "center", WrapText: true}}},
	} {
		id, err := f.NewStyle(&s.style)
		if err != nil {
			return st, fmt.Errorf("make a style: %w", err)
		}
		*s.to = id
	}
	return st, nil
}

type table struct {
	f    *excelize.File
	name string
	styles
	Sheet
	row int
	err error
}

func (t *table) try(err error) {
	if t.err == nil {
		t.err = err
	}
}

func (t *table) last() string {
	name, err := excelize.ColumnNumberToName(max(1, len(t.Columns)))
	t.try(err)
	return name
}

// wide writes one text over all columns, as high as its lines need.
func (t *table) wide(text string, style int, size float64) {
	t.row++
	width := 0.0
	for _, c := range t.Columns {
		width += c.Width
	}
	from, to := fmt.Sprintf("A%d", t.row), fmt.Sprintf("%s%d", t.last(), t.row)
	t.try(t.f.SetCellStr(t.name, from, text))
	t.try(t.f.SetCellStyle(t.name, from, to, style))
	if len(t.Columns) > 1 {
		t.try(t.f.MergeCell(t.name, from, to))
	}
	t.try(t.f.SetRowHeight(t.name, t.row, float64(linesOf(text, width*11/size))*size*1.5+8))
}

func (t *table) write() error {
	for i, c := range t.Columns {
		col, err := excelize.ColumnNumberToName(i + 1)
		t.try(err)
		t.try(t.f.SetColWidth(t.name, col, col, c.Width))
	}
	t.wide(t.Title, t.title, 16)
	if t.Note != "" {
		t.wide(t.Note, t.note, 10)
	}
	t.row++
	headAt := t.row
	for i, c := range t.Columns {
		t.cell(i, c.Head, t.head)
	}
	t.try(t.f.SetRowHeight(t.name, t.row, 24))
	for _, row := range t.Rows {
		t.row++
		lines := 1
		for i, v := range row {
			style := t.text
			if i < len(t.Columns) && t.Columns[i].Middle {
				style = t.middle
			}
			t.cell(i, v, style)
			if s, ok := v.(string); ok && i < len(t.Columns) {
				lines = max(lines, linesOf(s, t.Columns[i].Width))
			}
		}
		t.try(t.f.SetRowHeight(t.name, t.row, math.Min(400, float64(lines)*15.5+6)))
	}
	for _, line := range t.Foot {
		t.wide(line, t.foot, 11)
	}
	t.page(headAt)
	return t.err
}

// cell writes one value. A text that a spreadsheet would run is marked as text, also for whoever saves the sheet as .csv.
func (t *table) cell(i int, v any, style int) {
	at, err := excelize.CoordinatesToCellName(i+1, t.row)
	t.try(err)
	switch v := v.(type) {
	case int:
		t.try(t.f.SetCellInt(t.name, at, int64(v)))
	case string:
		t.try(t.f.SetCellStr(t.name, at, model.CutRunes(model.PlainCell(v), 32000)))
	default:
		t.try(fmt.Errorf("a cell cannot hold %T", v))
	}
	t.try(t.f.SetCellStyle(t.name, at, at, style))
}

// page makes the sheet print on A4 across, as wide as the paper, with the head and the number on each page.
func (t *table) page(headAt int) {
	a4, landscape, wide, high := 9, "landscape", 1, 0
	yes := true
	t.try(t.f.SetPageLayout(t.name, &excelize.PageLayoutOptions{Size: &a4, Orientation: &landscape, FitToWidth: &wide, FitToHeight: &high}))
	t.try(t.f.SetSheetProps(t.name, &excelize.SheetPropsOptions{FitToPage: &yes}))
	side, top, bottom, edge := 0.5, 0.6, 0.7, 0.3
	t.try(t.f.SetPageMargins(t.name, &excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &top, Bottom: &bottom, Header: &edge, Footer: &edge, Horizontally: &yes}))
	t.try(t.f.SetHeaderFooter(t.name, &excelize.HeaderFooterOptions{OddFooter: "&C第 &P 页，共 &N 页"}))
	t.try(t.f.SetPanes(t.name, &excelize.Panes{Freeze: true, YSplit: headAt, TopLeftCell: fmt.Sprintf("A%d", headAt+1), ActivePane: "bottomLeft"}))
	t.try(t.f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: t.name, RefersTo: fmt.Sprintf("'%s'!$%d:$%d", strings.ReplaceAll(t.name, "'", "''"), headAt, headAt)}))
}

// linesOf is how many lines a text takes in a column of this width; a Chinese character is as wide as two Latin ones.
func linesOf(text string, width float64) int {
	lines := 0
	for _, part := range strings.Split(text, "\n") {
		w := 0.0
		for _, r := range part {
			if utf8.RuneLen(r) > 2 {
				w += 2.1
			} else {
				w += 1.1
			}
		}
		lines += max(1, int(math.Ceil(w/math.Max(1, width-1))))
	}
	return lines
}
