package roster

import (
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"strings"
)

// readText reads a .csv. The comma is whichever makes a header appear.
func readText(data []byte, limits Limits) (*Sheet, error) {
	s, err := decodeText(data)
	if err != nil {
		return nil, err
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	var first error
	for _, comma := range []rune{',', '\t', ';'} {
		t := newTable(limits)
		err := readRecords(s, comma, t)
		if t.header != nil {
			if err != nil {
				return nil, err
			}
			return t.sheet(""), nil
		}
		if first == nil {
			first = err
		}
	}
	if first != nil {
		return nil, first
	}
	return nil, noHeader()
}

// readRecords counts rows as a spreadsheet does that opens the file: blank lines count, line breaks within a field do not.
func readRecords(s string, comma rune, t *table) error {
	r := csv.NewReader(strings.NewReader(s))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = comma, -1, true, true
	cells := make([]cell, t.limits.Columns)
	for row, lines := 0, 0; ; {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return damaged() // the reader's own words may hold what the file holds
		}
		begin, _ := r.FieldPos(0)
		row += begin - lines
		lines = begin
		for _, field := range record {
			lines += strings.Count(field, "\n")
		}
		clear(cells)
		filled := false
		for col, field := range record {
			if strings.TrimSpace(field) == "" {
				continue
			}
			if col >= len(cells) {
				return tooManyColumns(t.limits)
			}
			filled = true
			if t.wants(col) {
				cells[col] = plainCell(field)
			}
		}
		if !filled {
			continue
		}
		if err := t.line(row, cells); err != nil {
			return err
		}
	}
}

var (
	plainNumber = regexp.MustCompile(`^\d+(?:\.\d+)?$`)
	keptAsText  = regexp.MustCompile(`^="([^"]*)"$`)
)

// plainCell makes a cell of a field of a .csv, where nothing says what is a number. ="138…" is not a formula but the usual
// way to keep a spreadsheet from rounding a long number.
func plainCell(s string) cell {
	s = strings.TrimSpace(s)
	if m := keptAsText.FindStringSubmatch(s); m != nil {
		return textCell(m[1])
	}
	c := textCell(s)
	if c.kind == text && plainNumber.MatchString(s) {
		c.kind = number
	}
	return c
}
