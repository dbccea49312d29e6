package roster

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"
)

const (
	maxParts   = 2000    // of an .xlsx
	maxDepth   = 64      // of XML elements within each other
	maxToken   = 1 << 18 // bytes of one tag or text; a cell holds at most 32,767 characters
	maxSheets  = 100     // of a workbook
	maxStrings = 200_000 // shared by all sheets
	maxText    = 4096    // bytes kept of one cell: more than the longest permitted text, so that too long is still seen
)

// parcel is an opened .xlsx: its parts by their lower-case names, and how many bytes may still be unpacked.
type parcel struct {
	parts map[string]*zip.File
	left  int64
}

func openParcel(data []byte, limit int64) (*parcel, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil || len(z.File) > maxParts {
		return nil, damaged()
	}
	p := &parcel{parts: make(map[string]*zip.File, len(z.File)), left: limit}
	for _, f := range z.File {
		name := partName("", f.Name)
		if _, twice := p.parts[name]; twice {
			return nil, damaged() // two parts of one name are read differently by different programs
		}
		p.parts[name] = f
	}
	return p, nil
}

// partName resolves a target as relationships write it, against the folder of the part that names it.
func partName(folder, target string) string {
	target = strings.ReplaceAll(target, `\`, "/")
	if !strings.HasPrefix(target, "/") {
		target = path.Join(folder, target)
	}
	return strings.ToLower(strings.TrimPrefix(path.Clean("/"+target), "/"))
}

// unpack reads one part whole. A part is refused by the size it claims, and zip's reader stops at one that is longer than that.
func (p *parcel) unpack(name string) ([]byte, error) {
	f := p.parts[name]
	if f == nil {
		return nil, damaged().Because(errNoPart)
	}
	if f.UncompressedSize64 > uint64(p.left) {
		return nil, tooBigInside()
	}
	p.left -= int64(f.UncompressedSize64)
	r, err := f.Open()
	if err != nil {
		return nil, damaged()
	}
	defer r.Close()
	data := bytes.NewBuffer(make([]byte, 0, f.UncompressedSize64+bytes.MinRead))
	if _, err := data.ReadFrom(r); err != nil {
		return nil, damaged()
	}
	return data.Bytes(), nil
}

var errNoPart = errors.New("roster: the package has no such part")

// walker goes through the elements of one part. It reads raw tokens, which keeps no stack of names, and counts the depth itself.
type walker struct {
	d     *xml.Decoder
	bytes *tokenBytes
	depth int
}

func walk(data []byte) *walker {
	b := &tokenBytes{Reader: bytes.NewReader(data)}
	return &walker{d: xml.NewDecoder(b), bytes: b}
}

// tokenBytes feeds the decoder and bounds one token: an element of a million attributes would take far more memory than it
// takes bytes.
type tokenBytes struct {
	*bytes.Reader
	left int
}

// ReadByte is how the decoder reads.
func (b *tokenBytes) ReadByte() (byte, error) {
	if b.left--; b.left < 0 {
		return 0, errLongToken
	}
	return b.Reader.ReadByte()
}

var errLongToken = errors.New("roster: a token of the part is too long")

func (w *walker) raw() (xml.Token, error) {
	w.bytes.left = maxToken
	return w.d.RawToken()
}

// next is the next token, nil at the end.
func (w *walker) next() (xml.Token, error) {
	token, err := w.raw()
	if errors.Is(err, io.EOF) {
		if w.depth != 0 {
			return nil, damaged()
		}
		return nil, nil
	}
	if err != nil {
		return nil, damaged() // the decoder's own words may hold what the sheet holds
	}
	switch token.(type) {
	case xml.StartElement:
		w.depth++
	case xml.EndElement:
		w.depth--
	}
	if w.depth < 0 || w.depth > maxDepth {
		return nil, damaged()
	}
	return token, nil
}

// skip passes over the rest of the element just begun, without decoding, and tells whether it held another.
func (w *walker) skip() (held bool, err error) {
	for end := w.depth - 1; w.depth > end; {
		token, err := w.next()
		if err != nil {
			return held, err
		}
		switch token.(type) {
		case nil:
			return held, damaged()
		case xml.StartElement:
			held = true
		}
	}
	return held, nil
}

// words gathers the text of the element just begun: of itself or, in rich text, of the <t> within, without phonetic guides.
func (w *walker) words(rich bool) (string, error) {
	var b strings.Builder
	end, taking := w.depth-1, !rich
	for w.depth > end {
		token, err := w.next()
		if err != nil {
			return "", err
		}
		switch e := token.(type) {
		case nil:
			return "", damaged()
		case xml.StartElement:
			if e.Name.Local == "rPh" {
				if _, err := w.skip(); err != nil {
					return "", err
				}
			} else if e.Name.Local == "t" {
				taking = true
			}
		case xml.EndElement:
			if e.Name.Local == "t" {
				taking = !rich
			}
		case xml.CharData:
			if room := maxText - b.Len(); taking && room > 0 {
				b.Write(e[:min(len(e), room)])
			}
		}
	}
	return unescape(strings.ToValidUTF8(b.String(), "")), nil
}

// attribute is the value of an attribute by its local name; the prefix, as in r:id, is asked for where it matters.
func attribute(e xml.StartElement, prefixed bool, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && (a.Name.Space != "") == prefixed {
			return a.Value
		}
	}
	return ""
}

// unescape resolves _x000D_, the way spreadsheets write what XML can't hold.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	return escaped.ReplaceAllStringFunc(s, func(m string) string {
		n, err := hexRune(m[2:6])
		if err != nil {
			return m
		}
		return string(n)
	})
}
