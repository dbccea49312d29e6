package api

import (
	"context"

	"zhibu/model"
	"zhibu/service/suggestion"
)

type suggestionMergeInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Into string `json:"into" minLength:"1" maxLength:"64" doc:"the one that goes on; both must wait for an answer of the caller's organisations"`
	}
}

func (a *API) mergeSuggestion(ctx context.Context, actor *model.Actor, in *suggestionMergeInput) (suggestionView, error) {
	return suggestionOf(a.rooms.Suggestion.Merge(ctx, actor, in.ID, in.Body.Into))
}

// suggestionAlikeView is one that may ask the same.
type suggestionAlikeView struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	State     string   `json:"state" enum:"submitted,accepted,replied,closed,declined,escalated"`
	Org       nameRef  `json:"org" doc:"who holds it now"`
	CreatedAt timeView `json:"created_at"`
	Likeness  float64  `json:"likeness" doc:"the share of pairs of characters in common, 0 to 1"`
	Why       string   `json:"why" doc:"the same in words"`
}

func suggestionAlikeOf(o suggestion.Alike) suggestionAlikeView {
	return suggestionAlikeView{ID: o.ID, Title: o.Title, State: string(o.State), Org: nameRefOf(o.Holder), CreatedAt: timeView(o.CreatedAt), Likeness: o.Likeness, Why: o.Why}
}

func (a *API) similarSuggestions(ctx context.Context, actor *model.Actor, in *IDPath) (list[suggestionAlikeView], error) {
	rows, err := a.rooms.Suggestion.Similar(ctx, actor, in.ID)
	return listOf(rows, "", suggestionAlikeOf), err
}

type suggestionHintInput struct {
	Body struct {
		ToOrgID string `json:"to_org_id" minLength:"1" maxLength:"64"`
		Title   string `json:"title" maxLength:"100"`
		Content string `json:"content,omitempty" maxLength:"5000"`
	}
}

type suggestionHintView struct {
	Own        []suggestionAlikeView     `json:"own" nullable:"false" doc:"the caller's own that are alike"`
	Published  []publishedSuggestionView `json:"published" nullable:"false" doc:"published answers to the like"`
	FewMembers bool                      `json:"few_members" doc:"so few could have written it that an anonymous author might be guessed"`
}

func (a *API) suggestionHints(ctx context.Context, actor *model.Actor, in *suggestionHintInput) (suggestionHintView, error) {
	h, err := a.rooms.Suggestion.Hints(ctx, actor, suggestion.Draft{ToOrgID: in.Body.ToOrgID, Title: in.Body.Title, Content: in.Body.Content})
	if err != nil {
		return suggestionHintView{}, err
	}
	return suggestionHintView{Own: mapped(h.Own, suggestionAlikeOf), Published: mapped(h.Published, publishedSuggestionOf), FewMembers: h.Few}, nil
}

type publicationInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Action   string `json:"action" enum:"ask,agree,refuse,end" doc:"ask: by who handles it, after the answer; agree and refuse: by the author alone; end: by either"`
		Title    string `json:"title,omitempty" maxLength:"100" doc:"with ask, the words to be shown; left out: the suggestion's own"`
		Question string `json:"question,omitempty" maxLength:"5000"`
		Answer   string `json:"answer,omitempty" maxLength:"2000"`
		Version  int    `json:"version,omitempty" doc:"with agree: of the suggestion that was read; another is 412"`
	}
}

func (a *API) publishSuggestion(ctx context.Context, actor *model.Actor, in *publicationInput) (suggestionView, error) {
	b := in.Body
	return suggestionOf(a.rooms.Suggestion.Publish(ctx, actor, in.ID, suggestion.PublicationRequest{
		Action: model.PublicationAction(b.Action), Title: b.Title, Question: b.Question, Answer: b.Answer, Version: b.Version,
	}))
}

type publishedSuggestionView struct {
	ID       string  `json:"id"`
	Title    string  `json:"title"`
	Question string  `json:"question"`
	Answer   string  `json:"answer"`
	Org      nameRef `json:"org" doc:"who answered"`
	On       string  `json:"on" doc:"the day of its publication"`
}

func publishedSuggestionOf(p suggestion.Published) publishedSuggestionView {
	return publishedSuggestionView{ID: p.ID, Title: p.Title, Question: p.Question, Answer: p.Answer, Org: nameRefOf(p.Org), On: string(model.DateOf(p.At))}
}

type publishedInput struct {
	OrgID  string `query:"org_id" maxLength:"64" doc:"left out: of all organisations that the caller belongs to, and those above them"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"how many, 1 to 100"`
	Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before"`
}

func (a *API) publishedSuggestions(ctx context.Context, actor *model.Actor, in *publishedInput) (list[publishedSuggestionView], error) {
	rows, next, err := a.rooms.Suggestion.Published(ctx, actor, in.OrgID, model.Page{Limit: in.Limit, Cursor: in.Cursor})
	return listOf(rows, next, publishedSuggestionOf), err
}

type figuresInput struct {
	OrgID string `query:"org_id" required:"true" minLength:"1" maxLength:"64"`
	Year  int    `query:"year" minimum:"2000" maximum:"2100" doc:"left out: this year"`
}

// suggestionFiguresView are counts of answering. What is null is withheld, since fewer than five came.
type suggestionFiguresView struct {
	Received   *int `json:"received"`
	Answered   *int `json:"answered"`
	Late       *int `json:"late" doc:"went up by themselves, since a deadline had passed"`
	AcceptDays *int `json:"accept_days" doc:"the median of working days to the acceptance"`
	AnswerDays *int `json:"answer_days" doc:"the median of working days to the answer"`
}

type suggestionOrgFiguresView struct {
	Org     nameRef               `json:"org"`
	Figures suggestionFiguresView `json:"figures"`
}

type suggestionYearView struct {
	Year  int                        `json:"year"`
	Items []suggestionOrgFiguresView `json:"items" nullable:"false" doc:"in the order of the tree"`
	All   suggestionFiguresView      `json:"all" doc:"of all together; withheld too where it would give away what is withheld"`
}

func suggestionFiguresOf(f *model.SuggestionFigures) suggestionFiguresView {
	if f == nil || f.Withheld() {
		return suggestionFiguresView{}
	}
	v := suggestionFiguresView{Received: &f.Received, Answered: &f.Answered, Late: &f.Late}
	if n, ok := model.Median(f.AcceptDays, f.Fewest); ok {
		v.AcceptDays = &n
	}
	if n, ok := model.Median(f.AnswerDays, f.Fewest); ok {
		v.AnswerDays = &n
	}
	return v
}

func (a *API) suggestionFigures(ctx context.Context, actor *model.Actor, in *figuresInput) (suggestionYearView, error) {
	if in.Year == 0 {
		in.Year = a.clock().In(model.Zone).Year()
	}
	f, err := a.rooms.Suggestion.Figures(ctx, actor, in.OrgID, in.Year)
	if err != nil {
		return suggestionYearView{}, err
	}
	return suggestionYearView{Year: f.Year, All: suggestionFiguresOf(f.All), Items: mapped(f.Items, func(o suggestion.OrgFigures) suggestionOrgFiguresView {
		return suggestionOrgFiguresView{Org: nameRefOf(o.Org), Figures: suggestionFiguresOf(&o.SuggestionFigures)}
	})}, nil
}
