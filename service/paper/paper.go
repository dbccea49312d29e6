// Package paper makes PDF documents in Chinese: a title, lines, a table that runs over pages, and the number of each page at its foot. The font is
// embedded, as far as its characters are used, so that a document looks the same on every machine.
package paper

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/signintech/gopdf"

	"zhibu/model"
)

//go:embed font/zhibu-sans.ttf
var fontFile []byte

// loadFont reads the font once: it is two megabytes, and most processes never need it.
var loadFont = sync.OnceValues(func() (*gopdf.FontContainer, error) {
	c := new(gopdf.FontContainer)
	// A character that the font has not is shown as a square, so that nobody takes what is left for the whole.
	err := c.AddTTFFontDataWithOption(family, fontFile, gopdf.TtfOption{OnGlyphNotFoundSubstitute: func(rune) rune { return '□' }})
	return c, err
})

// The page, in points: A4 with margins.
const (
	family = "zhibu"
	width  = 595.28
	height = 841.89
	margin = 56
	inner  = width - 2*margin
	foot   = height - margin
	leadOf = 1.5 // the height of a line, of its letters' size
)

// Document is a document that is being written. The first fault stops it, and Bytes tells of it.
type Document struct {
	pdf   gopdf.GoPdf
	y     float64
	err   error
	table func() // writes the head of the table that runs on
}

// New begins a document. The title and the instant go into its properties.
func New(title string, now time.Time) *Document {
	d := &Document{}
	d.pdf.Start(gopdf.Config{PageSize: gopdf.Rect{W: width, H: height}})
	d.pdf.SetInfo(gopdf.PdfInfo{Title: title, Creator: "手机党支部", Producer: "zhibu", CreationDate: now.In(model.Zone)})
	fonts, err := loadFont()
	if err != nil {
		d.err = err
		return d
	}
	d.fault(d.pdf.AddTTFFontFromFontContainer(family, fonts))
	d.page()
	return d
}

func (d *Document) fault(err error) {
	if d.err == nil && err != nil {
		d.err = fmt.Errorf("write a PDF: %w", err)
	}
}

func (d *Document) page() {
	d.pdf.AddPage()
	d.y = margin
}

// room begins a new page where so much height is not left; a table goes on there with its head.
func (d *Document) room(h float64) {
	if d.y+h <= foot-20 {
		return
	}
	d.page()
	if d.table != nil {
		d.table()
	}
}

func (d *Document) font(size float64, grey uint8) {
	d.fault(d.pdf.SetFont(family, "", size))
	d.pdf.SetTextColor(grey, grey, grey)
}

// lines breaks a text into the lines that fit. Punctuation that closes never begins a line.
func (d *Document) lines(text string, w float64) []string {
	var list []string
	for _, part := range strings.Split(text, "\n") {
		if part == "" {
			continue
		}
		got, err := d.pdf.SplitText(part, w)
		d.fault(err)
		for i, l := range got {
			first := []rune(l)
			if i > 0 && len(list) > 0 && len(first) > 1 && strings.ContainsRune("，。、；：！？）》」』”’〕】％", first[0]) {
				list[len(list)-1] += string(first[0])
				l = string(first[1:])
			}
			list = append(list, l)
		}
	}
	return list
}

func (d *Document) write(x float64, text string) {
	d.pdf.SetXY(x, d.y)
	d.fault(d.pdf.Cell(nil, text))
}

// Title writes a title, in the middle.
func (d *Document) Title(text string) {
	d.font(18, 0)
	for _, l := range d.lines(text, inner) {
		w, err := d.pdf.MeasureTextWidth(l)
		d.fault(err)
		d.room(18 * leadOf)
		d.write(margin+(inner-w)/2, l)
		d.y += 18 * leadOf
	}
	d.y += 8
}

// Text writes a paragraph.
func (d *Document) Text(text string) { d.paragraph(text, 11, 0) }

// Note writes a paragraph in small grey letters.
func (d *Document) Note(text string) { d.paragraph(text, 9, 90) }

func (d *Document) paragraph(text string, size float64, grey uint8) {
	d.font(size, grey)
	for _, l := range d.lines(text, inner-size) { // room for punctuation that hangs over
		d.room(size * leadOf)
		d.write(margin, l)
		d.y += size * leadOf
	}
	d.y += 3
}

// Heading begins a part. It is never the last line of a page.
func (d *Document) Heading(text string) {
	d.y += 6
	d.room(4 * 13 * leadOf)
	d.paragraph(text, 13, 0)
}

// Signs writes lines to sign on, with a line for the day, kept together on one page.
func (d *Document) Signs(names []string) {
	const gap = 34
	d.y += 20
	d.room(float64(len(names)) * gap)
	d.font(11, 0)
	d.pdf.SetStrokeColor(0, 0, 0)
	d.pdf.SetLineWidth(0.6)
	for _, n := range names {
		w, err := d.pdf.MeasureTextWidth(n)
		d.fault(err)
		d.write(margin, n)
		d.pdf.Line(margin+w+4, d.y+13, margin+w+170, d.y+13)
		d.write(margin+w+200, "　　　　年　　　月　　　日")
		d.y += gap
	}
}

// Space leaves some room.
func (d *Document) Space() { d.y += 10 }

// Column is one of a table's.
type Column struct {
	Head  string
	Share float64 // of the width
}

const (
	cellSize = 9.5
	cellPad  = 5
)

// Table writes a table. A row never runs over two pages, and each page begins with the head.
func (d *Document) Table(columns []Column, rows [][]string) {
	heads := make([]string, len(columns))
	for i, c := range columns {
		heads[i] = c.Head
	}
	d.table = func() { d.row(columns, heads, 90) }
	d.room(4 * cellSize * leadOf)
	d.table()
	for _, r := range rows {
		d.row(columns, r, 0)
	}
	d.table = nil
}

func (d *Document) row(columns []Column, cells []string, grey uint8) {
	d.font(cellSize, grey)
	texts := make([][]string, len(columns))
	most := 1
	for i, c := range columns {
		if i < len(cells) {
			texts[i] = d.lines(cells[i], c.Share*inner-2*cellPad-cellSize)
		}
		most = max(most, len(texts[i]))
	}
	h := float64(most)*cellSize*leadOf + 2*cellPad
	if grey == 0 {
		d.room(h)
		d.font(cellSize, grey) // the head of a new page has its own
	}
	top := d.y
	x := float64(margin)
	for i, c := range columns {
		d.y = top + cellPad
		for _, l := range texts[i] {
			d.write(x+cellPad, l)
			d.y += cellSize * leadOf
		}
		x += c.Share * inner
	}
	d.y = top + h
	d.pdf.SetStrokeColor(190, 190, 190)
	d.pdf.SetLineWidth(0.5)
	d.pdf.Line(margin, d.y, margin+inner, d.y)
}

// Bytes finishes the document: each page has its number at the foot.
func (d *Document) Bytes() ([]byte, error) {
	if d.err != nil {
		return nil, d.err
	}
	pages := d.pdf.GetNumberOfPages()
	for n := 1; n <= pages; n++ {
		d.fault(d.pdf.SetPage(n))
		d.font(9, 120)
		text := fmt.Sprintf("第 %d 页，共 %d 页", n, pages)
		w, err := d.pdf.MeasureTextWidth(text)
		d.fault(err)
		d.y = foot
		d.write(margin+(inner-w)/2, text)
	}
	if d.err != nil {
		return nil, d.err
	}
	b, err := d.pdf.GetBytesPdfReturnErr()
	return slices.Clip(b), err
}
