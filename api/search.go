package api

import (
	"context"

	"zhibu/model"
	"zhibu/service/content"
)

type hitView struct {
	FeedItem
	Highlight string `json:"highlight" doc:"HTML: escaped text, with <em> around what was sought"`
}

type searchInput struct {
	PageQuery
	Q        string `query:"q" required:"true" minLength:"1" maxLength:"100" doc:"from one character to a sentence"`
	Category string `query:"category" doc:"theory, central, law, example or news"`
}

func (a *API) search(ctx context.Context, actor *model.Actor, in *searchInput) (list[hitView], error) {
	rows, next, err := a.rooms.Content.Search(ctx, actor, in.Q, model.Category(in.Category), in.page())
	return listOf(rows, next, func(h content.Hit) hitView { return hitView{FeedItem: a.itemOf(h.Item), Highlight: h.Highlight} }), err
}

type similarView struct {
	ID          string             `json:"id"`
	Title       string             `json:"title"`
	Org         articleOrg         `json:"org"`
	DocNo       *string            `json:"doc_no" nullable:"true"`
	Status      model.ArticleState `json:"status" enum:"draft,scheduled,published,withdrawn"`
	PublishedAt *timeView          `json:"published_at" nullable:"true"`
	Reason      string             `json:"reason" enum:"doc_no,title,text" doc:"what is the same or alike, the strongest of it"`
	Why         []string           `json:"why" nullable:"false" doc:"all of it in words, such as 标题相同 or 正文相似 92%"`
	Likeness    float64            `json:"likeness" doc:"1 for the same document number, else the share of common words of the two titles or texts, the greater"`
	Relayable   bool               `json:"relayable" doc:"while composing: could be passed on instead of written again"`
}

func similarOf(s content.Similar) similarView {
	return similarView{
		ID: s.ID, Title: s.Title, Org: articleOrg{ID: s.OrgID, Name: s.OrgName}, DocNo: textOrNil(s.DocNo), Status: s.State,
		PublishedAt: timeOrNil(s.PublishedAt), Reason: s.Reason, Why: s.Why, Likeness: s.Likeness, Relayable: s.Relayable,
	}
}

type similarInput struct {
	Title string `query:"title" maxLength:"200"`
	DocNo string `query:"doc_no" maxLength:"200"`
}

func (a *API) similarArticles(ctx context.Context, actor *model.Actor, in *similarInput) (items[similarView], error) {
	rows, err := a.rooms.Content.Similar(ctx, actor, in.Title, in.DocNo)
	return items[similarView]{Items: mapped(rows, similarOf)}, err
}
