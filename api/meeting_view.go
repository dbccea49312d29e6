package api

import (
	"context"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/meeting"
)

type meetingOnlineView struct {
	Provider string `json:"provider" enum:"manual,tencent"`
	JoinURL  string `json:"join_url"`
	Code     string `json:"code"`
	Room     string `json:"room" enum:"none,wanted,booked,moving,ending,ended,failed" doc:"the room at the meeting service: none when the link was put in by hand; wanted while it is awaited, failed when a link must be put in"`
}

type meetingAgendaView struct {
	Title   string `json:"title"`
	Minutes int    `json:"minutes"`
}

type answerCountsView struct {
	Invited int `json:"invited"`
	Accept  int `json:"accept"`
	Leave   int `json:"leave"`
	None    int `json:"none"`
}

type meetingView struct {
	ID             string                   `json:"id"`
	Org            orgRef                   `json:"org"`
	OrgID          string                   `json:"org_id" doc:"the same as in org"`
	Type           string                   `json:"type" enum:"branch_assembly,committee,group,lecture,party_day,life,review,training,other"`
	TypeLabel      string                   `json:"type_label"`
	Topic          string                   `json:"topic"`
	StartsAt       timeView                 `json:"starts_at"`
	EndsAt         timeView                 `json:"ends_at"`
	Mode           string                   `json:"mode" enum:"online,onsite,hybrid"`
	Place          string                   `json:"place"`
	Online         maybe[meetingOnlineView] `json:"online" doc:"null for onsite"`
	Agenda         []meetingAgendaView      `json:"agenda" nullable:"false"`
	State          string                   `json:"state" enum:"planned,cancelled,over"`
	CancelReason   *string                  `json:"cancel_reason" nullable:"true"`
	OverrideReason *string                  `json:"override_reason" nullable:"true" doc:"why it is held in working hours"`
	Reminders      []int                    `json:"reminders" nullable:"false" doc:"minutes before the start"`
	CheckinCode    bool                     `json:"checkin_code" doc:"checking in asks for the code on the host's screen"`
	Counts         answerCountsView         `json:"counts"`
	MyRSVP         *string                  `json:"my_rsvp" nullable:"true" enum:"none,accept,leave" doc:"null when not invited"`
	MyLeaveReason  *string                  `json:"my_leave_reason" nullable:"true"`
	MyAttendance   *string                  `json:"my_attendance" nullable:"true" doc:"present, observer, leave or absent; null while nothing is noted"`
	CanManage      bool                     `json:"can_manage"`
	CreatedBy      personRef                `json:"created_by"`
	CreatedAt      timeView                 `json:"created_at"`
	UpdatedAt      timeView                 `json:"updated_at"`
	Version        int                      `json:"version"`
	Note           string                   `json:"note"`
	EventID        *string                  `json:"event_id" nullable:"true" doc:"the congress within which it is held"`
	JointID        *string                  `json:"joint_id" nullable:"true" doc:"the leading one of the meetings held together; null when it is held alone"`
	Together       []meetingRef             `json:"together" nullable:"false" doc:"of one meeting: all that are held together, the leading one first; empty in lists"`
	SeriesID       *string                  `json:"series_id" nullable:"true"`
	NoticeAt       *timeView                `json:"notice_at" nullable:"true" doc:"when the list is frozen and the invited are told; null once that is done"`
	Provisional    bool                     `json:"provisional" doc:"planned before the year's holidays were published"`
	Clashes        []meetingRef             `json:"clashes" nullable:"false" doc:"of one meeting: my other meetings at that time; empty in lists"`
	Elsewhere      int                      `json:"elsewhere" doc:"of one meeting, for who runs it: how many of the invited have another meeting then"`
}

// meetingRef names a meeting without telling more.
type meetingRef struct {
	ID       string   `json:"id"`
	Type     string   `json:"type"`
	Topic    string   `json:"topic"`
	StartsAt timeView `json:"starts_at"`
	EndsAt   timeView `json:"ends_at"`
}

func meetingRefOf(m model.Meeting) meetingRef {
	return meetingRef{ID: m.ID, Type: string(m.Type), Topic: m.Topic, StartsAt: timeView(m.StartsAt), EndsAt: timeView(m.EndsAt)}
}

func (v meetingView) etag() string { return `"` + strconv.Itoa(v.Version) + `"` }

// personRef names a person without telling more.
type personRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func meetingFrom(v *meeting.View, err error) (meetingView, error) {
	if err != nil {
		return meetingView{}, err
	}
	return meetingOf(*v), nil
}

