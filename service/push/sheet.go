package push

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"

	"zhibu/model"
)

// sheet writes a spreadsheet line by line to where it goes: a list of any length takes no more memory than a line, and the numbers in it never
// lie in a file of ours. Every value is written as text, which no spreadsheet runs.
type sheet struct {
	zip *zip.Writer
	out *bufio.Writer
	row int
	err error
}

// The styles, by their places in sheetStyles.
const (
	styleTitle = iota + 1
	styleNote
	styleHead
	styleText
	styleMiddle
)

// column is a heading, the width in characters, and the style of the values.
type column struct {
	heading string
	width   int
	style   int
}

const (
	xmlHead   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	sheetMain = `http://schemas.openxmlformats.org/spreadsheetml/2006/main`
	officeRel = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	parcelRel = `http://schemas.openxmlformats.org/package/2006/relationships`

	sheetTypes = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`

	sheetRoot = `<Relationships xmlns="` + parcelRel + `"><Relationship Id="rId1" Type="` + officeRel + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`

	sheetParts = `<Relationships xmlns="` + parcelRel + `"><Relationship Id="rId1" Type="` + officeRel + `/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="` + officeRel + `/styles" Target="styles.xml"/></Relationships>`

	// The number format 49 is text, so that a value stays text when somebody edits it.
	sheetStyles = `<styleSheet xmlns="` + sheetMain + `"><fonts count="4"><font><sz val="11"/><name val="微软雅黑"/></font><font><b/><sz val="16"/><name val="微软雅黑"/></font>` +
		`<font><sz val="10"/><color rgb="FF595959"/><name val="微软雅黑"/></font><font><b/><sz val="11"/><name val="微软雅黑"/></font></fonts>` +
		`<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>` +
		`<fill><patternFill patternType="solid"><fgColor rgb="FFF2DCDB"/></patternFill></fill></fills>` +
		`<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border><border><left style="thin"><color rgb="FFBFBFBF"/></left>` +
		`<right style="thin"><color rgb="FFBFBFBF"/></right><top style="thin"><color rgb="FFBFBFBF"/></top><bottom style="thin"><color rgb="FFBFBFBF"/></bottom><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="6"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyAlignment="1"><alignment horizontal="center" vertical="center" shrinkToFit="1"/></xf>` +
		`<xf numFmtId="49" fontId="2" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyAlignment="1"><alignment horizontal="center" vertical="center" wrapText="1"/></xf>` +
		`<xf numFmtId="49" fontId="3" fillId="2" borderId="1" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1"><alignment horizontal="center" vertical="center"/></xf>` +
		`<xf numFmtId="49" fontId="0" fillId="0" borderId="1" xfId="0" applyNumberFormat="1" applyBorder="1" applyAlignment="1"><alignment vertical="center" wrapText="1"/></xf>` +
		`<xf numFmtId="49" fontId="0" fillId="0" borderId="1" xfId="0" applyNumberFormat="1" applyBorder="1" applyAlignment="1"><alignment horizontal="center" vertical="center" wrapText="1"/></xf>` +
		`</cellXfs></styleSheet>`
)

// sheetBook names the sheet, and repeats the third row, which has the headings, on every printed page.
func sheetBook(name string) string {
	return `<workbook xmlns="` + sheetMain + `" xmlns:r="` + officeRel + `"><sheets><sheet name="` + name + `" sheetId="1" r:id="rId1"/></sheets>` +
		`<definedNames><definedName name="_xlnm.Print_Titles" localSheetId="0">'` + name + `'!$3:$3</definedName></definedNames></workbook>`
}

// newSheet begins a spreadsheet with a title, a note below it, and the headings, which stay in sight. Name is a plain word.
func newSheet(w io.Writer, name, title, note string, columns []column) *sheet {
	s := &sheet{zip: zip.NewWriter(w)}
	for _, part := range [][2]string{
		{"[Content_Types].xml", sheetTypes}, {"_rels/.rels", sheetRoot}, {"xl/workbook.xml", sheetBook(name)},
		{"xl/_rels/workbook.xml.rels", sheetParts}, {"xl/styles.xml", sheetStyles}, {"xl/worksheets/sheet1.xml", ""},
	} {
		out, err := s.zip.Create(part[0])
		if err != nil {
			s.err = err
			return s
		}
		s.out = bufio.NewWriter(out)
		s.write(xmlHead, part[1])
		if part[1] != "" && s.err == nil {
			s.err = s.out.Flush()
		}
	}
	s.write(`<worksheet xmlns="`, sheetMain, `"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr><sheetViews><sheetView workbookViewId="0">`,
		`<pane ySplit="3" topLeftCell="A4" activePane="bottomLeft" state="frozen"/><selection pane="bottomLeft" activeCell="A4" sqref="A4"/></sheetView></sheetViews>`,
		`<sheetFormatPr defaultRowHeight="20"/><cols>`)
	headings := make([]string, len(columns))
	for i, c := range columns {
		headings[i] = c.heading
		s.write(fmt.Sprintf(`<col min="%d" max="%d" width="%d" customWidth="1"/>`, i+1, i+1, c.width))
	}
	s.write(`</cols><sheetData>`)
	s.line(32, []string{title}, func(int) int { return styleTitle })
	s.line(36, []string{note}, func(int) int { return styleNote })
	s.line(24, headings, func(int) int { return styleHead })
	return s
}

// write goes on until the first error.
func (s *sheet) write(parts ...string) {
	for _, p := range parts {
		if s.err == nil {
			_, s.err = s.out.WriteString(p)
		}
	}
}

// line writes a row; a height of 0 fits the text.
func (s *sheet) line(height int, values []string, style func(int) int) {
	s.row++
	s.write(`<row r="`, strconv.Itoa(s.row), `"`)
	if height > 0 {
		s.write(` ht="`, strconv.Itoa(height), `" customHeight="1"`)
	}
	s.write(`>`)
	for i, v := range values {
		s.write(`<c r="`, string(rune('A'+i)), strconv.Itoa(s.row), `" s="`, strconv.Itoa(style(i)), `" t="inlineStr"><is><t xml:space="preserve">`)
		if s.err == nil {
			s.err = xml.EscapeText(s.out, []byte(model.PlainCell(v)))
		}
		s.write(`</t></is></c>`)
	}
	s.write(`</row>`)
}

// close writes what comes after the rows: the pages are A4, across, as wide as the sheet, with their numbers and a word at their feet.
func (s *sheet) close(columns int, foot string) error {
	last := string(rune('A' + columns - 1))
	s.write(`</sheetData><mergeCells count="2"><mergeCell ref="A1:`, last, `1"/><mergeCell ref="A2:`, last, `2"/></mergeCells><printOptions horizontalCentered="1"/>`,
		`<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/><pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/>`,
		`<headerFooter><oddFooter>&amp;L`, foot, `&amp;R第 &amp;P 页，共 &amp;N 页</oddFooter></headerFooter></worksheet>`)
	if s.err == nil {
		s.err = s.out.Flush()
	}
	if s.err != nil {
		return s.err // without its end the file is seen to be broken
	}
	return s.zip.Close()
}
