package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"zhibu/model"
	"zhibu/service/cache"
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
	ReplyTo   *string    `json:"reply_to" nullable:"true" doc:"the head of the thread in which this is an answer; it may have been deleted since. Threads have one level"`
	AnswerTo  *string    `json:"answer_to,omitempty" doc:"the answer in the same thread that is answered, where it is not the head"`
	State     string     `json:"state" enum:"visible,pending,hidden"`
	CreatedAt timeView   `json:"created_at"`
	Likes     int64      `json:"likes"`
	Liked     *bool      `json:"liked,omitempty" doc:"by the caller; left out where the caller is no member"`
}

func commentViewOf(actor *model.Actor) func(comment.Entry) commentView {
	return func(e comment.Entry) commentView {
		v := commentView{
			ID: e.ID, Author: authorView{ID: textOrNil(e.Author.ID), Name: e.Author.Name}, Content: e.Content, ReplyTo: textOrNil(e.ReplyTo),
			AnswerTo: textOrNil(e.AnswerTo), State: string(e.State), CreatedAt: timeView(e.CreatedAt), Likes: e.Likes,
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
	HeldBecause string          `json:"held_because,omitempty" enum:"moderated_first,review,politics,unchecked,console,reported" doc:"why it waits, or waited, for a person"`
	Label       int             `json:"label,omitempty" doc:"what WeChat's check found, by its number"`
	LabelName   string          `json:"label_name,omitempty" doc:"the same in Chinese, such as 时政 or 辱骂"`
	Reports     []string        `json:"reports,omitempty" doc:"the reasons of reports that nobody has looked at; who reported is told to nobody"`
	Reason      string          `json:"reason,omitempty" doc:"why it is hidden"`
	ModeratedAt *timeView       `json:"moderated_at,omitempty"`
}

func moderatedViewOf(actor *model.Actor) func(comment.Entry) moderatedView {
	plain := commentViewOf(actor)
	return func(e comment.Entry) moderatedView {
		c := plain(e)
		v := moderatedView{
			ID: c.ID, Author: c.Author, Content: c.Content, ReplyTo: c.ReplyTo, State: c.State, CreatedAt: c.CreatedAt, Likes: c.Likes,
			HeldBecause: string(e.Held), Reason: e.Reason, ModeratedAt: timeOrNil(e.ModeratedAt), Label: e.Label, LabelName: model.CheckLabel(e.Label), Reports: e.Reasons,
		}
		if len(e.Reasons) > 0 {
			v.HeldBecause = string(model.HeldReported)
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
		ReplyTo string `json:"reply_to,omitempty" maxLength:"64" doc:"a visible comment of the same article; an answer to an answer stands in the same thread"`
	}
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *addCommentInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(ctx context.Context, a *API, actor *model.Actor) error {
		return a.rooms.Comment.CheckAdd(ctx, actor, in.ID, in.Body.Content, in.Body.ReplyTo)
	})
}

func (a *API) addComment(ctx context.Context, actor *model.Actor, in *addCommentInput) (commentView, error) {
	if err := a.pace(ctx, "comment:"+actor.MemberID, limitComment); err != nil {
		return commentView{}, err
	}
	e, err := a.rooms.Comment.Add(ctx, actor, in.ID, in.Body.Content, in.Body.ReplyTo)
	if err != nil {
		return commentView{}, err
	}
	return commentViewOf(actor)(*e), nil
}

// How often one person may speak, and report: a conversation stays possible, a flood does not.
var (
	limitComment = cache.Rate{Per: time.Minute, Count: 20, Burst: 20}
	limitReport  = cache.Rate{Per: time.Minute, Count: 10, Burst: 10}
)

// pace slows one person down at one thing. Errors: rate_limited.
func (a *API) pace(ctx context.Context, key string, rate cache.Rate) error {
	if !a.options.Limits {
		return nil
	}
	ok, wait := a.rooms.Limiter.Allow(ctx, key, rate)
	if ok {
		return nil
	}
	e := model.Fail(model.CodeRateLimited, "操作过于频繁，请稍后再试。")
	e.RetryAfter = max(wait, time.Second)
	return e
}

type reportInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Reason string `json:"reason" maxLength:"200" doc:"for the moderators; they are not told who reports"`
	}
}

// Resolve leaves how to ask for the room's part of the faults.
func (in *reportInput) Resolve(hc huma.Context) []error {
	return leaveRest(hc, func(context.Context, *API, *model.Actor) error { return comment.CheckReport(in.Body.Reason) })
}

func (a *API) reportComment(ctx context.Context, actor *model.Actor, in *reportInput) (empty, error) {
	if err := a.pace(ctx, "report:"+actor.MemberID, limitReport); err != nil {
		return empty{}, err
	}
	return empty{}, a.rooms.Comment.Report(ctx, actor, in.ID, in.Body.Reason)
}

type commentSwitches struct {
	Theory  *bool `json:"theory,omitempty"`
	Central *bool `json:"central,omitempty"`
	Law     *bool `json:"law,omitempty"`
	Example *bool `json:"example,omitempty"`
	News    *bool `json:"news,omitempty"`
}

type commentSettings struct {
	Open       *bool           `json:"open,omitempty" doc:"whether comments are open at all"`
	Categories commentSwitches `json:"categories,omitempty" doc:"whether they are open below the texts of a category"`
}

// switches names each switch with its place in the settings.
func (s *commentSettings) switches() map[model.Category]**bool {
	return map[model.Category]**bool{
		"": &s.Open, model.CategoryTheory: &s.Categories.Theory, model.CategoryCentral: &s.Categories.Central, model.CategoryLaw: &s.Categories.Law,
		model.CategoryExample: &s.Categories.Example, model.CategoryNews: &s.Categories.News,
	}
}

func commentSettingsOf(now model.CommentSwitches) commentSettings {
	var v commentSettings
	for c, at := range v.switches() {
		open := now.Categories[c]
		if c == "" {
			open = now.Site
		}
		*at = &open
	}
	return v
}

func (a *API) getCommentSettings(ctx context.Context, actor *model.Actor, _ *struct{}) (commentSettings, error) {
	now, err := a.rooms.Comment.SwitchesFor(ctx, actor)
	return commentSettingsOf(now), err
}

type commentSettingsInput struct {
	Body commentSettings
}

func (a *API) setCommentSettings(ctx context.Context, actor *model.Actor, in *commentSettingsInput) (commentSettings, error) {
	to := map[model.Category]bool{}
	for c, at := range in.Body.switches() {
		if *at != nil {
			to[c] = **at
		}
	}
	now, err := a.rooms.Comment.SetSwitches(ctx, actor, to)
	return commentSettingsOf(now), err
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
	State  string `query:"state" enum:"pending,reported,visible,hidden" default:"pending" doc:"pending: all that waits for a look, what members have reported included"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"how many, 1 to 100"`
	Cursor string `query:"cursor" maxLength:"1024" doc:"next_cursor of the page before"`
}

func (a *API) moderationQueue(ctx context.Context, actor *model.Actor, in *moderationInput) (list[moderatedView], error) {
	rows, next, err := a.rooms.Comment.Queue(ctx, actor, model.CommentQueue(in.State), model.Page{Limit: in.Limit, Cursor: in.Cursor})
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
