package upload

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"regexp"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"zhibu/model"
)

// sniff is how much of a file tells its type.
const sniff = 4096

// kindOf decides a file's type by its content. Errors: unsupported_media_type.
func kindOf(f io.ReaderAt, size int64) (string, error) {
	head := make([]byte, min(size, sniff))
	if _, err := f.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return "", broken(err)
	}
	found := mimetype.Detect(head)
	for m := found; m != nil; m = m.Parent() {
		if m.Is("application/zip") { // the beginning of a package does not tell which it is
			if kind := officeKind(f, size); kind != "" {
				return kind, nil
			}
			return "", unsupported("")
		}
	}
	if kind := found.String(); model.FileAllowed(kind) {
		if kind == model.MIMEPDF && (!bytes.HasPrefix(head, []byte("%PDF-")) || alsoPackage(f, size)) {
			return "", unsupported("这个 PDF 文件中夹带了其他内容。")
		}
		return kind, nil
	}
	if found.Is(model.MIMEWebP) {
		return model.MIMEWebP, nil
	}
	if found.Is("image/gif") || found.Is("image/heic") || found.Is("image/bmp") {
		return "", unsupported("这种图片请另存为 JPG 或 PNG 后再上传。")
	}
	return "", unsupported("")
}

func unsupported(hint string) error {
	return model.Fail(model.CodeMediaType, "仅支持 JPG、PNG、WebP 图片，PDF，以及不含宏的 Word、Excel、PowerPoint 文件（docx、xlsx、pptx）。"+hint)
}

// maxParts is how many parts a package may have: reading its list costs memory for each.
const maxParts = 20_000

// officeParts are the parts without which a package is none of these.
var officeParts = map[string]string{
	"word/document.xml":    model.MIMEDocx,
	"xl/workbook.xml":      model.MIMEXlsx,
	"ppt/presentation.xml": model.MIMEPptx,
}

// alsoPackage reports whether a file that is something else is a package too, which another program would open as that.
func alsoPackage(f io.ReaderAt, size int64) bool {
	n, ok := partCount(f, size)
	if !ok || n == 0 {
		return false
	}
	if n > maxParts {
		return true
	}
	z, err := zip.NewReader(f, size)
	return err == nil && len(z.File) > 0
}

// activePart finds the parts of a package that hold programs: macros of today and of old, and controls.
var activePart = regexp.MustCompile(`(?i)(^|/)(vbaproject[^/]*\.bin|vbadata\.xml|macrosheets/.*|dialogsheets/.*|activex/.*)$`)

// officeKind looks into a package; one with macros is refused, whatever its name says, and so is one with anything before or behind it.
func officeKind(f io.ReaderAt, size int64) string {
	if n, ok := partCount(f, size); !ok || n > maxParts || !endsAsPackage(f, size) {
		return ""
	}
	z, err := zip.NewReader(f, size)
	if err != nil {
		return ""
	}
	kind, typed := "", false
	for _, part := range z.File {
		if activePart.MatchString(strings.ReplaceAll(part.Name, "\\", "/")) {
			return ""
		}
		if part.Name == "[Content_Types].xml" {
			if typed || macroTyped(part) {
				return ""
			}
			typed = true
		}
		if k := officeParts[part.Name]; k != "" {
			if kind != "" && kind != k {
				return ""
			}
			kind = k
		}
	}
	if !typed {
		return ""
	}
	return kind
}

// maxTypes is how long a package's list of types may be; that of a book of a thousand sheets has 200 KB.
const maxTypes = 4 << 20

// macroTyped reports whether a package's list of types speaks of macros, or cannot be read.
func macroTyped(part *zip.File) bool {
	r, err := part.Open()
	if err != nil {
		return true
	}
	list, err := io.ReadAll(io.LimitReader(r, maxTypes+1))
	if errors.Join(err, r.Close()) != nil || len(list) > maxTypes {
		return true
	}
	list = bytes.ToLower(list)
	return bytes.Contains(list, []byte("macroenabled")) || bytes.Contains(list, []byte("vbaproject"))
}

// endsAsPackage reports whether the file ends where the package ends: no comment and nothing behind it.
func endsAsPackage(f io.ReaderAt, size int64) bool {
	end := make([]byte, 22)
	if size < int64(len(end)) {
		return false
	}
	if _, err := f.ReadAt(end, size-int64(len(end))); err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	return bytes.HasPrefix(end, []byte("PK\x05\x06")) && end[20] == 0 && end[21] == 0
}

// partCount reads from a package's end how many parts it says to have.
func partCount(f io.ReaderAt, size int64) (int, bool) {
	const end = 22 // the record without its comment
	tail := make([]byte, min(size, end+0xffff))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return 0, false
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || at+end > len(tail) {
		return 0, false
	}
	return int(binary.LittleEndian.Uint16(tail[at+10:])), true
}
