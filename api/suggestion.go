package api

import (
	"context"
	"fmt"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/suggestion"
)

type suggestionPersonView struct {
	ID   string         `json:"id"`
	Name string         `json:"name"`
	Org  maybe[nameRef] `json:"org" doc:"the author's, in the part of the tree it was written to"`
}

// nameRef is an organisation where its kind does not matter.
type nameRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func nameRefOf(o model.Org) nameRef { return nameRef{ID: o.ID, Name: o.Name} }

type suggestionRatingView struct {
	Stars int      `json:"stars"`
	Text  string   `json:"text"`
	At    timeView `json:"at"`
}

// SuggestionItem is exported because the reference leaves out what is embedded under another name.
type SuggestionItem struct {
	ID              string                      `json:"id"`
	ToOrg           nameRef                     `json:"to_org" doc:"to whom it was written"`
	ToOrgID         string                      `json:"to_org_id" doc:"the same as in to_org"`
	Org             nameRef                     `json:"org" doc:"who holds it now"`
	Title           string                      `json:"title"`
	Content         string                      `json:"content"`
	Anonymous       bool                        `json:"anonymous"`
	Author          maybe[suggestionPersonView] `json:"author" doc:"null when anonymous, for everybody"`
	Mine            bool                        `json:"mine" doc:"the caller wrote it"`
	State           string                      `json:"state" enum:"submitted,accepted,replied,closed,declined,escalated" doc:"what its author reopens is submitted again"`
	CreatedAt       timeView                    `json:"created_at"`
	UpdatedAt       timeView                    `json:"updated_at"`
	AcceptBy        timeView                    `json:"accept_by"`
	ReplyBy         timeView                    `json:"reply_by"`
	DueAt           *timeView                   `json:"due_at" nullable:"true" doc:"the next deadline: accept_by until it is accepted, then reply_by; null when no answer is owed"`
	Overdue         bool                        `json:"overdue"`
	Provisional     bool                        `json:"provisional" doc:"the deadline lies in a year whose holidays are not published yet"`
	Extended        bool                        `json:"extended"`
	ExtensionReason *string                     `json:"extension_reason"`
	Reply           *string                     `json:"reply" doc:"the answer, or why it was declined"`
	RepliedAt       *timeView                   `json:"replied_at" nullable:"true"`
	Rating          maybe[suggestionRatingView] `json:"rating"`
	Assignee        maybe[suggestionPersonView] `json:"assignee"`
	Actions         []string                    `json:"actions" nullable:"false" doc:"what the caller may do now"`
	CanRate         bool                        `json:"can_rate"`
	Together        bool                        `json:"together" doc:"handled together with another that asks the same; its author may reopen it at any time to have it handled alone"`
	Publication     suggestionPublicationView   `json:"publication"`
	Version         int                         `json:"version"`
}

type suggestionPublicationView struct {
	State    string   `json:"state" enum:"none,asked,shown,declined,ended"`
	Title    string   `json:"title,omitempty" doc:"the words to be shown, or that are"`
	Question string   `json:"question,omitempty"`
	Answer   string   `json:"answer,omitempty"`
	Actions  []string `json:"actions" nullable:"false" doc:"what the caller may do about it now"`
}

func suggestionPublicationOf(it suggestion.Item) suggestionPublicationView {
	v := suggestionPublicationView{State: string(it.Publication), Title: it.PublicTitle, Actions: mapped(it.CanPublish, func(a model.PublicationAction) string { return string(a) })}
	if it.Publication == model.PublicationNone {
		v.State = "none"
	}
	if it.PublicQuestion != nil && it.PublicAnswer != nil {
		v.Question, v.Answer = *it.PublicQuestion, *it.PublicAnswer
	}
	return v
}

type suggestionDoerView struct {
	Name string `json:"name"`
	Role string `json:"role" doc:"in Chinese, as it was at that time"`
}

type suggestionEntryView struct {
	Action   string                    `json:"action" enum:"submit,accept,reply,decline,escalate,extend,assign,close,reopen,rate,overdue,merge,replan,publication"`
	At       timeView                  `json:"at"`
	By       maybe[suggestionDoerView] `json:"by" doc:"null for an anonymous author"`
	Text     string                    `json:"text"`
	Assignee *string                   `json:"assignee,omitempty" doc:"to whom it was given"`
	ToOrg    *string                   `json:"to_org,omitempty" doc:"to which organisation it went up"`
}

type suggestionView struct {
	SuggestionItem
	Timeline    []suggestionEntryView `json:"timeline" nullable:"false" doc:"the oldest first"`
	Attachments []fileView            `json:"attachments" nullable:"false"`
	MergedInto  *string               `json:"merged_into" doc:"for those who handle it: the one that it was merged into"`
	Merged      []string              `json:"merged" nullable:"false" doc:"for those who handle it: those merged into it"`
}

func suggestionItemOf(it suggestion.Item) SuggestionItem {
	v := SuggestionItem{
		ID: it.ID, ToOrg: nameRefOf(it.ToOrg), ToOrgID: it.ToOrg.ID, Org: nameRefOf(it.Holder), Title: it.Title, Content: it.Content, Anonymous: it.Anonymous,
		Author: suggestionPersonOf(it.Author), Mine: it.Mine, State: string(it.State),
		CreatedAt: timeView(it.CreatedAt), UpdatedAt: timeView(it.UpdatedAt), AcceptBy: timeView(it.AcceptBy), ReplyBy: timeView(it.ReplyBy),
		Overdue: it.Overdue, Provisional: it.Provisional, Extended: it.ExtendDays > 0, ExtensionReason: textOrNil(it.ExtensionReason),
		Reply: textOrNil(it.Reply), RepliedAt: timeOrNil(it.RepliedAt), Assignee: suggestionPersonOf(it.Assignee),
		Actions: mapped(it.Actions, func(a model.SuggestionAction) string { return string(a) }), CanRate: it.CanRate, Version: it.Version,
		Together: it.Follows(), Publication: suggestionPublicationOf(it),
	}
	due := it.Due()
	v.DueAt = timeOrNil(&due)
	if it.RatedAt != nil {
		v.Rating = some(suggestionRatingView{Stars: it.RatingStars, Text: it.RatingText, At: timeView(*it.RatedAt)})
	}
	return v
}

