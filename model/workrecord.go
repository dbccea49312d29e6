package model

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// RecordPeriod is the stretch that a work record is about.
type RecordPeriod struct {
	Key   string // 2026-11, 2026-Q4 or 2026, which also names it in addresses
	First Date
	End   Date // the first day after it
}

// MonthPeriod, QuarterPeriod and YearPeriod read a period as an address writes it; false for what is none. Years are from 2000 to 2199.
func MonthPeriod(s string) (RecordPeriod, bool) {
	d := Date(s + "-01")
	if len(s) != len("2026-11") || !d.Valid() || !recordYear(s[:4]) {
		return RecordPeriod{}, false
	}
	return RecordPeriod{Key: s, First: d, End: DateOf(d.Start().AddDate(0, 1, 0))}, true
}

// QuarterPeriod reads 2026-Q4.
func QuarterPeriod(s string) (RecordPeriod, bool) {
	if len(s) != len("2026-Q4") || s[4:6] != "-Q" || s[6] < '1' || s[6] > '4' || !recordYear(s[:4]) {
		return RecordPeriod{}, false
	}
	d := Date(fmt.Sprintf("%s-%02d-01", s[:4], 3*int(s[6]-'1')+1))
	return RecordPeriod{Key: s, First: d, End: DateOf(d.Start().AddDate(0, 3, 0))}, true
}

// YearPeriod reads 2026.
func YearPeriod(s string) (RecordPeriod, bool) {
	if !recordYear(s) {
		return RecordPeriod{}, false
	}
	d := Date(s + "-01-01")
	return RecordPeriod{Key: s, First: d, End: DateOf(d.Start().AddDate(1, 0, 0))}, true
}

func recordYear(s string) bool {
	y, err := strconv.Atoi(s)
	return err == nil && len(s) == 4 && y >= 2000 && y < 2200
}

// Label is the period in Chinese.
func (p RecordPeriod) Label() string {
	year := string(p.First[:4])
	switch len(p.Key) {
	case 4:
		return year + " 年度"
	case 7:
		if p.Key[5] == 'Q' {
			return year + " 年第" + []string{"一", "二", "三", "四"}[p.Key[6]-'1'] + "季度"
		}
		return year + " 年 " + strconv.Itoa(int(p.First.Start().Month())) + " 月"
	}
	return p.Key
}

// From and To are the period as instants; To is the first one after it.
func (p RecordPeriod) From() time.Time { return p.First.Start().UTC() }

// To is the first instant after the period.
func (p RecordPeriod) To() time.Time { return p.End.Start().UTC() }

// LateOn is the day on which something was recorded, where that is more than so many days after the period's end; else empty.
func (p RecordPeriod) LateOn(recorded time.Time, days int) Date {
	if d := DateOf(recorded); d >= p.End.Add(days) {
		return d
	}
	return ""
}

// RecordKind is the kind of work that a line of the record is about.
type RecordKind string

// The kinds, in the order in which an office reads them.
const (
	RecordMeeting    RecordKind = "meeting"
	RecordContent    RecordKind = "content"
	RecordStudy      RecordKind = "study"
	RecordSuggestion RecordKind = "suggestion"
	RecordAction     RecordKind = "action"
	RecordPush       RecordKind = "push"
)

// RecordKinds are the kinds in the office's order.
func RecordKinds() []RecordKind {
	return []RecordKind{RecordMeeting, RecordContent, RecordStudy, RecordSuggestion, RecordAction, RecordPush}
}

// Label is the kind's Chinese name.
func (k RecordKind) Label() string {
	switch k {
	case RecordMeeting:
		return "组织生活"
	case RecordContent:
		return "宣传报道"
	case RecordStudy:
		return "理论学习"
	case RecordSuggestion:
		return "意见建议"
	case RecordAction:
		return "决议督办"
	case RecordPush:
		return "通知传达"
	}
	return string(k)
}

// RecordLine is one line of a work record: what happened and where that can be seen. Nobody types it.
type RecordLine struct {
	Kind   RecordKind
	On     Date // the day; the period's last for what is counted over the whole of it
	Order  string
	Title  string
	Text   string
	Path   string // its evidence, below the base path
	Late   string // 补录 or 后补, empty for what was recorded in time
	LateOn Date
}

// Day is the line's date as a filed page shows it. What is counted over the whole period has none of its own, and the period's last day may not have come.
func (l *RecordLine) Day() string {
	if l.Kind == RecordStudy || l.Kind == RecordSuggestion {
		return "全期"
	}
	return string(l.On)
}

// Evidence names on a filed page what proves the line: the noun, and the end of its number, which is enough to find it by. The whole address
// stands in the answer for programs and in the workbook.
func (l *RecordLine) Evidence() string {
	switch l.Kind {
	case RecordStudy:
		return "系统内的阅读与单位已学计数"
	case RecordSuggestion:
		return "系统内的意见建议办理记录"
	}
	noun := map[RecordKind]string{RecordMeeting: "会议", RecordContent: "文章", RecordAction: "督办事项", RecordPush: "通知"}[l.Kind]
	id := l.Path[strings.LastIndexByte(l.Path, '/')+1:]
	return "系统内" + noun + "，编号末尾 " + id[max(0, len(id)-8):]
}

// SortRecord puts lines into their order, which rests on nothing but themselves.
func SortRecord(lines []RecordLine) {
	kinds := RecordKinds()
	slices.SortFunc(lines, func(a, b RecordLine) int {
		if d := slices.Index(kinds, a.Kind) - slices.Index(kinds, b.Kind); d != 0 {
			return d
		}
		for _, c := range [][2]string{{string(a.On), string(b.On)}, {a.Order, b.Order}, {a.Path, b.Path}, {a.Text, b.Text}} {
			if c[0] != c[1] {
				if c[0] < c[1] {
					return -1
				}
				return 1
			}
		}
		return 0
	})
}

// MaxRecordNote is how long the one sentence may be that a branch adds to its record.
const MaxRecordNote = 200

// RecordNote is that sentence.
type RecordNote struct {
	OrgID     string `gorm:"primaryKey"`
	Period    string `gorm:"primaryKey"`
	Text      string
	WrittenBy string
	UpdatedAt time.Time
}

// TableName is the work record's.
func (RecordNote) TableName() string { return "work_record_notes" }

// CanSeeRecord: the record is the work of those who lead, and of the office.
func CanSeeRecord(a *Actor, o *Org) bool {
	return a.Bound() && (a.Has(RoleCommitteeMember, o.Path) || (o.Kind == OrgGroup && a.Has(RoleGroupLeader, o.Path)))
}

// CanNoteRecord: the sentence is the secretary's, for a group its leader's.
func CanNoteRecord(a *Actor, o *Org) bool {
	return a.Bound() && (a.Has(RoleSecretary, o.Path) || (o.Kind == OrgGroup && a.Has(RoleGroupLeader, o.Path)))
}

// TreeOrder puts organisations into the order of the tree: each before those below it, siblings as they were made.
func TreeOrder(orgs []Org) []Org {
	known, children := map[string]bool{}, map[string][]Org{}
	for _, o := range orgs {
		known[o.ID] = true
	}
	for _, o := range orgs {
		parent := ""
		if o.ParentID != nil && known[*o.ParentID] {
			parent = *o.ParentID
		}
		children[parent] = append(children[parent], o)
	}
	out := make([]Org, 0, len(orgs))
	var walk func(parent string)
	walk = func(parent string) {
		for _, o := range children[parent] {
			out = append(out, o)
			walk(o.ID)
		}
	}
	walk("")
	return out
}
