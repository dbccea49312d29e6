package model

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"time"
)

// AnnualKind is what sort of thing a branch lacks.
type AnnualKind string

// The kinds, in the order of the list.
const (
	AnnualSecretary  AnnualKind = "secretary"
	AnnualMeeting    AnnualKind = "meeting"
	AnnualMinutes    AnnualKind = "minutes"
	AnnualSuggestion AnnualKind = "suggestion"
	AnnualAction     AnnualKind = "action"
)

// Label is the kind's Chinese name.
func (k AnnualKind) Label() string {
	switch k {
	case AnnualSecretary:
		return "班子配备"
	case AnnualMeeting:
		return "组织生活"
	case AnnualMinutes:
		return "会议记录"
	case AnnualSuggestion:
		return "意见建议"
	case AnnualAction:
		return "决议督办"
	}
	return string(k)
}

// AnnualItem is one thing that is missing, and the tap that mends it; or the reason why it stays so.
type AnnualItem struct {
	Key   string     `json:"key"`
	Kind  AnnualKind `json:"kind"`
	Title string     `json:"title"`
	Text  string     `json:"text"`
	// What mends it says the same whenever it is asked, but is no part of what is frozen.
	Path   string `json:"-"`
	Mend   string `json:"-"`
	Reason string `json:"reason"`
}

// AnnualDuties sums up what was owed of meetings and what became of it.
type AnnualDuties struct {
	Owed    int `json:"owed"`
	Done    int `json:"done"`
	Planned int `json:"planned"`
	Excused int `json:"excused"`
	Missing int `json:"missing"` // in periods that have begun
}

// AnnualFacts are what an annual check says, in the form in which it is frozen.
type AnnualFacts struct {
	OrgID  string       `json:"org_id"`
	Org    string       `json:"org"`
	Year   int          `json:"year"`
	Duties AnnualDuties `json:"duties"`
	Items  []AnnualItem `json:"items"`
}

// Canonical is the one way to write the facts, and its digest: the fields in their order, without blanks.
func (f *AnnualFacts) Canonical() (body, sum string, err error) {
	if f.Items == nil {
		f.Items = []AnnualItem{}
	}
	b, err := json.Marshal(f)
	if err != nil {
		return "", "", err
	}
	return string(b), AnnualSum(string(b)), nil
}

// AnnualSum is the digest of frozen facts.
func AnnualSum(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// AnnualReason is why something that a check lists stays as it is.
type AnnualReason struct {
	OrgID     string `gorm:"primaryKey"`
	Year      int    `gorm:"primaryKey;autoIncrement:false"`
	ItemKey   string `gorm:"primaryKey"`
	Reason    string
	WrittenBy string
	UpdatedAt time.Time
}

// AnnualSnapshot is a check as it was frozen; each freezing is one more.
type AnnualSnapshot struct {
	ID       string `gorm:"primaryKey"`
	OrgID    string
	Year     int
	Seq      int
	Body     string // canonical
	Sha256   string `gorm:"column:sha256"`
	FrozenBy string
	FrozenAt time.Time
}

// Intact reports whether the frozen body is still the one whose digest was kept.
func (s *AnnualSnapshot) Intact() bool { return AnnualSum(s.Body) == s.Sha256 }

// MaxAnnualReason is how long a reason may be, in characters.
const MaxAnnualReason = 200

// AnnualItems finds what is missing of an organisation's meetings in the periods that have begun: what can still be held is to be called, what is
// over can be explained. prefix makes the keys of several organisations differ, and name stands before the title of another's.
func AnnualItems(owed []Obligation, prefix, name string, today Date) (items []AnnualItem, sum AnnualDuties) {
	for _, o := range owed {
		sum.Owed += o.Owed
		sum.Done += o.Done()
		sum.Planned += o.Coming()
		sum.Excused += o.Excused()
		state := o.State(today)
		if state != ObligationMissed && state != ObligationOpen {
			continue
		}
		sum.Missing += o.Missing()
		it := AnnualItem{Key: "meeting:" + prefix + o.Key, Kind: AnnualMeeting, Title: name + o.Period + o.Type.Label(), Text: countText(o)}
		it.Path, it.Mend = "/meetings?org_id="+o.OrgID+"&from="+string(o.From)+"&to="+string(o.Until), "如已召开，请补录会议与出席情况；未召开的请说明原因"
		if state == ObligationOpen {
			it.Path, it.Mend = "/meetings/slots?org_id="+o.OrgID, "本期尚未结束，可现在选时间召集"
		}
		items = append(items, it)
	}
	return items, sum
}

func countText(o Obligation) string {
	text := "应开 " + strconv.Itoa(o.Owed) + " 次，已开 " + strconv.Itoa(o.Done()) + " 次"
	if n := o.Coming(); n > 0 {
		text += "，已安排 " + strconv.Itoa(n) + " 次"
	}
	return text + "，尚缺 " + strconv.Itoa(o.Missing()) + " 次"
}

// CanSeeAnnual: the check is for those who lead the organisation, and the office.
func CanSeeAnnual(a *Actor, o *Org) bool { return a.Bound() && a.Has(RoleCommitteeMember, o.Path) }

// CanAnswerAnnual: reasons are stated and checks frozen by the secretary or the office.
func CanAnswerAnnual(a *Actor, o *Org) bool { return a.Bound() && a.Has(RoleSecretary, o.Path) }
