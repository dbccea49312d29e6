package roster

import (
	"regexp"
	"strings"

	"zhibu/model"
)

// table takes the lines of one sheet, finds the header among them and makes people of the lines below.
type table struct {
	limits  Limits
	dates   dates
	header  *header
	filled  int            // lines that hold anything
	byPhone map[string]int // the row in which a phone number was first met
	rows    []Row
	faults  []Problem
}

func newTable(l Limits) *table { return &table{limits: l, byPhone: map[string]int{}} }

// wants reports whether the cells of a column are to be decoded. Until the header is found every column may hold part of it.
func (t *table) wants(col int) bool { return t.header == nil || t.header.wants(col) }

// line takes the cells of one row, which are the caller's again afterwards.
func (t *table) line(row int, cells []cell) error {
	if t.filled++; t.filled > t.limits.Rows {
		return tooManyRows(t.limits)
	}
	if t.header == nil {
		t.header = findHeader(row, cells)
		return nil
	}
	if t.nobody(cells) {
		return nil
	}
	t.person(row, cells)
	return nil
}

// at is the cell of a column by its meaning; blank where there is no such column.
func (t *table) at(f field, cells []cell) cell {
	c := t.header.of[f]
	if c == nil || c.index >= len(cells) {
		return cell{}
	}
	return cells[c.index]
}

var footer = regexp.MustCompile(`^(?:合计|总计|小计|共计|总人数|以上共|填表|制表|填报|审核|审批|复核|签字|签名|签章|盖章|经办|备注|说明|注[::]|附[::]|日期|负责人|单位负责人|联系人|支部书记|党支部书记|支部负责人)|签字|签章|盖章`)

// nobody reports whether a line is no person: blank, a repeated header, a total or a signature line.
func (t *table) nobody(cells []cell) bool {
	own := false // a line that only shares merged cells with the one above says nothing itself
	lead := ""
	for i, c := range cells {
		if !t.header.wants(i) || c.kind == blank {
			continue
		}
		if _, known := t.header.known[i]; known && !c.carried && !isPlaceholder(c) {
			own = true
		}
		if lead == "" && (c.kind == text || c.kind == formula) {
			lead = c.text
		}
	}
	if !own {
		return true
	}
	name, phone := t.at(fieldName, cells), t.at(fieldPhone, cells)
	if f, _ := meaning(name.text); f == fieldName {
		if f, _ = meaning(phone.text); f == fieldPhone || phone.kind == blank {
			return true
		}
	}
	if _, ok := model.NormalizePhone(phone.text); ok {
		return false
	}
	return footer.MatchString(strings.ReplaceAll(model.SingleLine(model.FoldWidth(lead)), " ", ""))
}

// person reads one line. A line with any fault gives its faults and nobody.
func (t *table) person(row int, cells []cell) {
	l := lineReader{table: t, row: row, cells: cells}
	p := Row{
		Row:         row,
		Name:        l.name(),
		Phone:       l.phone(),
		PartyStatus: l.status(),
		Employer:    l.words(fieldEmployer, maxEmployer, model.SingleLine),
		Title:       l.words(fieldTitle, maxTitle, model.SingleLine),
		Group:       l.words(fieldGroup, maxGroup, squeeze),
		JoinedOn:    l.joined(),
	}
	if len(l.faults) > 0 {
		t.faults = append(t.faults, l.faults...)
		return
	}
	t.rows = append(t.rows, p)
}

// sheet is the result, once all lines have passed. Without a header there is none.
func (t *table) sheet(name string) *Sheet {
	h := t.header
	if h == nil {
		return nil
	}
	return &Sheet{
		Name:      name,
		HeaderRow: h.row,
		Has: Has{
			PartyStatus: h.of[fieldStatus] != nil,
			Employer:    h.of[fieldEmployer] != nil,
			Title:       h.of[fieldTitle] != nil,
			Group:       h.of[fieldGroup] != nil,
			JoinedOn:    h.of[fieldJoined] != nil,
		},
		IgnoredColumns: h.ignored,
		Rows:           t.rows,
		Problems:       t.faults,
	}
}
