package model

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// MinutesState is how far minutes have come.
type MinutesState string

// A draft is signed by one, then by the other, and with the second signature it is locked. A change in between takes the signature back.
const (
	MinutesDraft  MinutesState = "draft"
	MinutesSigned MinutesState = "signed"
	MinutesLocked MinutesState = "locked"
)

// MinutesMode is how much the document tells.
type MinutesMode string

// The modes: brief leaves out who was present by name and the course of the discussion; different opinions stay in both.
const (
	MinutesFull  MinutesMode = "full"
	MinutesBrief MinutesMode = "brief"
)

// Valid reports whether m is one of the modes.
func (m MinutesMode) Valid() bool { return m == MinutesFull || m == MinutesBrief }

// Opinion is what somebody said.
type Opinion struct {
	SpeakerID string `json:"speaker_id,omitempty"`
	Text      string `json:"text"`
	Dissent   bool   `json:"dissent,omitempty"` // a different opinion, which is kept
}

// Resolution is what was resolved, and who does it by when; or that nothing follows from it.
type Resolution struct {
	Text       string `json:"text"`
	OwnerID    string `json:"owner_id,omitempty"`
	DueOn      Date   `json:"due_on,omitempty"`
	NoFollowUp bool   `json:"no_follow_up,omitempty"`
}

// Minutes are a meeting's. What the system knows stands in the facts, which are taken live until the lock and kept as they were from then on.
type Minutes struct {
	MeetingID   string `gorm:"primaryKey"`
	OrgID       string
	OrgPath     string
	State       MinutesState
	Mode        MinutesMode
	HostID      string
	RecorderID  string
	BeganAt     *time.Time // to the minute, where it was not as planned
	EndedAt     *time.Time
	PassedOn    string       // what was passed on (传达)
	Summary     string       // the course of the meeting in a few words
	Discussion  []Opinion    `gorm:"serializer:json"`
	Resolutions []Resolution `gorm:"serializer:json"`
	Late        bool         // written more days after the meeting than the policy allows: 补录

	// The signatures, each with the digest of the document that was signed: facts that change in between take it back.
	HostSignedAt     *time.Time
	HostSigned       string
	RecorderSignedAt *time.Time
	RecorderSigned   string
	LockedAt         *time.Time
	Facts            *MinutesFacts `gorm:"serializer:json"` // nil until the lock

	Version   int
	WrittenBy string
	WrittenAt time.Time // the last change of the text
	CreatedAt time.Time
	UpdatedAt time.Time
}

// MinutesAddition is an addendum to locked minutes.
type MinutesAddition struct {
	MeetingID string `gorm:"primaryKey"`
	Seq       int    `gorm:"primaryKey;autoIncrement:false"`
	Content   string
	AuthorID  string
	AddedAt   time.Time
}

// FactPerson is somebody in the facts, by number and by the name at the time of the lock.
type FactPerson struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Reason string `json:"reason,omitempty"` // of who was absent
	Leave  bool   `json:"leave,omitempty"`  // with leave
}

// FactPoll is a vote and its result.
type FactPoll struct {
	Poll       Poll               `json:"poll"`
	Candidates []CandidateOutcome `json:"candidates,omitempty"`
}

// FactAction is what an earlier meeting resolved and is not closed yet.
type FactAction struct {
	Text    string `json:"text"`
	OwnerID string `json:"owner_id"`
	DueOn   Date   `json:"due_on"`
}

// MinutesFacts are what the system knows of a meeting.
type MinutesFacts struct {
	OrgName   string       `json:"org_name"`
	Type      MeetingType  `json:"type"`
	Topic     string       `json:"topic"`
	Year      int          `json:"year"`
	Ordinal   int          `json:"ordinal"` // of the meetings of this type in the year
	StartsAt  time.Time    `json:"starts_at"`
	EndsAt    time.Time    `json:"ends_at"`
	Where     string       `json:"where"`
	Agenda    []AgendaItem `json:"agenda"`
	Entitled  int          `json:"entitled"`
	Present   int          `json:"present"`
	Voting    int          `json:"voting"`         // entitled with a vote
	VotingIn  int          `json:"voting_present"` // of these present
	Attending []FactPerson `json:"attending"`
	Observers []FactPerson `json:"observers"`
	Absent    []FactPerson `json:"absent"`
	Polls     []FactPoll   `json:"polls"`
	Unclosed  []FactAction `json:"unclosed"`
	// Names are those of whoever else the minutes name: host, recorder, speakers and owners.
	Names map[string]string `json:"names"`
}

// ShownName is the name of a member, or 已注销成员.
func (m Member) ShownName() string {
	if m.ErasedAt != nil || m.ID == "" {
		return ErasedName
	}
	return m.Name
}

