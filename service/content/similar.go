package content

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"zhibu/model"
	"zhibu/model/store"
)

// Similar is an article that may be the same as one about to be written.
type Similar struct {
	Item
	Reason    string   // the strongest: doc_no, title or text
	Why       []string // all of them in words, such as 标题相同
	Likeness  float64  // 1 for the same document number
	Relayable bool     // could be passed on instead; only told while composing
}

const (
	alike       = 0.5 // of the pairs of two titles
	alikeText   = 0.5 // of the pairs of two texts
	similarMost = 10
	secondLooks = 20   // texts that are compared in full
	titleLooks  = 2000 // articles that are looked at of each pair of a title
)

// Likely is what is known of an article about to be written.
type Likely struct {
	Title, DocNo, Plain string
	Except              string // the article itself, where it is kept already
}

// Similar finds what is already there: of the same document number in whatever state, published under a title that is alike, or with a text that is.
func (s *Service) Similar(ctx context.Context, actor *model.Actor, title, docNo string) ([]Similar, error) {
	return s.similar(ctx, actor, Likely{Title: title, DocNo: docNo})
}

func (s *Service) similar(ctx context.Context, actor *model.Actor, of Likely) ([]Similar, error) {
	byTitle, err := s.store.ArticlesSharing(ctx, model.QueryTerms(of.Title), titleLooks, 30)
	if err != nil {
		return nil, err
	}
	byText, err := s.store.ArticlesLike(ctx, model.Prints(of.Plain), secondLooks)
	if err != nil {
		return nil, err
	}
	found, err := s.store.ArticlesByID(ctx, slices.Concat(byTitle, byText))
	if err != nil {
		return nil, err
	}
	key := model.DocKey(of.DocNo)
	if key != "" {
		same, err := s.store.ArticlesByDocKey(ctx, key)
		if err != nil {
			return nil, err
		}
		for _, a := range same {
			found[a.ID] = a
		}
	}
	texts, err := s.likeTexts(ctx, of.Plain, found)
	if err != nil {
		return nil, err
	}
	var list []Similar
	for id, a := range found {
		if id == of.Except || !model.CanSeeArticle(actor, &a) {
			continue
		}
		if o := compare(of, key, a, texts[id]); o.Reason != "" {
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b Similar) int {
		return cmp.Or(cmp.Compare(b.Likeness, a.Likeness), cmp.Compare(b.ID, a.ID))
	})
	list = list[:min(len(list), similarMost)]
	return list, s.nameOrgs(ctx, list)
}

// likeTexts is the second look: the share of common pairs with each of these articles' texts.
func (s *Service) likeTexts(ctx context.Context, plain string, with map[string]model.Article) (map[string]float64, error) {
	if len(with) == 0 || model.Prints(plain) == nil {
		return nil, nil
	}
	ids := make([]string, 0, len(with))
	for id := range with {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	plains, err := s.store.PlainTexts(ctx, ids)
	if err != nil {
		return nil, err
	}
	mine := model.Pairs(plain)
	like := make(map[string]float64, len(plains))
	for id, text := range plains {
		like[id] = model.Likeness(mine, model.Pairs(text))
	}
	return like, nil
}

// compare says in words why an article may be the same.
func compare(of Likely, docKey string, a model.Article, text float64) Similar {
	o := Similar{Item: Item{ArticleRow: store.ArticleRow{Article: a}}}
	add := func(reason, why string, likeness float64) {
		if o.Reason == "" {
			o.Reason = reason
		}
		o.Why = append(o.Why, why)
		o.Likeness = max(o.Likeness, likeness)
	}
	if docKey != "" && a.DocKey == docKey {
		add("doc_no", "文号相同", 1)
	}
	title := likeness(of.Title, a.Title)
	switch {
	case of.Title != "" && slices.Equal(fold(of.Title), fold(a.Title)):
		add("title", "标题相同", 1)
	case title >= alike:
		add("title", fmt.Sprintf("标题相似 %d%%", percent(title)), title)
	}
	switch {
	case text > 0.995:
		add("text", "正文相同", text)
	case text >= alikeText:
		add("text", fmt.Sprintf("正文相似 %d%%", percent(text)), text)
	}
	return o
}

func percent(share float64) int { return min(99, int(math.Round(share*100))) }

func (s *Service) nameOrgs(ctx context.Context, list []Similar) error {
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].OrgID
	}
	orgs, err := s.store.OrgsByID(ctx, ids)
	for i := range list {
		for _, o := range orgs {
			if o.ID == list[i].OrgID {
				list[i].OrgName = o.Name
			}
		}
	}
	return err
}

// likeness is twice the terms two titles share, by all they have (Dice's measure): easy to explain to who asks why.
func likeness(a, b string) float64 {
	ta, tb := model.QueryTerms(a), model.QueryTerms(b)
	if len(ta)+len(tb) == 0 {
		return 0
	}
	shared := 0
	for _, t := range ta {
		if slices.Contains(tb, t) {
			shared++
		}
	}
	return 2 * float64(shared) / float64(len(ta)+len(tb))
}
