package api

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/minutes"
	"zhibu/service/paper"
)

type minutesOpinionBody struct {
	SpeakerID string `json:"speaker_id,omitempty"`
	Text      string `json:"text,omitempty" doc:"required, at most 2000 characters"`
	Dissent   bool   `json:"dissent,omitempty" doc:"a different opinion; it is kept also in brief minutes"`
}

type minutesResolutionBody struct {
	Text       string `json:"text,omitempty" doc:"required, at most 500 characters"`
	OwnerID    string `json:"owner_id,omitempty" doc:"who does it; needed for signing unless no_follow_up"`
	DueOn      string `json:"due_on,omitempty" day:"yes" doc:"by when, such as 2026-12-31; needed for signing unless no_follow_up"`
	NoFollowUp bool   `json:"no_follow_up,omitempty" doc:"无后续"`
}

type minutesInput struct {
	ID      string `path:"id" maxLength:"64"`
	IfMatch string `header:"If-Match" maxLength:"64" doc:"the ETag that was read; 412 when it is stale"`
	Body    struct {
		Mode        string                  `json:"mode,omitempty" doc:"full or brief; full when left out"`
		HostID      string                  `json:"host_id,omitempty"`
		RecorderID  string                  `json:"recorder_id,omitempty"`
		BeganAt     *time.Time              `json:"began_at,omitempty" doc:"to the minute, where it was not as planned"`
		EndedAt     *time.Time              `json:"ended_at,omitempty"`
		PassedOn    string                  `json:"passed_on,omitempty" doc:"what was passed on (传达)"`
		Summary     string                  `json:"summary,omitempty" doc:"the course of the meeting in a few words"`
		Discussion  []minutesOpinionBody    `json:"discussion,omitempty" doc:"at most 200"`
		Resolutions []minutesResolutionBody `json:"resolutions,omitempty" doc:"at most 50"`
	}
}

func (in *minutesInput) text() minutes.Text {
	b := in.Body
	return minutes.Text{
		Mode: model.MinutesMode(b.Mode), HostID: b.HostID, RecorderID: b.RecorderID, BeganAt: b.BeganAt, EndedAt: b.EndedAt, PassedOn: b.PassedOn, Summary: b.Summary,
		Discussion: mapped(b.Discussion, func(o minutesOpinionBody) model.Opinion { return model.Opinion(o) }),
		Resolutions: mapped(b.Resolutions, func(r minutesResolutionBody) model.Resolution {
			return model.Resolution{Text: r.Text, OwnerID: r.OwnerID, DueOn: model.Date(r.DueOn), NoFollowUp: r.NoFollowUp}
		}),
	}
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *minutesInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(context.Context, *API, *model.Actor) error { return minutes.CheckText(in.text()) })
}

type minutesPersonView struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Reason string `json:"reason"`
	Leave  bool   `json:"leave" doc:"absent with leave"`
}

type minutesPollView struct {
	ID         string         `json:"id"`
	AgendaItem int            `json:"agenda_item"`
	Question   string         `json:"question"`
	Secret     bool           `json:"secret"`
	Result     pollResultView `json:"result"`
}

type minutesUnclosedView struct {
	Text  string    `json:"text"`
	Owner personRef `json:"owner"`
	DueOn string    `json:"due_on"`
}

// minutesFactsView is what the system knows of the meeting: until the lock as it is now, from then on as it was.
type minutesFactsView struct {
	Title         string                `json:"title" doc:"the name with its ordinal in the year"`
	Ordinal       int                   `json:"ordinal"`
	Year          int                   `json:"year"`
	Topic         string                `json:"topic"`
	StartsAt      timeView              `json:"starts_at"`
	EndsAt        timeView              `json:"ends_at"`
	Where         string                `json:"where" doc:"the place, and how people joined"`
	Agenda        []meetingAgendaView   `json:"agenda" nullable:"false"`
	Entitled      int                   `json:"entitled"`
	Present       int                   `json:"present"`
	Voting        int                   `json:"voting_entitled"`
	VotingPresent int                   `json:"voting_present"`
	Attending     []minutesPersonView   `json:"attending" nullable:"false"`
	Observers     []minutesPersonView   `json:"observers" nullable:"false"`
	Absent        []minutesPersonView   `json:"absent" nullable:"false"`
	Polls         []minutesPollView     `json:"polls" nullable:"false"`
	Unclosed      []minutesUnclosedView `json:"unclosed" nullable:"false" doc:"what earlier meetings resolved and is not closed yet"`
}

type minutesOpinionView struct {
	Speaker maybe[personRef] `json:"speaker"`
	Text    string           `json:"text"`
	Dissent bool             `json:"dissent"`
}

