package roster

import (
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"zhibu/model"
)

// ExportRow is one person as the export shows them.
type ExportRow struct {
	Name        string
	Phone       string // masked; a whole number is masked here too
	PartyStatus model.PartyStatus
	Employer    string
	Title       string
	Group       string
	JoinedOn    model.Date
	Bound       bool
	Roles       []model.Role
}

const exportSheet = "花名册"

// exportColumns are the headings and their widths.
func exportColumns() ([]any, []float64) {
	return []any{"姓名", "手机号", "政治面貌", "单位", "职务", "党小组", "入党日期", "是否绑定", "角色"},
		[]float64{12, 16, 14, 36, 18, 16, 14, 10, 24}
}

// Write makes an .xlsx that opens well and that Read understands, but for the masked phone numbers. Every value is written as
// text, which no spreadsheet runs; and since such a file is often saved again as .csv, where text and formula look alike,
// a value that would run there gets an apostrophe before it, as spreadsheets themselves mark text. Read takes it off again.
func Write(w io.Writer, title string, rows []ExportRow) error {
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetName("Sheet1", exportSheet); err != nil {
		return err
	}
	if err := exportPage(f); err != nil {
		return err
	}
	styles, err := exportStyles(f)
	if err != nil {
		return err
	}
	s, err := f.NewStreamWriter(exportSheet)
	if err != nil {
		return err
	}
	if err := writeHead(s, styles, title); err != nil {
		return err
	}
	for i, r := range rows {
		at, err := excelize.CoordinatesToCellName(1, i+3)
		if err != nil {
			return err
		}
		if err := s.SetRow(at, r.cells(styles.body)); err != nil {
			return err
		}
	}
	if err := s.Flush(); err != nil {
		return err
	}
	return f.Write(w)
}

// exportPage makes the roster print on A4 across, as wide as the paper, with its headings and the number on each page.
func exportPage(f *excelize.File) error {
	a4, landscape, wide, high, fit := 9, "landscape", 1, 0, true
	if err := f.SetPageLayout(exportSheet, &excelize.PageLayoutOptions{Size: &a4, Orientation: &landscape, FitToWidth: &wide, FitToHeight: &high}); err != nil {
		return err
	}
	if err := f.SetSheetProps(exportSheet, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	if err := f.SetHeaderFooter(exportSheet, &excelize.HeaderFooterOptions{OddFooter: "&C第 &P 页，共 &N 页"}); err != nil {
		return err
	}
	return f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: exportSheet, RefersTo: "'" + exportSheet + "'!$2:$2"})
}

func writeHead(s *excelize.StreamWriter, styles exportStyle, title string) error {
	headings, widths := exportColumns()
	for i, width := range widths {
		if err := s.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	if err := s.SetPanes(&excelize.Panes{
		Freeze: true, YSplit: 2, TopLeftCell: "A3", ActivePane: "bottomLeft",
		Selection: []excelize.Selection{{SQRef: "A3", ActiveCell: "A3", Pane: "bottomLeft"}},
	}); err != nil {
		return err
	}
	last, err := excelize.CoordinatesToCellName(len(headings), 1)
	if err != nil {
		return err
	}
	if err := s.MergeCell("A1", last); err != nil {
		return err
	}
	heading := []any{excelize.Cell{StyleID: styles.title, Value: model.PlainCell(title)}}
	if err := s.SetRow("A1", heading, excelize.RowOpts{Height: 30}); err != nil {
		return err
	}
	for i, h := range headings {
		headings[i] = excelize.Cell{StyleID: styles.head, Value: h}
	}
	return s.SetRow("A2", headings, excelize.RowOpts{Height: 22})
}

func (r ExportRow) cells(style int) []any {
	phone := r.Phone
	if whole, ok := model.NormalizePhone(phone); ok {
		phone = model.MaskPhone(whole)
	}
	bound := "否"
	if r.Bound {
		bound = "是"
	}
	roles := make([]string, len(r.Roles))
	for i, role := range r.Roles {
		roles[i] = role.Label()
	}
	values := []string{
		r.Name, phone, r.PartyStatus.Label(), r.Employer, r.Title, r.Group, string(r.JoinedOn), bound, strings.Join(roles, "、"),
	}
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = excelize.Cell{StyleID: style, Value: model.PlainCell(v)}
	}
	return out
}

type exportStyle struct{ title, head, body int }

// asText is the number format of text, so that a value stays text when somebody edits it.
const asText = 49

func exportStyles(f *excelize.File) (exportStyle, error) {
	const family = "微软雅黑"
	line := []excelize.Border{
		{Type: "left", Color: "BFBFBF", Style: 1}, {Type: "right", Color: "BFBFBF", Style: 1},
		{Type: "top", Color: "BFBFBF", Style: 1}, {Type: "bottom", Color: "BFBFBF", Style: 1},
	}
	var s exportStyle
	for _, one := range []struct {
		id    *int
		style excelize.Style
	}{
		{&s.title, excelize.Style{
			NumFmt: asText, Font: &excelize.Font{Family: family, Size: 16, Bold: true},
			Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center"},
		}},
		{&s.head, excelize.Style{
			NumFmt: asText, Border: line, Font: &excelize.Font{Family: family, Size: 11, Bold: true},
			Fill:      excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"F2DCDB"}},
			Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center"},
		}},
		{&s.body, excelize.Style{
			NumFmt: asText, Border: line, Font: &excelize.Font{Family: family, Size: 11},
			Alignment: &excelize.Alignment{Vertical: "center", WrapText: true},
		}},
	} {
		id, err := f.NewStyle(&one.style)
		if err != nil {
			return s, err
		}
		*one.id = id
	}
	return s, nil
}
