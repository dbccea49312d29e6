package api

import (
	"context"

	"zhibu/model"
	"zhibu/service/content"
)

type assessInput struct {
	Body struct {
		OrgID     string  `json:"org_id" minLength:"1" maxLength:"64"`
		ArticleID *string `json:"article_id,omitempty" nullable:"true" maxLength:"64" doc:"the article itself, where it is kept already"`
		Category  *string `json:"category,omitempty" nullable:"true"`
		Title     *string `json:"title,omitempty" nullable:"true"`
		ArticleBody
	}
}

type budgetView struct {
	Month   string `json:"month" doc:"such as 2026-11"`
	Minutes int    `json:"minutes" doc:"学习时间预算 of the month"`
	Used    int    `json:"used" doc:"own and above together"`
	Own     int    `json:"own" doc:"of the organisation's own texts, published or scheduled in the month"`
	Above   int    `json:"above" doc:"of those that the organisations above require in the month"`
	Left    int    `json:"left" doc:"below zero when overdrawn; without this article"`
}

type faultView struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

type assessView struct {
	Chars          int           `json:"chars"`
	ReadingMinutes int           `json:"reading_minutes"`
	Digest         string        `json:"digest" doc:"the one given, or the one that would be made"`
	DocNo          *string       `json:"doc_no" nullable:"true" doc:"in the standard's form, such as 中发〔2026〕8号"`
	BodyHTML       string        `json:"body_html" doc:"the body as it would be kept"`
	Faults         []faultView   `json:"faults" nullable:"false" doc:"for which saving would be refused"`
	Warnings       []string      `json:"warnings" nullable:"false" doc:"in words; none stands in the way"`
	Similar        []similarView `json:"similar" nullable:"false" doc:"已有同类内容"`
	Budget         budgetView    `json:"budget"`
}

func (a *API) assessArticle(ctx context.Context, actor *model.Actor, in *assessInput) (assessView, error) {
	w := in.Body.ArticleBody.input()
	w.Title, w.Category = in.Body.Title, as[model.Category](in.Body.Category)
	id := ""
	if in.Body.ArticleID != nil {
		id = *in.Body.ArticleID
	}
	as, err := a.rooms.Content.Assess(ctx, actor, in.Body.OrgID, id, w)
	if err != nil {
		return assessView{}, err
	}
	return assessView{
		Chars: as.Chars, ReadingMinutes: as.Minutes, Digest: as.Digest, DocNo: textOrNil(as.DocNo), BodyHTML: as.HTML,
		Faults:   mapped(as.Faults, func(f model.Field) faultView { return faultView{Field: f.Field, Code: f.Code, Detail: f.Detail} }),
		Warnings: append([]string{}, as.Warnings...), Similar: mapped(as.Similar, similarOf),
		Budget: budgetView{
			Month: as.Budget.Month, Minutes: as.Budget.Minutes, Used: as.Budget.Used(), Own: as.Budget.Own, Above: as.Budget.Above, Left: as.Budget.Left(),
		},
	}, nil
}

type differenceView struct {
	Field string  `json:"field" enum:"title,digest,key_points,body"`
	Kind  string  `json:"kind" enum:"added,removed,changed"`
	Was   *string `json:"was" nullable:"true"`
	Is    *string `json:"is" nullable:"true"`
}

type differencesView struct {
	Version    int              `json:"version"`
	Against    *int             `json:"against" nullable:"true" doc:"the version before; null for the first"`
	Correction *string          `json:"correction" nullable:"true" doc:"what readers were told"`
	Items      []differenceView `json:"items" nullable:"false" doc:"title and digest as a whole, key points and paragraphs one by one"`
}

type differencesInput struct {
	ID      string `path:"id" maxLength:"64"`
	Version int    `path:"version" minimum:"1" maximum:"1000000"`
}

func (a *API) articleDifferences(ctx context.Context, actor *model.Actor, in *differencesInput) (differencesView, error) {
	d, err := a.rooms.Content.Differences(ctx, actor, in.ID, in.Version)
	if err != nil {
		return differencesView{}, err
	}
	v := differencesView{Version: d.Version, Correction: textOrNil(d.Correction), Items: mapped(d.List, func(c content.Difference) differenceView {
		return differenceView{Field: c.Field, Kind: c.Kind, Was: textOrNil(c.Was), Is: textOrNil(c.Is)}
	})}
	if d.Against > 0 {
		v.Against = &d.Against
	}
	return v, nil
}
