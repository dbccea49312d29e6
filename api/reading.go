package api

import (
	"context"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/content"
)

type markView struct {
	ID          string `json:"id"`
	ReadPercent int    `json:"read_percent"`
	Liked       bool   `json:"liked"`
	Favorited   bool   `json:"favorited"`
	Claimed     bool   `json:"claimed" doc:"单位已学"`
}

func markOf(m content.Mark) markView {
	return markView{ID: m.ArticleID, ReadPercent: m.Percent, Liked: m.Liked, Favorited: m.Favorited, Claimed: m.Claimed}
}

func markFrom(m content.Mark, err error) (markView, error) { return markOf(m), err }

type marksInput struct {
	IDs string `query:"ids" maxLength:"4000" doc:"article ids with commas between, at most 100"`
}

func (a *API) feedMarks(ctx context.Context, actor *model.Actor, in *marksInput) (items[markView], error) {
	rows, err := a.rooms.Content.Marks(ctx, actor, strings.Split(in.IDs, ","))
	return items[markView]{Items: mapped(rows, markOf)}, err
}

type readInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Percent int `json:"percent" minimum:"0" maximum:"100" doc:"how far the reader got; kept at its maximum"`
	}
}

func (a *API) readArticle(ctx context.Context, actor *model.Actor, in *readInput) (markView, error) {
	return markFrom(a.rooms.Content.Read(ctx, actor, in.ID, in.Body.Percent))
}

type claimInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		StudiedOn string  `json:"studied_on" day:"yes" doc:"such as 2026-11-23, not after today"`
		Where     *string `json:"where,omitempty" nullable:"true" doc:"at most 100 characters"`
	}
}

func (in *claimInput) where() string {
	if in.Body.Where == nil {
		return ""
	}
	return *in.Body.Where
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *claimInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(_ context.Context, a *API, _ *model.Actor) error {
		return a.rooms.Content.CheckClaim(model.Date(in.Body.StudiedOn), in.where())
	})
}

func (a *API) claimArticle(ctx context.Context, actor *model.Actor, in *claimInput) (markView, error) {
	return markFrom(a.rooms.Content.Claim(ctx, actor, in.ID, model.Date(in.Body.StudiedOn), in.where()))
}

func (a *API) unclaimArticle(ctx context.Context, actor *model.Actor, in *IDPath) (empty, error) {
	return empty{}, a.rooms.Content.Unclaim(ctx, actor, in.ID)
}

func (a *API) likeArticle(ctx context.Context, actor *model.Actor, in *IDPath) (markView, error) {
	return markFrom(a.rooms.Content.Like(ctx, actor, in.ID))
}

func (a *API) unlikeArticle(ctx context.Context, actor *model.Actor, in *IDPath) (empty, error) {
	return empty{}, a.rooms.Content.Unlike(ctx, actor, in.ID)
}

func (a *API) favoriteArticle(ctx context.Context, actor *model.Actor, in *IDPath) (markView, error) {
	return markFrom(a.rooms.Content.Favorite(ctx, actor, in.ID))
}

func (a *API) unfavoriteArticle(ctx context.Context, actor *model.Actor, in *IDPath) (empty, error) {
	return empty{}, a.rooms.Content.Unfavorite(ctx, actor, in.ID)
}

func (a *API) favorites(ctx context.Context, actor *model.Actor, in *PageQuery) (list[FeedItem], error) {
	rows, next, err := a.rooms.Content.Favorites(ctx, actor, in.page())
	return listOf(rows, next, a.itemOf), err
}

type reachView struct {
	Audience *int `json:"audience" nullable:"true" doc:"null, like the others, where they are fewer than five"`
	Read     *int `json:"read" nullable:"true"`
	Claimed  *int `json:"claimed" nullable:"true" doc:"单位已学, without reading it here"`
	Unread   *int `json:"unread" nullable:"true"`
}

func (a *API) articleReach(ctx context.Context, actor *model.Actor, in *IDPath) (reachView, error) {
	r, err := a.rooms.Content.Reach(ctx, actor, in.ID)
	return reachView(r), err
}

func (a *API) remindArticle(ctx context.Context, actor *model.Actor, in *IDPath) (empty, error) {
	return empty{}, a.rooms.Content.Remind(ctx, actor, in.ID)
}