type minutesResolutionView struct {
	Text       string           `json:"text"`
	Owner      maybe[personRef] `json:"owner"`
	OwnerID    string           `json:"owner_id"`
	DueOn      string           `json:"due_on"`
	NoFollowUp bool             `json:"no_follow_up"`
}

type minutesSignatureView struct {
	Member   maybe[personRef] `json:"member"`
	SignedAt *timeView        `json:"signed_at" nullable:"true" doc:"null while the document as it is now is not signed"`
}

type minutesAddendumView struct {
	Text   string    `json:"text"`
	Author personRef `json:"author"`
	At     timeView  `json:"at"`
}

type minutesView struct {
	MeetingID   string                  `json:"meeting_id"`
	State       string                  `json:"state" enum:"draft,signed,locked"`
	Mode        string                  `json:"mode" enum:"full,brief"`
	Late        bool                    `json:"late" doc:"补录: written more days after the meeting than the policy allows"`
	HostID      string                  `json:"host_id"`
	RecorderID  string                  `json:"recorder_id"`
	Host        minutesSignatureView    `json:"host"`
	Recorder    minutesSignatureView    `json:"recorder"`
	BeganAt     *timeView               `json:"began_at" nullable:"true"`
	EndedAt     *timeView               `json:"ended_at" nullable:"true"`
	PassedOn    string                  `json:"passed_on"`
	Summary     string                  `json:"summary"`
	Discussion  []minutesOpinionView    `json:"discussion" nullable:"false"`
	Resolutions []minutesResolutionView `json:"resolutions" nullable:"false"`
	Addenda     []minutesAddendumView   `json:"addenda" nullable:"false"`
	Facts       minutesFactsView        `json:"facts"`
	CanWrite    bool                    `json:"can_write"`
	CanSign     bool                    `json:"can_sign"`
	LockedAt    *timeView               `json:"locked_at" nullable:"true"`
	Version     int                     `json:"version"`
}

func (v minutesView) etag() string { return `"` + strconv.Itoa(v.Version) + `"` }

func minutesFrom(v *minutes.View, err error) (minutesView, error) {
	if err != nil {
		return minutesView{}, err
	}
	return minutesOf(v), nil
}

func minutesOf(m *minutes.View) minutesView {
	who := func(id string) maybe[personRef] {
		if id == "" {
			return maybe[personRef]{}
		}
		return some(personRef{id, m.Names[id]})
	}
	v := minutesView{
		MeetingID: m.MeetingID, State: string(m.State), Mode: string(m.Mode), Late: m.Late, HostID: m.HostID, RecorderID: m.RecorderID,
		Host: minutesSignatureView{who(m.HostID), timeOrNil(m.HostSigned)}, Recorder: minutesSignatureView{who(m.RecorderID), timeOrNil(m.RecorderSigned)},
		BeganAt: timeOrNil(m.BeganAt), EndedAt: timeOrNil(m.EndedAt), PassedOn: m.PassedOn, Summary: m.Summary, Facts: minutesFactsOf(&m.Facts, m.Names),
		CanWrite: m.CanWrite, CanSign: m.CanSign, LockedAt: timeOrNil(m.LockedAt), Version: m.Version,
	}
	v.Discussion = mapped(m.Discussion, func(o model.Opinion) minutesOpinionView {
		return minutesOpinionView{Speaker: who(o.SpeakerID), Text: o.Text, Dissent: o.Dissent}
	})
	v.Resolutions = mapped(m.Resolutions, func(r model.Resolution) minutesResolutionView {
		return minutesResolutionView{Text: r.Text, Owner: who(r.OwnerID), OwnerID: r.OwnerID, DueOn: string(r.DueOn), NoFollowUp: r.NoFollowUp}
	})
	v.Addenda = mapped(m.Additions, func(a model.MinutesAddition) minutesAddendumView {
		return minutesAddendumView{Text: a.Content, Author: personRef{a.AuthorID, m.Names[a.AuthorID]}, At: timeView(a.AddedAt)}
	})
	return v
}

