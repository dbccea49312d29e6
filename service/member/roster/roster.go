// Package roster reads and writes member lists as files: .xlsx and .csv in, .xlsx out. It knows no database.
//
// Reading walks the parts of an .xlsx itself, with archive/zip and encoding/xml, instead of opening it with excelize, for
// three reasons. A formula can be told from a value, and the wanted columns from the others, only on the stream: excelize's
// row iterator shows neither, and its random access makes one record for every row up to the highest number named, a million
// in many files saved by LibreOffice. Parts over a limit it spools to a temporary file, identity numbers included. And here
// a cell of the identity-card column is passed over without being decoded, and an identity number in the table of shared
// strings is dropped while that table is read, so that nothing but the bytes of the upload themselves ever keeps one.
package roster

import (
	"fmt"
	"io"

	"zhibu/model"
)

// Limits bounds what Read accepts. A field that is zero takes its value from DefaultLimits.
type Limits struct {
	Bytes    int64 // of the file
	Unzipped int64 // of all parts of an .xlsx that are read
	Rows     int   // that hold anything
	Columns  int
}

// DefaultLimits is far above any society's roster and far below what could hurt the machine.
func DefaultLimits() Limits {
	return Limits{Bytes: 5 << 20, Unzipped: 24 << 20, Rows: 5000, Columns: 100}
}

func (l Limits) filled() Limits {
	d := DefaultLimits()
	if l.Bytes <= 0 {
		l.Bytes = d.Bytes
	}
	if l.Unzipped <= 0 {
		l.Unzipped = d.Unzipped
	}
	if l.Rows <= 0 {
		l.Rows = d.Rows
	}
	if l.Columns <= 0 {
		l.Columns = d.Columns
	}
	return l
}

// Sheet is what a roster file says.
type Sheet struct {
	Name           string   // of the sheet within the workbook; empty for .csv
	HeaderRow      int      // as the sheet numbers it
	Has            Has      // which optional columns there are
	IgnoredColumns []string // header texts that are not understood or not wanted, in their order
	Rows           []Row
	Problems       []Problem
}

// Has tells a column that is absent (leave what is known alone) from a cell that is empty.
type Has struct {
	PartyStatus, Employer, Title, Group, JoinedOn bool
}

// Row is one person without any fault.
type Row struct {
	Row         int // as the sheet numbers it
	Name        string
	Phone       string // normalised by model.NormalizePhone
	PartyStatus model.PartyStatus
	Employer    string
	Title       string
	Group       string
	JoinedOn    model.Date // 入党时间; the first of the month where the sheet names only the month
}

// Problem is one fault of one row. A row with a fault is not among the Rows.
type Problem struct {
	Row    int    // as the sheet numbers it
	Column string // header text
	Code   string
	Detail string // how to mend it, in Chinese; never a whole phone number, never an identity number
}

// The codes of a Problem.
const (
	CodeRequired       = "required"
	CodeInvalidPhone   = "invalid_phone"
	CodeUnknownStatus  = "unknown_party_status"
	CodeDuplicatePhone = "duplicate_phone"
	CodeFormula        = "formula"
	CodeInvalidDate    = "invalid_date"
	CodeTooLong        = "too_long"
	CodeIdentityNumber = "identity_number"
)

// Read reads a roster. What it is, is decided by its content; the name serves the wording of an error only. A negative size is
// unknown. Errors: unsupported_media_type, payload_too_large, and validation_failed on the field "file".
func Read(r io.Reader, size int64, filename string, limits Limits) (*Sheet, error) {
	limits = limits.filled()
	if size > limits.Bytes {
		return nil, tooBig(limits)
	}
	data, err := io.ReadAll(io.LimitReader(r, limits.Bytes+1))
	if err != nil {
		return nil, badFile("unreadable", "文件没有完整收到，请重新上传。").Because(err)
	}
	if int64(len(data)) > limits.Bytes {
		return nil, tooBig(limits)
	}
	switch kind := sniff(data); kind {
	case isEmpty:
		return nil, badFile("empty", "文件是空的，请选择填好的花名册。")
	case isZip:
		return readWorkbook(data, limits)
	case isText:
		return readText(data, limits)
	default:
		return nil, unsupported(kind, filename)
	}
}

func badFile(code, detail string) *model.Error { return model.BadField("file", code, detail) }

func damaged() *model.Error {
	return badFile("damaged", "表格文件已损坏，无法读取。请用 Excel 或 WPS 打开后另存为 .xlsx 再上传。")
}

func noHeader() *model.Error {
	return badFile("no_header", "没有找到表头：需要含有“姓名”和“手机号”的一行。")
}

func tooBig(l Limits) *model.Error {
	return model.Failf(model.CodeTooLarge, "文件太大：花名册不得超过 %s。请删去图片和多余的工作表后再上传。", sizeText(l.Bytes))
}

func tooBigInside() *model.Error {
	return model.Fail(model.CodeTooLarge, "表格展开后的内容太多，无法读取。请只保留花名册一张工作表后再上传。")
}

func tooManyRows(l Limits) *model.Error {
	return model.Failf(model.CodeTooLarge, "表格的行数太多：一次最多导入 %d 行，请分成几个文件上传。", l.Rows)
}

func tooManyColumns(l Limits) *model.Error {
	return model.Failf(model.CodeTooLarge, "表格的列数太多：最多 %d 列，请删去多余的列后再上传。", l.Columns)
}

func sizeText(n int64) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MB", n>>20)
	}
	return fmt.Sprintf("%d KB", n>>10)
}
