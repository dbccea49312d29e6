package roster

import (
	"regexp"
	"strings"

	"zhibu/model"
)

// field is one column of the roster by its meaning.
type field int

const (
	fieldNone field = iota
	fieldName
	fieldPhone
	fieldStatus
	fieldEmployer
	fieldTitle
	fieldGroup
	fieldJoined
	fieldIdentity // never read
	fields
)

// headings are the wordings of each column, without blanks and signs, the most telling first: of two columns with the same
// meaning the earlier wins.
var headings = [fields][]string{
	fieldName: {"姓名", "党员姓名", "成员姓名", "会员姓名", "人员姓名", "真实姓名", "名字"},
	fieldPhone: {
		"手机号", "手机号码", "手机", "本人手机号", "本人手机", "联系手机", "移动电话", "手机电话", "联系电话手机",
		"手机联系电话", "联系电话", "联系方式", "电话号码", "电话", "联系号码",
	},
	fieldStatus: {"政治面貌", "党员类别", "党员类型", "党员身份", "政治身份", "面貌", "人员类别"},
	fieldEmployer: {
		"工作单位", "单位", "所在单位", "单位名称", "工作单位名称", "现工作单位", "所在工作单位", "任职单位",
		"就职单位", "所在医院", "工作医院", "医院", "医院名称", "工作单位科室", "单位科室",
	},
	fieldTitle: {
		"职务", "职务职称", "职称职务", "现任职务", "行政职务", "单位职务", "工作职务", "职称", "专业技术职务",
		"专业职称", "技术职称",
	},
	fieldGroup: {"党小组", "所属党小组", "所在党小组", "党小组名称", "所属小组", "所在小组", "小组", "组别"},
	fieldJoined: {
		"入党时间", "入党日期", "入党年月", "入党年月日", "加入党组织时间", "加入党组织日期", "加入中国共产党时间",
		"加入中共时间",
	},
}

var (
	headerRemark = regexp.MustCompile(`\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】`)
	headerSigns  = regexp.MustCompile(`[\s*:/\\、,，。.·_及和与-]+`)
)

// meaning tells what a column is from its heading, and how telling the wording is: 0 is the best.
func meaning(heading string) (field, int) {
	s := strings.ToLower(model.FoldWidth(model.SingleLine(heading)))
	if isIdentityHeading(s) {
		return fieldIdentity, 0
	}
	plain := headerSigns.ReplaceAllString(headerRemark.ReplaceAllString(s, ""), "")
	for f := fieldName; f < fieldIdentity; f++ {
		for rank, h := range headings[f] {
			if plain == h {
				return f, rank
			}
		}
	}
	return fieldNone, 0
}

// isIdentityHeading is generous: a column that only mentions the identity card is not read either.
func isIdentityHeading(s string) bool {
	s = strings.ReplaceAll(s, " ", "")
	for _, word := range []string{"身份证", "证件号", "身份号", "公民身份", "身份代码", "社会保障号", "idcard", "idnumber", "identity"} {
		if strings.Contains(s, word) {
			return true
		}
	}
	return s == "证件" || s == "身份"
}

// column is one known column of the sheet at hand.
type column struct {
	index   int
	heading string
}

// header is the row that names the columns.
type header struct {
	row     int
	of      [fields]*column
	known   map[int]field
	ignored []string
	first   int          // the leftmost known column
	never   map[int]bool // columns of identity cards
}

// findHeader makes a header of a line that names at least a name and a phone, else nil.
func findHeader(row int, cells []cell) *header {
	h := &header{row: row, known: map[int]field{}, never: map[int]bool{}, first: len(cells)}
	var ranks [fields]int
	for i, c := range cells {
		if c.kind != text {
			continue
		}
		f, rank := meaning(c.text)
		if f == fieldIdentity {
			h.never[i] = true
			continue
		}
		if f == fieldNone || h.of[f] != nil && ranks[f] <= rank {
			continue
		}
		h.of[f], ranks[f] = &column{index: i, heading: heading(c.text)}, rank
	}
	if h.of[fieldName] == nil || h.of[fieldPhone] == nil {
		return nil
	}
	for f, c := range h.of {
		if c != nil {
			h.known[c.index] = field(f)
			h.first = min(h.first, c.index)
		}
	}
	h.ignore(cells)
	return h
}

func (h *header) ignore(cells []cell) {
	seen := map[string]bool{}
	for i, c := range cells {
		if _, known := h.known[i]; known || c.kind != text {
			continue
		}
		if s := heading(c.text); s != "" && !seen[s] {
			seen[s] = true
			h.ignored = append(h.ignored, s)
		}
	}
}

// wants reports whether a column's cells are to be decoded: the known ones, and those left of them, where 合计 and 填表人 stand.
func (h *header) wants(col int) bool {
	if _, known := h.known[col]; known {
		return true
	}
	return col < h.first && !h.never[col]
}

// heading is the text of a heading as answers show it: without the spaces that only stretch it, and without long numbers.
func heading(s string) string {
	s = longDigits.ReplaceAllString(squeeze(s), "…")
	if r := []rune(s); len(r) > 30 {
		s = string(r[:30]) + "…"
	}
	return s
}
