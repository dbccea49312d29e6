package member

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"zhibu/model"
)

// The longest texts, in characters; the roster files have the same.
const (
	maxName     = 50
	maxEmployer = 100
	maxTitle    = 50
)

// Details are what a roster says of a person. JoinedOn is the day of joining the Party as the roster gives it; empty when it is not known.
type Details struct {
	Name        string
	Phone       string
	PartyStatus model.PartyStatus
	Employer    string
	Title       string
	JoinedOn    model.Date
}

// check cleans the details and names every fault at once.
func (d Details) check(now time.Time) (Details, error) {
	var v model.Invalid
	d.Name = checkName(&v, d.Name)
	phone, ok := model.NormalizePhone(d.Phone)
	if !ok {
		v.Add("phone", "invalid_phone", phoneAdvice)
	}
	d.Phone = phone
	checkStatus(&v, d.PartyStatus)
	d.Employer = checkWords(&v, "employer", "单位", d.Employer, maxEmployer)
	d.Title = checkWords(&v, "title", "职务", d.Title, maxTitle)
	checkDay(&v, d.JoinedOn, now)
	return d, v.Err()
}

// CheckDetails names the faults of a person's details. Errors: validation_failed.
func (s *Service) CheckDetails(d Details) error {
	_, err := d.check(s.clock())
	return err
}

// CheckChanges names the faults of what is to be changed of a person. Errors: validation_failed.
func (s *Service) CheckChanges(c Changes) error {
	_, err := c.apply(&model.Member{}, s.clock())
	return err
}

// fillInto writes what is known into a person; what is empty erases nothing. It reports whether anything changed.
func (d Details) fillInto(m *model.Member) bool {
	old := *m
	if d.PartyStatus != "" {
		m.PartyStatus = d.PartyStatus
	}
	if d.Employer != "" {
		m.Employer = d.Employer
	}
	if d.Title != "" {
		m.Title = d.Title
	}
	return old.PartyStatus != m.PartyStatus || old.Employer != m.Employer || old.Title != m.Title
}

// Changes are the fields to change; nil leaves one as it is. A Version that is not 0 must be the present one.
type Changes struct {
	Name        *string
	Phone       *string
	PartyStatus *model.PartyStatus
	Employer    *string
	Title       *string
	JoinedOn    *model.Date
	Version     int
}

// changedFields are the names of the fields that have changed, for the audit, which keeps no values.
type changedFields map[string]bool

func (f changedFields) note(name string, is bool) {
	if is {
		f[name] = true
	}
}

func (f changedFields) list() string {
	names := make([]string, 0, len(f))
	for name := range f {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}

// apply writes the changes, all but the phone and the day, into a person and names every fault at once.
func (c Changes) apply(m *model.Member, now time.Time) (changedFields, error) {
	var v model.Invalid
	what := changedFields{}
	if c.Name != nil {
		name := checkName(&v, *c.Name)
		what.note("name", name != m.Name)
		m.Name, m.NameSort = name, SortKey(name)
	}
	if c.Phone != nil {
		if _, ok := model.NormalizePhone(*c.Phone); !ok {
			v.Add("phone", "invalid_phone", phoneAdvice)
		}
	}
	if c.PartyStatus != nil {
		checkStatus(&v, *c.PartyStatus)
		what.note("party_status", *c.PartyStatus != m.PartyStatus)
		m.PartyStatus = *c.PartyStatus
	}
	if c.Employer != nil {
		words := checkWords(&v, "employer", "单位", *c.Employer, maxEmployer)
		what.note("employer", words != m.Employer)
		m.Employer = words
	}
	if c.Title != nil {
		words := checkWords(&v, "title", "职务", *c.Title, maxTitle)
		what.note("title", words != m.Title)
		m.Title = words
	}
	if c.JoinedOn != nil {
		checkDay(&v, *c.JoinedOn, now)
	}
	return what, v.Err()
}

const phoneAdvice = "请填写以 1 开头的 11 位手机号。"

func badPhone() error { return model.BadField("phone", "invalid_phone", phoneAdvice) }

func checkName(v *model.Invalid, name string) string {
	name = model.FoldName(name)
	switch {
	case name == "":
		v.Add("name", "required", "请填写姓名。")
	case utf8.RuneCountInString(name) > maxName:
		v.Add("name", "too_long", "姓名不能超过 50 个字。")
	}
	return name
}

func checkStatus(v *model.Invalid, s model.PartyStatus) {
	if !s.Valid() {
		v.Add("party_status", "not_allowed", "政治面貌只能是中共党员、预备党员、入党积极分子或群众。")
	}
}

func checkWords(v *model.Invalid, field, label, text string, most int) string {
	text = model.SingleLine(text)
	if utf8.RuneCountInString(text) > most {
		v.Add(field, "too_long", label+"的内容太长，请缩短。")
	}
	return text
}

func checkDay(v *model.Invalid, day model.Date, now time.Time) {
	switch {
	case day == "":
	case !day.Valid():
		v.Add("joined_on", "invalid_date", "日期格式应如 2015-07-01。")
	case day > model.DateOf(now):
		v.Add("joined_on", "invalid_date", "日期不能晚于今天。")
	}
}
