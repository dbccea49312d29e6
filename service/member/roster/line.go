package roster

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"zhibu/model"
)

// The longest texts, in characters.
const (
	maxName     = 50
	maxEmployer = 100
	maxTitle    = 50
	maxGroup    = 50
)

// lineReader reads the fields of one line and gathers their faults.
type lineReader struct {
	*table
	row    int
	cells  []cell
	faults []Problem
}

func (l *lineReader) fault(f field, code, detail string, args ...any) {
	l.faults = append(l.faults, Problem{
		Row: l.row, Column: l.header.of[f].heading, Code: code, Detail: fmt.Sprintf(detail, args...),
	})
}

var placeholder = regexp.MustCompile(`^[-/\\—–_~*.。、]+$`)

// isPlaceholder knows the strokes people put into a cell that has nothing to say.
func isPlaceholder(c cell) bool {
	return c.kind == text && placeholder.MatchString(model.SingleLine(model.FoldWidth(c.text)))
}

// readable is the cell of a field when it can be read at all. Formulas are refused in every column: their text is not what
// the keeper of the roster saw, and a name that is one is an attack on whoever opens the export.
func (l *lineReader) readable(f field) (cell, bool) {
	c := l.at(f, l.cells)
	if isPlaceholder(c) {
		return cell{}, true
	}
	switch c.kind {
	case formula:
		l.fault(f, CodeFormula, "单元格里是公式，请改为填写文字本身。")
		return cell{}, false
	case identity:
		l.fault(f, CodeIdentityNumber, "这里像是身份证号码。本系统不收集身份证号，请删去后填写“%s”。", l.header.of[f].heading)
		return cell{}, false
	case text:
		c.text = model.UnmarkCell(c.text)
		signs := model.SingleLine(c.text)
		if f == fieldPhone {
			signs = strings.TrimLeft(model.FoldWidth(signs), "+- ")
		}
		if model.RunsAsFormula(signs) {
			l.fault(f, CodeFormula, "内容以“%s”开头，会被当作公式，请改为填写文字本身。", firstSign(signs))
			return cell{}, false
		}
	}
	return c, true
}

func firstSign(s string) string {
	r, _ := utf8.DecodeRuneInString(s)
	return string(r)
}

func (l *lineReader) name() string {
	c, ok := l.readable(fieldName)
	if !ok {
		return ""
	}
	name := model.FoldName(c.text)
	if name == "" || name == "无" {
		l.fault(fieldName, CodeRequired, "请填写姓名。")
		return ""
	}
	return l.short(fieldName, name, maxName)
}

// phone is required: it is how a person is found again. A number met before is the fault of the later row.
func (l *lineReader) phone() string {
	c, ok := l.readable(fieldPhone)
	if !ok {
		return ""
	}
	s := model.SingleLine(model.FoldWidth(c.text))
	if s == "" || s == "无" {
		l.fault(fieldPhone, CodeRequired, "请填写手机号。")
		return ""
	}
	phone, ok := model.NormalizePhone(s)
	if !ok {
		l.fault(fieldPhone, CodeInvalidPhone, "%s", phoneAdvice(s))
		return ""
	}
	if first, met := l.byPhone[phone]; met {
		l.fault(fieldPhone, CodeDuplicatePhone, "手机号 %s 与第 %d 行相同，请核对后只保留一行，或改正手机号。", model.MaskPhone(phone), first)
		return ""
	}
	l.byPhone[phone] = l.row
	return phone
}

var (
	exponent   = regexp.MustCompile(`^\d(?:\.\d+)?[eE]\+?\d+$`)
	notDigits  = regexp.MustCompile(`\D+`)
	twoNumbers = regexp.MustCompile(`1[3-9]\d{9}\D+1[3-9]\d{9}`)
)

// phoneAdvice says what is wrong with a number without repeating it.
func phoneAdvice(s string) string {
	digits := notDigits.ReplaceAllString(s, "")
	if len(digits) > 11 {
		digits = strings.TrimPrefix(strings.TrimPrefix(digits, "00"), "86")
	}
	switch {
	case strings.Contains(s, "*"):
		return "手机号被星号遮住了，请填写完整的 11 位手机号。"
	case exponent.MatchString(s):
		return "手机号变成了科学计数，末几位已经丢失。请把这一列设为文本格式后重新填写。"
	case twoNumbers.MatchString(s):
		return "一格里有两个号码，请只保留一个手机号。"
	case len(digits) == 0:
		return "这里不是手机号，请填写 11 位手机号。"
	case len(digits) != 11:
		return fmt.Sprintf("手机号应为 11 位数字，现在有 %d 位，请核对。", len(digits))
	}
	return "这不是有效的手机号，请填写以 1 开头的 11 位手机号。"
}

// status is unknown ("") where the sheet has no such column; an empty cell of one is a fault, since it decides what may be read.
func (l *lineReader) status() model.PartyStatus {
	if l.header.of[fieldStatus] == nil {
		return ""
	}
	const permitted = "中共党员、预备党员、入党积极分子或群众"
	c, ok := l.readable(fieldStatus)
	if !ok {
		return ""
	}
	s := model.SingleLine(c.text)
	if s == "" {
		l.fault(fieldStatus, CodeRequired, "请填写政治面貌：%s。", permitted)
		return ""
	}
	p, ok := model.ParsePartyStatus(s)
	if !ok {
		l.fault(fieldStatus, CodeUnknownStatus, "这里没有“%s”这种政治面貌，请填写：%s。", shown(s), permitted)
	}
	return p
}

// words is a text that may be empty.
func (l *lineReader) words(f field, most int, tidy func(string) string) string {
	c, ok := l.readable(f)
	if !ok {
		return ""
	}
	s := tidy(c.text)
	if s == "无" || s == "暂无" {
		return ""
	}
	return l.short(f, s, most)
}

func (l *lineReader) short(f field, s string, most int) string {
	if utf8.RuneCountInString(s) > most {
		l.fault(f, CodeTooLong, "内容太长：最多 %d 个字，请缩短。", most)
		return ""
	}
	return s
}

func (l *lineReader) joined() model.Date {
	c, ok := l.readable(fieldJoined)
	if !ok {
		return ""
	}
	switch s := model.SingleLine(c.text); s {
	case "", "无", "暂无":
		return ""
	default:
		date, ok := l.dates.parse(c)
		if !ok {
			l.fault(fieldJoined, CodeInvalidDate, "看不懂日期“%s”，请写成 2015-07-01 或 2015年7月 这样。", shown(s))
		}
		return date
	}
}