func suggestionPersonOf(p *suggestion.Person) maybe[suggestionPersonView] {
	if p == nil {
		return maybe[suggestionPersonView]{}
	}
	v := suggestionPersonView{ID: p.ID, Name: p.Name}
	if p.Org != nil {
		v.Org = some(nameRefOf(*p.Org))
	}
	return some(v)
}

func suggestionOf(d *suggestion.Detail, err error) (suggestionView, error) {
	if err != nil {
		return suggestionView{}, err
	}
	return suggestionView{
		SuggestionItem: suggestionItemOf(d.Item),
		Timeline: mapped(d.Timeline, func(e suggestion.Entry) suggestionEntryView {
			v := suggestionEntryView{Action: string(e.Action), At: timeView(e.At), Text: e.Text, Assignee: textOrNil(e.Assignee), ToOrg: textOrNil(e.ToOrg)}
			if e.By != nil {
				v.By = some(suggestionDoerView{Name: e.By.Name, Role: e.By.Role})
			}
			return v
		}),
		Attachments: mapped(d.Attachments, func(f model.FileRef) fileView { return fileView(f) }),
		MergedInto:  textOrNil(d.Leader), Merged: append([]string{}, d.Followers...),
	}, nil
}

// etag makes the suggestion's version its tag.
func (v suggestionView) etag() string { return fmt.Sprintf(`"%s-%d"`, v.ID, v.Version) }

type suggestionInput struct {
	Body struct {
		ToOrgID       string   `json:"to_org_id" minLength:"1" maxLength:"64" doc:"one of the author's organisations, or one above them"`
		Title         string   `json:"title" minLength:"1" maxLength:"100"`
		Content       string   `json:"content" minLength:"1" maxLength:"5000"`
		Anonymous     bool     `json:"anonymous,omitempty" doc:"nobody learns the author, staff included; the author still gets the answer"`
		AttachmentIDs []string `json:"attachment_ids,omitempty" maxItems:"9"`
	}
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *suggestionInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(ctx context.Context, a *API, actor *model.Actor) error {
		return a.rooms.Suggestion.Check(ctx, actor, suggestion.Draft(in.Body))
	})
}

func (a *API) submitSuggestion(ctx context.Context, actor *model.Actor, in *suggestionInput) (suggestionView, error) {
	return suggestionOf(a.rooms.Suggestion.Submit(ctx, actor, suggestion.Draft(in.Body)))
}

type suggestionsInput struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"how many, 1 to 100"`
	Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before"`
	Box    string `query:"box" enum:"mine,inbox" default:"mine" doc:"mine: what the caller wrote; inbox: what waits for the caller as secretary or above, or was given to the caller"`
	State  string `query:"state" enum:"submitted,accepted,replied,closed,declined,escalated"`
}

func (a *API) listSuggestions(ctx context.Context, actor *model.Actor, in *suggestionsInput) (list[SuggestionItem], error) {
	q := suggestion.Query{Inbox: in.Box == "inbox", State: model.SuggestionState(in.State)}
	rows, next, err := a.rooms.Suggestion.Suggestions(ctx, actor, q, model.Page{Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return list[SuggestionItem]{}, err
	}
	return listOf(rows, next, suggestionItemOf), nil
}

func (a *API) getSuggestion(ctx context.Context, actor *model.Actor, in *IDPath) (suggestionView, error) {
	return suggestionOf(a.rooms.Suggestion.Suggestion(ctx, actor, in.ID))
}

type suggestionStepInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Action     string `json:"action" enum:"accept,reply,decline,escalate,extend,assign,close,reopen"`
		Text       string `json:"text,omitempty" maxLength:"2000" doc:"required by reply, decline and extend"`
		AssigneeID string `json:"assignee_id,omitempty" maxLength:"64" doc:"with assign, or with accept"`
		ToOrgID    string `json:"to_org_id,omitempty" maxLength:"64" doc:"with escalate; the parent organisation when left out"`
	}
}

func (in *suggestionStepInput) request() suggestion.Request {
	return suggestion.Request{
		Action: model.SuggestionAction(in.Body.Action), Text: in.Body.Text, AssigneeID: in.Body.AssigneeID, ToOrgID: in.Body.ToOrgID,
	}
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *suggestionStepInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(context.Context, *API, *model.Actor) error { return in.request().Check() })
}

func (a *API) stepSuggestion(ctx context.Context, actor *model.Actor, in *suggestionStepInput) (suggestionView, error) {
	return suggestionOf(a.rooms.Suggestion.Step(ctx, actor, in.ID, in.request()))
}

type suggestionRatingInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Stars int    `json:"stars" minimum:"1" maximum:"5"`
		Text  string `json:"text,omitempty" maxLength:"2000"`
	}
}

func (a *API) rateSuggestion(ctx context.Context, actor *model.Actor, in *suggestionRatingInput) (suggestionView, error) {
	return suggestionOf(a.rooms.Suggestion.Rate(ctx, actor, in.ID, in.Body.Stars, in.Body.Text))
}
