package api

import (
	"context"

	"zhibu/model"
	"zhibu/service/draftbox"
)

type officialDraftView struct {
	ArticleID string   `json:"article_id"`
	MediaID   string   `json:"media_id" doc:"names the draft in the service account's draft box"`
	Title     string   `json:"title" doc:"as it stands there"`
	Version   int      `json:"version" doc:"of the article, when it was put there"`
	SentAt    timeView `json:"sent_at"`
	Stale     bool     `json:"stale" doc:"whether the article has changed since"`
	Updated   bool     `json:"updated" doc:"whether a draft was there before, which was written anew"`
	Pictures  int      `json:"pictures" doc:"in the text"`
	Notes     []string `json:"notes" nullable:"false" doc:"what the operator should look at, in Chinese"`
}

func officialDraftOf(r *draftbox.Result) officialDraftView {
	return officialDraftView{
		ArticleID: r.ArticleID, MediaID: r.MediaID, Title: r.Title, Version: r.Version, SentAt: timeView(r.SentAt), Stale: r.Stale, Updated: r.Updated,
		Pictures: r.Pictures, Notes: append([]string{}, r.Notes...),
	}
}

func (a *API) putOfficialDraft(ctx context.Context, actor *model.Actor, in *IDPath) (officialDraftView, error) {
	r, err := a.rooms.DraftBox.Put(ctx, actor, in.ID)
	if err != nil {
		return officialDraftView{}, err
	}
	return officialDraftOf(r), nil
}

func (a *API) getOfficialDraft(ctx context.Context, actor *model.Actor, in *IDPath) (officialDraftView, error) {
	r, err := a.rooms.DraftBox.Get(ctx, actor, in.ID)
	if err != nil {
		return officialDraftView{}, err
	}
	return officialDraftOf(r), nil
}
