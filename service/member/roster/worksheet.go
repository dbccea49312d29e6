package roster

import (
	"bytes"
	"encoding/xml"
	"strconv"
)

// The size of a spreadsheet's grid; what is outside is damage.
const (
	gridRows    = 1 << 20
	gridColumns = 1 << 14
	maxMerges   = 20_000
)

// place is one cell, counted from 0 for the column and from 1 for the row, as the sheet numbers it.
type place struct{ col, row int }

// worksheet streams the lines of one sheet into a table.
type worksheet struct {
	*walker
	book  *workbook
	table *table
	tall  map[place]int // merged cells of several rows, by their beginning: the last row
	under map[int]lent  // what hangs down from them, by column
	cells []cell
	at    place
}

// lent is the value of a merged cell, which every row down to the last shares.
type lent struct {
	cell cell
	last int
}

func (b *workbook) read(part string, t *table) error {
	data, err := b.unpack(part)
	if err != nil {
		return err
	}
	tall, err := tallMerges(data)
	if err != nil {
		return err
	}
	s := &worksheet{
		walker: walk(data), book: b, table: t, tall: tall, under: map[int]lent{}, cells: make([]cell, t.limits.Columns),
	}
	for {
		token, err := s.next()
		if err != nil || token == nil {
			return err
		}
		switch e := token.(type) {
		case xml.StartElement:
			if e.Name.Local == "row" {
				if err := s.row(e); err != nil {
					return err
				}
			}
		case xml.EndElement:
			if e.Name.Local == "sheetData" {
				return nil
			}
		}
	}
}

// row reads one row and hands it on when it holds anything.
func (s *worksheet) row(e xml.StartElement) error {
	n := s.at.row + 1
	if r := attribute(e, false, "r"); r != "" {
		var err error
		if n, err = strconv.Atoi(r); err != nil {
			return damaged()
		}
	}
	if n <= s.at.row || n > gridRows {
		return damaged()
	}
	s.at = place{col: -1, row: n}
	clear(s.cells)
	filled := false
	for end := s.depth - 1; s.depth > end; {
		token, err := s.next()
		if err != nil {
			return err
		}
		if token == nil {
			return damaged()
		}
		if c, ok := token.(xml.StartElement); ok && c.Name.Local == "c" {
			held, err := s.cell(c)
			if err != nil {
				return err
			}
			filled = filled || held
		}
	}
	if !filled {
		return nil
	}
	s.lend()
	return s.table.line(n, s.cells)
}

// cell reads one cell when the table wants its column, else passes over it. It tells whether there was anything in it.
func (s *worksheet) cell(e xml.StartElement) (held bool, err error) {
	col := s.at.col + 1
	if r := attribute(e, false, "r"); r != "" {
		p, ok := parsePlace(r)
		if !ok || p.row != s.at.row {
			return false, damaged()
		}
		col = p.col
	}
	if col <= s.at.col || col >= gridColumns {
		return false, damaged()
	}
	s.at.col = col
	if col >= len(s.cells) || !s.table.wants(col) {
		if held, err = s.skip(); held && col >= len(s.cells) && err == nil {
			err = tooManyColumns(s.table.limits)
		}
		return held, err
	}
	c, held, err := s.value(attribute(e, false, "t"))
	s.cells[col] = c
	if last, merged := s.tall[s.at]; merged && c.kind != blank {
		s.under[col] = lent{cell: c, last: last}
	}
	return held, err
}

// value decodes the cell just begun, whose type is kind.
func (s *worksheet) value(kind string) (c cell, held bool, err error) {
	raw, isFormula := "", false
	for end := s.depth - 1; s.depth > end; {
		token, err := s.next()
		if err != nil {
			return cell{}, held, err
		}
		if token == nil {
			return cell{}, held, damaged()
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		held = true
		switch e.Name.Local {
		case "f":
			isFormula = true
			_, err = s.skip()
		case "v":
			raw, err = s.words(false)
		case "is":
			raw, err = s.words(true)
		default:
			_, err = s.skip()
		}
		if err != nil {
			return cell{}, held, err
		}
	}
	if isFormula || kind == "e" {
		return cell{kind: formula}, held, nil
	}
	c, err = s.typed(kind, raw)
	return c, held, err
}

func (s *worksheet) typed(kind, raw string) (cell, error) {
	switch kind {
	case "s":
		if raw == "" {
			return cell{}, nil
		}
		i, err := strconv.Atoi(raw)
		if err != nil || i < 0 || i >= len(s.book.strings) {
			return cell{}, damaged()
		}
		return s.book.strings[i], nil
	case "", "n":
		return numberCell(raw), nil
	}
	return textCell(raw), nil
}

// lend gives the row what hangs down into it from merged cells above: one group's name beside the names of all its people.
func (s *worksheet) lend() {
	for col, l := range s.under {
		if s.at.row > l.last {
			delete(s.under, col)
		} else if s.cells[col].kind == blank {
			s.cells[col] = l.cell
			s.cells[col].carried = true
		}
	}
}

// tallMerges finds the merged cells of more than one row. They stand behind the rows they concern, so they are read first.
func tallMerges(data []byte) (map[place]int, error) {
	at := bytes.Index(data, []byte("mergeCells"))
	if at < 0 {
		return nil, nil
	}
	tall := map[place]int{}
	w := walk(data[max(0, bytes.LastIndexByte(data[:at], '<')):])
	for {
		token, err := w.raw() // begins in the middle, so the depth means nothing
		if err != nil {
			return tall, nil //nolint:nilerr // what is damaged is found when the rows are read
		}
		switch e := token.(type) {
		case xml.StartElement:
			if e.Name.Local != "mergeCell" {
				continue
			}
			from, to, ok := bytes.Cut([]byte(attribute(e, false, "ref")), []byte(":"))
			a, okA := parsePlace(string(from))
			z, okZ := parsePlace(string(to))
			if !ok || !okA || !okZ || z.row <= a.row {
				continue
			}
			if len(tall) >= maxMerges {
				return nil, damaged()
			}
			tall[a] = z.row
		case xml.EndElement:
			if e.Name.Local == "mergeCells" {
				return tall, nil
			}
		}
	}
}

// parsePlace reads a cell's name, such as B12.
func parsePlace(name string) (place, bool) {
	i, col := 0, 0
	for ; i < len(name) && i < 4 && name[i] >= 'A' && name[i] <= 'Z'; i++ {
		col = col*26 + int(name[i]-'A') + 1
	}
	if i == 0 || col > gridColumns || len(name) == i || len(name) > i+7 || !allDigits(name[i:]) {
		return place{}, false
	}
	row, _ := strconv.Atoi(name[i:]) // at most seven digits
	return place{col: col - 1, row: row}, row >= 1 && row <= gridRows
}