// Forget takes a member's name and reasons out of the facts; the number stays, and stands for 已注销成员. It reports whether there was any.
func (f *MinutesFacts) Forget(memberID string) bool {
	hit := false
	for _, list := range [][]FactPerson{f.Attending, f.Observers, f.Absent} {
		for i := range list {
			if list[i].ID == memberID {
				list[i].Name, list[i].Reason, hit = ErasedName, "", true
			}
		}
	}
	if _, ok := f.Names[memberID]; ok {
		f.Names[memberID], hit = ErasedName, true
	}
	return hit
}

// People are all members that the minutes name apart from the attendance.
func (m *Minutes) People() []string {
	ids := []string{m.HostID, m.RecorderID}
	for _, o := range m.Discussion {
		ids = append(ids, o.SpeakerID)
	}
	for _, r := range m.Resolutions {
		ids = append(ids, r.OwnerID)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return slices.DeleteFunc(ids, func(id string) bool { return id == "" })
}

// Digest is the fingerprint of the document that is signed: text and facts.
func (m *Minutes) Digest(f *MinutesFacts) string {
	b, err := json.Marshal(struct {
		Mode              MinutesMode
		Host, Recorder    string
		Began, Ended      *time.Time
		PassedOn, Summary string
		Discussion        []Opinion
		Resolutions       []Resolution
		Facts             *MinutesFacts
	}{m.Mode, m.HostID, m.RecorderID, m.BeganAt, m.EndedAt, m.PassedOn, m.Summary, m.Discussion, m.Resolutions, f})
	if err != nil {
		return "" // plain values always marshal; an empty digest matches no signature
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Unsign takes the signatures back, because the text has changed.
func (m *Minutes) Unsign() {
	m.State = MinutesDraft
	m.HostSignedAt, m.HostSigned, m.RecorderSignedAt, m.RecorderSigned = nil, "", nil, ""
}

// Sign notes the signature of one of the two under the document with this digest, and locks it when the other has signed the very same.
// A signature under another text or other facts falls away. It reports whether the minutes are locked now.
func (m *Minutes) Sign(memberID, digest string, now time.Time) bool {
	if m.HostSigned != digest {
		m.HostSignedAt, m.HostSigned = nil, ""
	}
	if m.RecorderSigned != digest {
		m.RecorderSignedAt, m.RecorderSigned = nil, ""
	}
	if memberID == m.HostID && m.HostSignedAt == nil {
		m.HostSignedAt, m.HostSigned = &now, digest
	}
	if memberID == m.RecorderID && m.RecorderSignedAt == nil {
		m.RecorderSignedAt, m.RecorderSigned = &now, digest
	}
	m.State = MinutesSigned
	if m.HostSignedAt == nil || m.RecorderSignedAt == nil {
		return false
	}
	m.State, m.LockedAt = MinutesLocked, &now
	return true
}

// UnderWay reports whether people may be there already: from when one can check in, since a meeting may begin a little early.
func (m *Meeting) UnderWay(now time.Time, p CallPolicy) bool {
	return !now.Before(m.StartsAt.Add(-p.CheckinLead()))
}

// MadeLate reports whether what was written at the instant counts as added late: more calendar days after the meeting than allowed.
func MadeLate(ended, written time.Time, days int) bool {
	return DateOf(written) > DateOf(ended).Add(days)
}

// CheckSigning finds everything that minutes lack to be signed.
func (m *Minutes) CheckSigning() error {
	var v Invalid
	if m.HostID == "" {
		v.Add("host_id", "required", "请填写主持人。")
	}
	switch {
	case m.RecorderID == "":
		v.Add("recorder_id", "required", "请填写记录人。")
	case m.RecorderID == m.HostID:
		v.Add("recorder_id", "same_as_host", "主持人和记录人应为两位同志，请另选记录人。")
	}
	for i, r := range m.Resolutions {
		place := fmt.Sprintf("resolutions[%d]", i)
		switch {
		case r.NoFollowUp:
		case r.OwnerID == "" && r.DueOn == "":
			v.Add(place, "unsettled", "每项决议须写明责任人和完成时限，或注明“无后续”。")
		case r.OwnerID == "":
			v.Add(place+".owner_id", "required", "请填写这项决议的责任人，或注明“无后续”。")
		case r.DueOn == "":
			v.Add(place+".due_on", "required", "请填写这项决议的完成时限，或注明“无后续”。")
		}
	}
	return v.Err()
}

// CanWriteMinutes holds for those who run the meeting, and for the two who sign.
func CanWriteMinutes(a *Actor, m *Meeting, min *Minutes) bool {
	if !a.Bound() {
		return false
	}
	if CanRunMeeting(a, m.Type, m.OrgPath) {
		return true
	}
	return min != nil && (a.MemberID == min.HostID || a.MemberID == min.RecorderID)
}

// CanSeeMinutes: while they are being written, minutes are for those who write; locked ones for all who were invited.
func CanSeeMinutes(a *Actor, m *Meeting, min *Minutes, invited bool) bool {
	return CanWriteMinutes(a, m, min) || (a.Bound() && invited && min != nil && min.State == MinutesLocked)
}