func meetingOf(m meeting.View) meetingView {
	v := meetingView{
		ID: m.ID, Org: orgRefOf(m.Org), OrgID: m.OrgID, Type: string(m.Type), TypeLabel: m.Type.Label(), Topic: m.Topic, StartsAt: timeView(m.StartsAt), EndsAt: timeView(m.EndsAt),
		Mode: string(m.Mode), Place: m.Place, Agenda: mapped(m.Agenda, func(i model.AgendaItem) meetingAgendaView { return meetingAgendaView(i) }), State: string(m.State),
		CancelReason: textOrNil(m.CancelReason), OverrideReason: textOrNil(m.OverrideReason), Reminders: append([]int{}, m.Reminders...), CheckinCode: m.CheckinCode,
		Counts: answerCountsView(m.Counts), CanManage: m.CanManage, CreatedBy: personRef{m.CreatedBy, m.CreatorName}, CreatedAt: timeView(m.CreatedAt),
		UpdatedAt: timeView(m.UpdatedAt), Version: m.Version, Note: m.Note, EventID: textOrNil(m.EventID), JointID: textOrNil(m.JointID),
		Together: mapped(m.Together, meetingRefOf), SeriesID: textOrNil(m.SeriesID), NoticeAt: timeOrNil(m.NoticeAt), Provisional: m.Provisional,
		Clashes: mapped(m.Clashes, meetingRefOf), Elsewhere: m.Elsewhere,
	}
	if m.Mode.Remote() {
		room := string(m.RoomState)
		if room == "" {
			room = "none"
		}
		v.Online = some(meetingOnlineView{Provider: string(m.Provider), JoinURL: m.JoinURL, Code: m.JoinCode, Room: room})
	}
	if m.Mine != nil {
		answer := string(m.Mine.Answer)
		v.MyRSVP, v.MyLeaveReason = &answer, textOrNil(m.Mine.LeaveReason)
		v.MyAttendance = textOrNil(string(m.Mine.Attendance))
	}
	return v
}

type attendanceItemView struct {
	Member      personRef        `json:"member"`
	Entitled    bool             `json:"entitled" doc:"false for observers added later"`
	Voting      bool             `json:"voting" doc:"a full Party member when the list was frozen"`
	RSVP        string           `json:"rsvp" enum:"none,accept,leave"`
	Status      string           `json:"status" enum:"none,present,observer,leave,absent" doc:"none while it is open"`
	Reason      string           `json:"reason"`
	ChangedBy   maybe[personRef] `json:"changed_by" doc:"who noted it by hand; null otherwise"`
	CheckedInAt *timeView        `json:"checked_in_at" nullable:"true"`
}

type attendanceView struct {
	Entitled       int                  `json:"entitled"`
	VotingEntitled int                  `json:"voting_entitled"`
	Present        int                  `json:"present"`
	Leave          int                  `json:"leave"`
	Absent         int                  `json:"absent"`
	Items          []attendanceItemView `json:"items" nullable:"false"`
	Changes        []listChangeView     `json:"changes" nullable:"false" doc:"of the list since it was frozen, with their reasons"`
}

type listChangeView struct {
	Member    personRef `json:"member"`
	From      string    `json:"from" enum:"entitled,observer,none"`
	To        string    `json:"to" enum:"entitled,observer,none"`
	Reason    string    `json:"reason"`
	ChangedBy personRef `json:"changed_by"`
	ChangedAt timeView  `json:"changed_at"`
}

func sheetFrom(s *meeting.Sheet, err error) (attendanceView, error) {
	if err != nil {
		return attendanceView{}, err
	}
	return attendanceView{
		Entitled: s.Entitled, VotingEntitled: s.VotingEntitled, Present: s.Present, Leave: s.Leave, Absent: s.Absent,
		Items: mapped(s.Items, attendanceItemOf),
		Changes: mapped(s.Changes, func(c meeting.ListChange) listChangeView {
			return listChangeView{Member: personRef{c.MemberID, c.Name}, From: string(c.FromRole), To: string(c.ToRole), Reason: c.Reason, ChangedBy: personRef{c.ChangedBy, c.ChangedByName}, ChangedAt: timeView(c.ChangedAt)}
		}),
	}, nil
}

func attendanceItemOf(i meeting.SheetItem) attendanceItemView {
	v := attendanceItemView{
		Member: personRef{i.MemberID, i.Name}, Entitled: i.Entitled, Voting: i.Voting, RSVP: string(i.Answer), Status: string(i.Status),
		Reason: i.Reason, CheckedInAt: timeOrNil(i.CheckedInAt),
	}
	if i.Status == model.AttendanceNone {
		v.Status = "none"
	}
	if i.ChangedBy != "" {
		v.ChangedBy = some(personRef{i.ChangedBy, i.ChangedByName})
	}
	return v
}

func (a *API) meetingAttendance(ctx context.Context, actor *model.Actor, in *IDPath) (attendanceView, error) {
	return sheetFrom(a.rooms.Meeting.Attendance(ctx, actor, in.ID))
}

type attendanceInput struct {
	ID       string `path:"id" maxLength:"64"`
	MemberID string `path:"member_id" maxLength:"64"`
	Body     struct {
		Status string `json:"status,omitempty" doc:"required: present, observer, leave or absent"`
		Reason string `json:"reason,omitempty" doc:"required, 1 to 200 characters"`
	}
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *attendanceInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(context.Context, *API, *model.Actor) error {
		return meeting.CheckNote(model.Attendance(in.Body.Status), in.Body.Reason)
	})
}

func (a *API) noteAttendance(ctx context.Context, actor *model.Actor, in *attendanceInput) (attendanceView, error) {
	return sheetFrom(a.rooms.Meeting.Note(ctx, actor, in.ID, in.MemberID, model.Attendance(in.Body.Status), in.Body.Reason))
}
