package paper

import (
	"strings"
	"time"
)

// Sheet is what a document says, apart from its form: the same sheet becomes a PDF or a Word document.
type Sheet struct {
	Title  string // may have several lines
	Blocks []Block
}

// Block is one piece of a sheet; exactly one of the fields is set.
type Block struct {
	Field   *Field   // a word and what it is: 主持人：…
	Heading string   // 一、…
	Text    string   // a paragraph, its first line two characters in
	Note    string   // a mark or remark in small letters
	Grid    *Grid    // a table
	Signs   []string // lines to sign on, such as 主持人（签字）：
}

// Field is a word in front of what it is.
type Field struct{ Name, Value string }

// Grid is a table.
type Grid struct {
	Columns []Column
	Rows    [][]string
}

// Name is the title in one line, for a file's name.
func (s *Sheet) Name() string { return strings.ReplaceAll(s.Title, "\n", "") }

// Add puts a block at the end.
func (s *Sheet) Add(b Block) { s.Blocks = append(s.Blocks, b) }

// Named adds a word and what it is.
func (s *Sheet) Named(name, value string) { s.Add(Block{Field: &Field{name, value}}) }

// PDF writes the sheet as a PDF.
func (s *Sheet) PDF(now time.Time) ([]byte, error) {
	d := New(s.Name(), now)
	d.Title(s.Title)
	for _, b := range s.Blocks {
		switch {
		case b.Field != nil:
			d.Text(b.Field.Name + "：" + b.Field.Value)
		case b.Heading != "":
			d.Heading(b.Heading)
		case b.Text != "":
			d.Text("　　" + b.Text)
		case b.Note != "":
			d.Note(b.Note)
		case b.Grid != nil:
			d.Table(b.Grid.Columns, b.Grid.Rows)
			d.Space()
		case len(b.Signs) > 0:
			d.Signs(b.Signs)
		}
	}
	return d.Bytes()
}
