package paper

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"time"
)

// Docx writes the sheet as a Word document as an office files it: A4 with the margins of GB/T 9704, the text in 仿宋 of size 三号, headings in
// 黑体, the page's number at the foot. Where a machine has not these fonts, the font table names others of their kind.
func (s *Sheet) Docx(now time.Time) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, part := range []struct{ name, text string }{
		{"[Content_Types].xml", docxTypes},
		{"_rels/.rels", docxRelations},
		{"docProps/core.xml", s.core(now)},
		{"word/_rels/document.xml.rels", docxDocumentRelations},
		{"word/styles.xml", docxStyles},
		{"word/fontTable.xml", docxFonts},
		{"word/settings.xml", docxSettings},
		{"word/footer1.xml", docxFooter},
		{"word/document.xml", s.body()},
	} {
		// The parts bear the document's own time, so that the same sheet gives the same bytes.
		w, err := z.CreateHeader(&zip.FileHeader{Name: part.name, Method: zip.Deflate, Modified: now.UTC()})
		if err == nil {
			_, err = w.Write([]byte(xml.Header + part.text))
		}
		if err != nil {
			return nil, fmt.Errorf("write a Word document: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("write a Word document: %w", err)
	}
	return out.Bytes(), nil
}

// escape makes a text safe inside an element; what XML cannot hold becomes a mark of replacement.
func escape(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a strings.Builder never fails
	return b.String()
}

// run is a text with its line breaks.
func run(text, properties string) string {
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteString("<w:r><w:br/></w:r>")
		}
		b.WriteString("<w:r>" + properties + `<w:t xml:space="preserve">` + escape(line) + "</w:t></w:r>")
	}
	return b.String()
}

func paragraph(style, runs string) string {
	return `<w:p><w:pPr><w:pStyle w:val="` + style + `"/></w:pPr>` + runs + "</w:p>"
}

const boldRun = `<w:rPr><w:rFonts w:ascii="SimHei" w:hAnsi="SimHei" w:eastAsia="黑体"/></w:rPr>`

// body is the document with its page.
func (s *Sheet) body() string {
	var b strings.Builder
	b.WriteString(`<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><w:body>`)
	b.WriteString(paragraph("Title", run(s.Title, "")))
	for _, block := range s.Blocks {
		block.docx(&b)
	}
	b.WriteString(docxPage + "</w:body></w:document>")
	return b.String()
}

func (b Block) docx(out *strings.Builder) {
	switch {
	case b.Field != nil:
		out.WriteString(paragraph("Plain", run(b.Field.Name+"：", boldRun)+run(b.Field.Value, "")))
	case b.Heading != "":
		out.WriteString(paragraph("Heading1", run(b.Heading, "")))
	case b.Text != "":
		out.WriteString(paragraph("Normal", run(b.Text, "")))
	case b.Note != "":
		out.WriteString(paragraph("Note", run(b.Note, "")))
	case b.Grid != nil:
		b.Grid.docx(out)
	case len(b.Signs) > 0:
		for i, name := range b.Signs {
			style := "Sign"
			if i == len(b.Signs)-1 {
				style = "SignLast" // the others are kept with it
			}
			line := `<w:r><w:rPr><w:u w:val="single"/></w:rPr><w:t xml:space="preserve">` + strings.Repeat("　", 8) + "</w:t></w:r>"
			out.WriteString(paragraph(style, run(name, "")+line+run("　　　　年　　月　　日", "")))
		}
	}
}

// docxInner is the width inside the margins, in twentieths of a point.
const docxInner = 11906 - 1588 - 1474

func (g *Grid) docx(out *strings.Builder) {
	out.WriteString(`<w:tbl><w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:tblBorders>`)
	for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
		out.WriteString(`<w:` + side + ` w:val="single" w:sz="4" w:space="0" w:color="000000"/>`)
	}
	out.WriteString(`</w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>`)
	heads := make([]string, len(g.Columns))
	for i, c := range g.Columns {
		heads[i] = c.Head
		fmt.Fprintf(out, `<w:gridCol w:w="%d"/>`, int(c.Share*docxInner))
	}
	out.WriteString("</w:tblGrid>")
	row := func(cells []string, properties, runs string) {
		out.WriteString("<w:tr>" + properties)
		for i, c := range g.Columns {
			text := ""
			if i < len(cells) {
				text = cells[i]
			}
			fmt.Fprintf(out, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/></w:tcPr>%s</w:tc>`, int(c.Share*docxInner), paragraph("Cell", run(text, runs)))
		}
		out.WriteString("</w:tr>")
	}
	row(heads, "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>", boldRun)
	for _, r := range g.Rows {
		row(r, "<w:trPr><w:cantSplit/></w:trPr>", "")
	}
	out.WriteString("</w:tbl>" + paragraph("Plain", ""))
}

func (s *Sheet) core(now time.Time) string {
	at := now.UTC().Format(time.RFC3339)
	return `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
		"<dc:title>" + escape(s.Name()) + "</dc:title><dc:creator>手机党支部</dc:creator><dc:language>zh-CN</dc:language>" +
		`<dcterms:created xsi:type="dcterms:W3CDTF">` + at + `</dcterms:created></cp:coreProperties>`
}
