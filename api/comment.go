package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/comment"
)

type commentOrg struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type authorView struct {
	ID   *string           `json:"id" nullable:"true" doc:"null where the reader is no member, and of who has left"`
	Name string            `json:"name" doc:"of the surname alone where the reader is no member"`
	Org  maybe[commentOrg] `json:"org" doc:"where the author stood when writing; null where the reader is no member"`
}

type commentView struct {
	ID        string     `json:"id"`
	Author    authorView `json:"author"`
	Content   string     `json:"content"`
	ReplyTo   *string    `json:"reply_to" nullable:"true" doc:"the comment that is answered; it may have been deleted since"`
	State     string     `json:"state" enum:"visible,pending,hidden"`
	CreatedAt timeView   `json:"created_at"`
	Likes     int64      `json:"likes"`
	Liked     *bool      `json:"liked,omitempty" doc:"by the caller; left out where the caller is no member"`
}

func commentViewOf(actor *model.Actor) func(comment.Entry) commentView {
	return func(e comment.Entry) commentView {
		v := commentView{
			ID: e.ID, Author: authorView{ID: textOrNil(e.Author.ID), Name: e.Author.Name}, Content: e.Content, ReplyTo: textOrNil(e.ReplyTo),
			State: string(e.State), CreatedAt: timeView(e.CreatedAt), Likes: e.Likes,
		}
		if o := e.Author.Org; o != nil {
			v.Author.Org = some(commentOrg{ID: o.ID, Name: o.Name})
		}
		if actor.Bound() {
			liked := e.Liked
			v.Liked = &liked
		}
		return v
	}
}

type commentArticle struct {
	ID       string `json:"id"`
	Title    string `json:"title"`
	Category string `json:"category" enum:"theory,central,law,example,news"`
}

type moderatedView struct {
	ID          string          `json:"id"`
	Author      authorView      `json:"author"`
	Content     string          `json:"content"`
	ReplyTo     *string         `json:"reply_to" nullable:"true"`
	State       string          `json:"state" enum:"visible,pending,hidden"`
	CreatedAt   timeView        `json:"created_at"`
	Likes       int64           `json:"likes"`
	Article     *commentArticle `json:"article,omitempty"`
	HeldBecause string          `json:"held_because,omitempty" enum:"moderated_first,review,politics,unchecked,console" doc:"why it waits, or waited, for a person"`
	Reason      string          `json:"reason,omitempty" doc:"why it is hidden"`
	ModeratedAt *timeView       `json:"moderated_at,omitempty"`
}

func moderatedViewOf(actor *model.Actor) func(comment.Entry) moderatedView {
	plain := commentViewOf(actor)
	return func(e comment.Entry) moderatedView {
		c := plain(e)
		v := moderatedView{
			ID: c.ID, Author: c.Author, Content: c.Content, ReplyTo: c.ReplyTo, State: c.State, CreatedAt: c.CreatedAt, Likes: c.Likes,
			HeldBecause: string(e.Held), Reason: e.Reason, ModeratedAt: timeOrNil(e.ModeratedAt),
		}
		if ar := e.Article; ar != nil {
			v.Article = &commentArticle{ID: ar.ID, Title: ar.Title, Category: string(ar.Category)}
		}
		return v
	}
}

type commentsView struct {
	Items      []commentView `json:"items" nullable:"false"`
	NextCursor string        `json:"next_cursor" doc:"empty on the last page"`
	Open       bool          `json:"open" doc:"whether comments may be written here; closed ones are not shown either"`
}

// commentsInput names its fields one by one, as all inputs here do: the binder passes over what is embedded under a small letter.
type commentsInput struct {
	ID     string `path:"id" maxLength:"64"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"how many, 1 to 100"`
	Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before"`
}

func (a *API) listComments(ctx context.Context, actor *model.Actor, in *commentsInput) (commentsView, error) {
	page, err := a.rooms.Comment.List(ctx, actor, in.ID, model.Page{Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return commentsView{}, err
	}
	return commentsView{Items: mapped(page.Entries, commentViewOf(actor)), NextCursor: page.Next, Open: page.Open}, nil
}

type addCommentInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Content string `json:"content" doc:"1 to 500 characters"`
		ReplyTo string `json:"reply_to,omitempty" maxLength:"64" doc:"a visible comment of the same article"`
	}
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *addCommentInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(ctx context.Context, a *API, actor *model.Actor) error {
		return a.rooms.Comment.CheckAdd(ctx, actor, in.ID, in.Body.Content, in.Body.ReplyTo)
	})
}

func (a *API) addComment(ctx context.Context, actor *model.Actor, in *addCommentInput) (commentView, error) {
	e, err := a.rooms.Comment.Add(ctx, actor, in.ID, in.Body.Content, in.Body.ReplyTo)
	if err != nil {
		return commentView{}, err
	}
	return commentViewOf(actor)(*e), nil
}

func (a *API) deleteComment(ctx context.Context, actor *model.Actor, in *IDPath) (empty, error) {
	return empty{}, a.rooms.Comment.Delete(ctx, actor, in.ID)
}

func (a *API) likeComment(ctx context.Context, actor *model.Actor, in *IDPath) (empty, error) {
	return empty{}, a.rooms.Comment.Like(ctx, actor, in.ID)
}

func (a *API) unlikeComment(ctx context.Context, actor *model.Actor, in *IDPath) (empty, error) {
	return empty{}, a.rooms.Comment.Unlike(ctx, actor, in.ID)
}

type moderationInput struct {
	State  string `query:"state" enum:"pending,visible,hidden" default:"pending"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"how many, 1 to 100"`
	Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before"`
}

func (a *API) moderationQueue(ctx context.Context, actor *model.Actor, in *moderationInput) (list[moderatedView], error) {
	rows, next, err := a.rooms.Comment.Queue(ctx, actor, model.CommentState(in.State), model.Page{Limit: in.Limit, Cursor: in.Cursor})
	if err != nil {
		return list[moderatedView]{}, err
	}
	return listOf(rows, next, moderatedViewOf(actor)), nil
}

type moderateInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Action string `json:"action" enum:"approve,hide"`
		Reason string `json:"reason,omitempty" maxLength:"200" doc:"needed for hide; the author sees it"`
	}
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *moderateInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(context.Context, *API, *model.Actor) error {
		return comment.CheckDecision(model.Moderation(in.Body.Action), in.Body.Reason)
	})
}

func (a *API) moderateComment(ctx context.Context, actor *model.Actor, in *moderateInput) (moderatedView, error) {
	e, err := a.rooms.Comment.Moderate(ctx, actor, in.ID, model.Moderation(in.Body.Action), in.Body.Reason)
	if err != nil {
		return moderatedView{}, err
	}
	return moderatedViewOf(actor)(*e), nil
}
