package api

import (
	"context"

	"zhibu/model"
	"zhibu/service/supervision"
)

type overviewInput struct {
	Year int `query:"year" minimum:"2000" maximum:"2200" doc:"the present one when left out"`
}

type overviewRow struct {
	Org                orgRef        `json:"org"`
	Owed               int           `json:"owed" doc:"in the whole year, the groups' included"`
	Done               int           `json:"done" doc:"of what is owed; more than is owed in one period does not make up for another"`
	Planned            int           `json:"planned"`
	Excused            int           `json:"excused"`
	Missed             int           `json:"missed" doc:"of periods that are over"`
	Open               int           `json:"open" doc:"can still be held in time, and is not planned"`
	OverdueSuggestions int           `json:"overdue_suggestions"`
	OpenActions        int           `json:"open_actions"`
	NeedsHelp          bool          `json:"needs_help" doc:"to be offered help by the office (一对一帮扶)"`
	Helper             maybe[orgRef] `json:"helper" doc:"the branch that helps"`
	HelpNote           string        `json:"help_note"`
}

type overviewView struct {
	Year  int           `json:"year"`
	Items []overviewRow `json:"items" nullable:"false" doc:"in the order of the tree"`
}

func helperOf(o *model.Org) maybe[orgRef] {
	if o == nil {
		return maybe[orgRef]{}
	}
	return some(orgRefOf(*o))
}

func (a *API) supervisionOverview(ctx context.Context, actor *model.Actor, in *overviewInput) (overviewView, error) {
	year, rows, err := a.rooms.Supervision.Overview(ctx, actor, in.Year)
	return overviewView{year, mapped(rows, func(r supervision.Row) overviewRow {
		f := r.Figures
		return overviewRow{Org: orgRefOf(r.Org), Owed: f.Owed, Done: f.Done, Planned: f.Planned, Excused: f.Excused, Missed: f.Missed, Open: f.Open,
			OverdueSuggestions: r.OverdueSuggestions, OpenActions: r.OpenActions, NeedsHelp: r.NeedsHelp, Helper: helperOf(r.Helper), HelpNote: r.HelpNote}
	})}, err
}

type obligationMeetingView struct {
	ID       string   `json:"id"`
	StartsAt timeView `json:"starts_at"`
}

type obligationSlotView struct {
	StartsAt    timeView `json:"starts_at"`
	EndsAt      timeView `json:"ends_at"`
	Reason      string   `json:"reason" enum:"evening,weekend,holiday"`
	Conflicts   int      `json:"conflicts" doc:"other meetings of the branch at that time"`
	Provisional bool     `json:"provisional" doc:"the year's holidays are not published yet"`
}

type obligationView struct {
	Key        string                    `json:"key" doc:"within the organisation, such as lecture.2026-q1"`
	Org        orgRef                    `json:"org" doc:"the branch, or one of its groups"`
	Type       string                    `json:"type"`
	TypeLabel  string                    `json:"type_label"`
	Period     string                    `json:"period" doc:"in words"`
	From       string                    `json:"from"`
	Until      string                    `json:"until" doc:"the last day"`
	Owed       int                       `json:"owed"`
	Done       int                       `json:"done"`
	Planned    int                       `json:"planned"`
	Excused    int                       `json:"excused"`
	State      string                    `json:"state" enum:"done,planned,excused,open,later,missed"`
	StateLabel string                    `json:"state_label"`
	Reason     *string                   `json:"reason" nullable:"true" doc:"why it is excused"`
	Note       string                    `json:"note"`
	Meetings   []obligationMeetingView   `json:"meetings" nullable:"false" doc:"held and planned, by their start"`
	Slot       maybe[obligationSlotView] `json:"slot" doc:"when it could still be held in time"`
}

type obligationsView struct {
	Org       orgRef           `json:"org"`
	Year      int              `json:"year"`
	Owed      int              `json:"owed"`
	Done      int              `json:"done"`
	Planned   int              `json:"planned"`
	Excused   int              `json:"excused"`
	Missed    int              `json:"missed"`
	Open      int              `json:"open"`
	NeedsHelp bool             `json:"needs_help"`
	Helper    maybe[orgRef]    `json:"helper"`
	HelpNote  string           `json:"help_note"`
	Excuses   []string         `json:"excuses" nullable:"false" doc:"the reasons that the profile knows"`
	Items     []obligationView `json:"items" nullable:"false"`
}

func obligationOf(i supervision.Item) obligationView {
	v := obligationView{
		Key: i.Key, Org: orgRefOf(i.Org), Type: string(i.Type), TypeLabel: i.Type.Label(), Period: i.Period, From: string(i.From), Until: string(i.Until),
		Owed: i.Owed, Done: i.Done(), Planned: i.Coming(), Excused: i.Excused(), State: string(i.State), StateLabel: i.State.Label(), Reason: textOrNil(i.Reason), Note: i.Note,
		Meetings: mapped(i.Meets, func(m model.HeldMeeting) obligationMeetingView {
			return obligationMeetingView{m.ID, timeView(m.StartsAt)}
		}),
	}
	if s := i.Slot; s != nil {
		v.Slot = some(obligationSlotView{timeView(s.StartsAt), timeView(s.EndsAt), string(s.Reason), s.Conflicts, s.Provisional})
	}
	return v
}

type obligationsInput struct {
	ID   string `path:"id" maxLength:"64"`
	Year int    `query:"year" minimum:"2000" maximum:"2200" doc:"the present one when left out"`
}

func (a *API) obligations(ctx context.Context, actor *model.Actor, in *obligationsInput) (obligationsView, error) {
	s, err := a.rooms.Supervision.Obligations(ctx, actor, in.ID, in.Year)
	if err != nil {
		return obligationsView{}, err
	}
	f := s.Figures
	return obligationsView{Org: orgRefOf(s.Org), Year: s.Year, Owed: f.Owed, Done: f.Done, Planned: f.Planned, Excused: f.Excused, Missed: f.Missed, Open: f.Open,
		NeedsHelp: s.NeedsHelp, Helper: helperOf(s.Helper), HelpNote: s.HelpNote, Excuses: append([]string{}, s.Excuses...), Items: mapped(s.Items, obligationOf)}, nil
}

type excuseInput struct {
	ID   string `path:"id" maxLength:"64"`
	Key  string `path:"key" maxLength:"40" doc:"of GET /orgs/{id}/obligations"`
	Body struct {
		Reason string `json:"reason,omitempty" maxLength:"50" doc:"one of the profile's; empty takes it back"`
		Note   string `json:"note,omitempty" maxLength:"200"`
	}
}

func (a *API) excuseObligation(ctx context.Context, actor *model.Actor, in *excuseInput) (obligationView, error) {
	i, err := a.rooms.Supervision.Excuse(ctx, actor, in.ID, in.Key, in.Body.Reason, in.Body.Note)
	if err != nil {
		return obligationView{}, err
	}
	return obligationOf(*i), nil
}

type helpInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		HelperID string `json:"helper_id,omitempty" maxLength:"64" doc:"the branch that helps; empty ends it"`
		Note     string `json:"note,omitempty" maxLength:"200"`
	}
}

func (a *API) arrangeHelp(ctx context.Context, actor *model.Actor, in *helpInput) (empty, error) {
	return empty{}, a.rooms.Supervision.Help(ctx, actor, in.ID, in.Body.HelperID, in.Body.Note)
}
