package roster

import (
	"encoding/xml"
	"errors"
	"path"
	"regexp"
	"strconv"
	"strings"

	"zhibu/model"
)

// workbook is the part of an .xlsx that says which sheets there are, and the texts they share.
type workbook struct {
	*parcel
	sheets    []sheetPart
	strings   []cell
	since1904 bool
}

// sheetPart is one visible worksheet.
type sheetPart struct{ name, part string }

// relation is one entry of a .rels part: what a part points to, and as what.
type relation struct{ kind, target string }

func readWorkbook(data []byte, limits Limits) (*Sheet, error) {
	p, err := openParcel(data, limits.Unzipped)
	if err != nil {
		return nil, err
	}
	b := &workbook{parcel: p}
	if err := b.open(); err != nil {
		return nil, err
	}
	for _, s := range b.sheets {
		t := newTable(limits)
		t.dates.since1904 = b.since1904
		if err := b.read(s.part, t); err != nil {
			return nil, err
		}
		if sheet := t.sheet(heading(s.name)); sheet != nil {
			return sheet, nil
		}
	}
	return nil, noHeader()
}

// open follows the package's relationships, since only they say where the parts are; the usual places are a habit, not a rule.
func (b *workbook) open() error {
	root, err := b.relations("_rels/.rels", "")
	if err != nil && !errors.Is(err, errNoPart) {
		return err
	}
	main := ""
	for _, r := range root {
		if strings.HasSuffix(r.kind, "/officeDocument") {
			main = r.target
		}
	}
	if main == "" || !strings.HasSuffix(main, ".xml") || strings.HasPrefix(main, "word/") || strings.HasPrefix(main, "ppt/") {
		return model.Fail(model.CodeMediaType, "这不是 .xlsx 表格，请用 Excel 或 WPS 另存为 .xlsx 再上传。")
	}
	folder := path.Dir(main)
	rels, err := b.relations(path.Join(folder, "_rels", path.Base(main)+".rels"), folder)
	if err != nil {
		return err
	}
	if err := b.listSheets(main, rels); err != nil {
		return err
	}
	for _, r := range rels {
		if strings.HasSuffix(r.kind, "/sharedStrings") {
			return b.readStrings(r.target)
		}
	}
	return nil
}

func (b *workbook) relations(part, folder string) (map[string]relation, error) {
	data, err := b.unpack(part)
	if err != nil {
		return nil, err
	}
	list := map[string]relation{}
	for w := walk(data); ; {
		token, err := w.next()
		if err != nil || token == nil {
			return list, err
		}
		e, ok := token.(xml.StartElement)
		if !ok || e.Name.Local != "Relationship" || attribute(e, false, "TargetMode") == "External" {
			continue
		}
		if len(list) >= maxParts {
			return nil, damaged()
		}
		list[attribute(e, false, "Id")] = relation{
			kind: attribute(e, false, "Type"), target: partName(folder, attribute(e, false, "Target")),
		}
	}
}

// listSheets takes the visible worksheets in their order: a hidden one is not what the sender sees and means.
func (b *workbook) listSheets(part string, rels map[string]relation) error {
	data, err := b.unpack(part)
	if err != nil {
		return err
	}
	for w := walk(data); ; {
		token, err := w.next()
		if err != nil || token == nil {
			return err
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch e.Name.Local {
		case "workbookPr":
			b.since1904 = isTrue(attribute(e, false, "date1904"))
		case "sheet":
			rel := rels[attribute(e, true, "id")]
			state := attribute(e, false, "state")
			if !strings.HasSuffix(rel.kind, "/worksheet") || state == "hidden" || state == "veryHidden" {
				continue
			}
			if len(b.sheets) >= maxSheets {
				return damaged()
			}
			b.sheets = append(b.sheets, sheetPart{name: attribute(e, false, "name"), part: rel.target})
		}
	}
}

// readStrings reads the texts shared by the sheets. A text with an identity number is forgotten here, before it is anybody's.
func (b *workbook) readStrings(part string) error {
	data, err := b.unpack(part)
	if errors.Is(err, errNoPart) {
		return nil // a workbook of numbers alone has none
	}
	if err != nil {
		return err
	}
	for w := walk(data); ; {
		token, err := w.next()
		if err != nil || token == nil {
			return err
		}
		if e, ok := token.(xml.StartElement); !ok || e.Name.Local != "si" {
			continue
		}
		s, err := w.words(true)
		if err != nil {
			return err
		}
		if len(b.strings) >= maxStrings {
			return tooBigInside()
		}
		b.strings = append(b.strings, textCell(s))
	}
}

func isTrue(s string) bool { return s == "1" || s == "true" }

var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

func hexRune(s string) (rune, error) {
	n, err := strconv.ParseUint(s, 16, 32)
	return rune(n), err
}
