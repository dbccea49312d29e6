package roster

import (
	"bytes"
	"path"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"zhibu/model"
)

// content is what a file is, by its first bytes.
type content int

const (
	isEmpty content = iota
	isZip
	isText
	isCompound // .xls, or an .xlsx with a password
	isHTML     // what many systems export under the name .xls
	isOther
)

func sniff(data []byte) content {
	switch {
	case len(bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))) == 0:
		return isEmpty
	case bytes.HasPrefix(data, []byte("PK\x03\x04")), bytes.HasPrefix(data, []byte("PK\x05\x06")):
		return isZip
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return isCompound
	case hasWideMark(data):
		return isText
	}
	// Text holds no control characters but these; the head is enough to tell a picture or a PDF.
	head := data[:min(len(data), 4096)]
	for _, b := range head {
		if b < 0x20 && b != '\t' && b != '\n' && b != '\r' && b != '\f' && b != 0x1a {
			return isOther
		}
	}
	start := strings.ToLower(string(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")))))
	for _, tag := range []string{"<html", "<!doctype", "<table", "<?xml", "<meta", "<head"} {
		if strings.HasPrefix(start, tag) {
			return isHTML
		}
	}
	if strings.HasPrefix(start, "%pdf-") || strings.HasPrefix(start, "{\\rtf") {
		return isOther
	}
	return isText
}

func unsupported(kind content, filename string) *model.Error {
	detail := "这不是花名册表格，请上传 .xlsx 或 .csv 文件。"
	switch {
	case kind == isCompound && strings.EqualFold(path.Ext(filename), ".xlsx"):
		detail = "表格设有打开密码，无法读取。请取消密码后另存为 .xlsx 再上传。"
	case kind == isCompound:
		detail = "这是旧版 .xls 或加密的文件，请用 Excel 或 WPS 另存为 .xlsx 再上传。"
	case kind == isHTML:
		detail = "这是网页格式的表格，请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。"
	}
	return model.Fail(model.CodeMediaType, detail)
}

func hasWideMark(data []byte) bool {
	return bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff"))
}

// decodeText turns a .csv into UTF-8. Excel in China writes GB18030, or UTF-16 for its "Unicode text".
func decodeText(data []byte) (string, error) {
	switch {
	case hasWideMark(data):
		out, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(data)
		if err != nil {
			return "", badEncoding()
		}
		return string(out), nil
	case utf8.Valid(data):
		return string(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))), nil
	}
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
	if err != nil || bytes.ContainsRune(out, utf8.RuneError) {
		return "", badEncoding()
	}
	return string(out), nil
}

func badEncoding() *model.Error {
	return badFile("encoding", "无法识别文件的文字编码，请另存为 .xlsx 或“CSV UTF-8”再上传。")
}
