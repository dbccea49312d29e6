package upload

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
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
		return kind, nil
	}
	if found.Is("image/webp") || found.Is("image/gif") || found.Is("image/heic") || found.Is("image/bmp") {
		return "", unsupported("这种图片请另存为 JPG 或 PNG 后再上传。")
	}
	return "", unsupported("")
}

func unsupported(hint string) error {
	return model.Fail(model.CodeMediaType, "仅支持 JPG、PNG 图片，PDF，以及不含宏的 Word、Excel、PowerPoint 文件（docx、xlsx、pptx）。"+hint)
}

// maxParts is how many parts a package may have: reading its list costs memory for each.
const maxParts = 20_000

// officeParts are the parts without which a package is none of these.
var officeParts = map[string]string{
	"word/document.xml":    model.MIMEDocx,
	"xl/workbook.xml":      model.MIMEXlsx,
	"ppt/presentation.xml": model.MIMEPptx,
}

// officeKind looks into a package; one with macros is refused, whatever its name says.
func officeKind(f io.ReaderAt, size int64) string {
	if n, ok := partCount(f, size); !ok || n > maxParts {
		return ""
	}
	z, err := zip.NewReader(f, size)
	if err != nil {
		return ""
	}
	kind, typed := "", false
	for _, part := range z.File {
		if strings.HasSuffix(strings.ToLower(part.Name), "vbaproject.bin") {
			return ""
		}
		typed = typed || part.Name == "[Content_Types].xml"
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