func minutesFactsOf(f *model.MinutesFacts, names map[string]string) minutesFactsView {
	person := func(p model.FactPerson) minutesPersonView { return minutesPersonView(p) }
	return minutesFactsView{
		Title: minutesTitle(f), Ordinal: f.Ordinal, Year: f.Year, Topic: f.Topic, StartsAt: timeView(f.StartsAt), EndsAt: timeView(f.EndsAt), Where: f.Where,
		Agenda: mapped(f.Agenda, func(i model.AgendaItem) meetingAgendaView {
			return meetingAgendaView{Title: i.Title, Minutes: i.Minutes}
		}),
		Entitled: f.Entitled, Present: f.Present, Voting: f.Voting, VotingPresent: f.VotingIn,
		Attending: mapped(f.Attending, person), Observers: mapped(f.Observers, person), Absent: mapped(f.Absent, person),
		Polls: mapped(f.Polls, func(p model.FactPoll) minutesPollView {
			o, _, err := p.Poll.Outcome()
			if err != nil {
				o = model.Outcome{} // what was stored has been checked when it was closed
			}
			return minutesPollView{
				ID: p.Poll.ID, AgendaItem: p.Poll.AgendaItem, Question: p.Poll.Question, Secret: p.Poll.Secret, Result: pollResultOf(&p.Poll, o.Needed, p.Candidates),
			}
		}),
		Unclosed: mapped(f.Unclosed, func(u model.FactAction) minutesUnclosedView {
			return minutesUnclosedView{Text: u.Text, Owner: personRef{u.OwnerID, names[u.OwnerID]}, DueOn: string(u.DueOn)}
		}),
	}
}

func (a *API) getMinutes(ctx context.Context, actor *model.Actor, in *IDPath) (minutesView, error) {
	return minutesFrom(a.rooms.Minutes.Get(ctx, actor, in.ID))
}

// minutesVersion reads the version out of If-Match; -1 when any will do. Before the first draft the tag is "0".
func minutesVersion(ifMatch string) (int, error) {
	if ifMatch == `"0"` || ifMatch == "0" || ifMatch == `W/"0"` {
		return 0, nil
	}
	n, err := meetingVersion(ifMatch)
	if err == nil && n == 0 {
		n = -1
	}
	return n, err
}

func (a *API) writeMinutes(ctx context.Context, actor *model.Actor, in *minutesInput) (minutesView, error) {
	version, err := minutesVersion(in.IfMatch)
	if err != nil {
		return minutesView{}, err
	}
	return minutesFrom(a.rooms.Minutes.Write(ctx, actor, in.ID, version, in.text()))
}

type minutesSignInput struct {
	ID      string `path:"id" maxLength:"64"`
	IfMatch string `header:"If-Match" maxLength:"64" doc:"the ETag that was read; 412 when somebody has changed the minutes since"`
}

func (a *API) signMinutes(ctx context.Context, actor *model.Actor, in *minutesSignInput) (minutesView, error) {
	version, err := minutesVersion(in.IfMatch)
	if err != nil {
		return minutesView{}, err
	}
	return minutesFrom(a.rooms.Minutes.Sign(ctx, actor, in.ID, version))
}

type minutesAddendumInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Text string `json:"text,omitempty" doc:"required, 1 to 2000 characters"`
	}
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *minutesAddendumInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(context.Context, *API, *model.Actor) error { return minutes.CheckAddition(in.Body.Text) })
}

func (a *API) addToMinutes(ctx context.Context, actor *model.Actor, in *minutesAddendumInput) (minutesView, error) {
	return minutesFrom(a.rooms.Minutes.Append(ctx, actor, in.ID, in.Body.Text))
}

// The forms of a document.
const (
	docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	pdfType  = "application/pdf"
)

// sheetRoute adds the route of a document of a meeting, as Word or PDF by the end of its path.
func (a *API) sheetRoute(w who, path, kind, summary string, make func(ctx context.Context, actor *model.Actor, meetingID string) (*paper.Sheet, error)) {
	op := a.operation(http.MethodGet, w, path, summary)
	op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{
		kind: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}}}
	huma.Register(a.huma, op, func(ctx context.Context, in *IDPath) (*huma.StreamResponse, error) {
		sheet, err := make(ctx, actorOf(ctx), in.ID)
		if err != nil {
			return nil, a.fail(ctx, err)
		}
		write, end := sheet.PDF, "pdf"
		if kind == docxType {
			write, end = sheet.Docx, "docx"
		}
		body, err := write(a.clock())
		if err != nil {
			return nil, a.fail(ctx, model.Fail(model.CodeInternal, "生成文件时出错了，请稍后再试。").Because(err))
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			hc.SetHeader("Content-Type", kind)
			hc.SetHeader("Content-Disposition", `attachment; filename="document.`+end+`"; filename*=UTF-8''`+url.PathEscape(sheet.Name()+"."+end))
			hc.SetHeader("Content-Length", strconv.Itoa(len(body)))
			hc.SetHeader("Cache-Control", "private, no-store")
			hc.SetStatus(http.StatusOK)
			_, _ = hc.BodyWriter().Write(body) // a client that has gone away is not our fault to report
		}}, nil
	})
}
