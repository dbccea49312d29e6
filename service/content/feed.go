package content

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// FeedPage is one page of a feed.
type FeedPage struct {
	Items []Item
	Next  string
}

// Feed is what the actor may see from their own organisations up to the root; strangers and visitors see what is public. Pages are kept as the
// bytes that render makes of them: the same for everybody of the same standing, so that render must use nothing but its argument.
// Errors: validation_failed (the cursor or the category).
func (s *Service) Feed(ctx context.Context, actor *model.Actor, c model.Category, p model.Page, render func(FeedPage) ([]byte, error)) (Ready, error) {
	if c != "" && !c.Valid() {
		return Ready{}, model.BadField("category", "not_allowed", "没有这个栏目。")
	}
	return s.pages.get(ctx, s.clock(), pageKey(actor, c, p), func(ctx context.Context) ([]byte, error) {
		chain, err := s.chain(ctx, actor)
		if err != nil {
			return nil, err
		}
		f := store.FeedFilter{Chain: chain, Category: c}
		f.Ranges, err = s.pages.rangesOf(s.clock(), model.StandingKey(actor)+"\n"+string(c), func() (*store.FeedRanges, error) { return s.store.FeedRanges(ctx, f) })
		if err != nil {
			return nil, err
		}
		rows, next, err := s.store.Feed(ctx, f, p)
		if err != nil {
			return nil, err
		}
		list, err := s.items(ctx, rows)
		if err != nil {
			return nil, err
		}
		return render(FeedPage{Items: list, Next: next})
	})
}

// pageKey names a page: all of the same standing see the same.
func pageKey(actor *model.Actor, c model.Category, p model.Page) string {
	return model.StandingKey(actor) + "\n" + string(c) + "\n" + strconv.Itoa(p.Size()) + "\n" + p.Cursor
}

// FeedAtHand is what Feed would answer, if it need not read or make anything for it.
func (s *Service) FeedAtHand(actor *model.Actor, c model.Category, p model.Page, now time.Time) (Ready, bool) {
	return s.pages.peek(now, pageKey(actor, c, p))
}

// ArticleAtHand is what Article would answer, if it need not read or make anything for it.
func (s *Service) ArticleAtHand(actor *model.Actor, id string, now time.Time) (Ready, bool) {
	form := ForStrangers
	if actor.Bound() {
		form = ForMembers
	}
	v, ok := s.shelf.peek(now, string(form)+" "+id)
	if !ok || !model.CanSeeArticle(actor, v.article) {
		return Ready{}, false
	}
	if model.CanEditArticle(actor, v.article) {
		if v, ok = s.shelf.peek(now, string(ForEditors)+" "+id); !ok || !model.CanSeeArticle(actor, v.article) || !model.CanEditArticle(actor, v.article) {
			return Ready{}, false
		}
	}
	return v.Ready, true
}

// chain is whose articles an actor's feed shows. Who may do everything everywhere but belongs nowhere stands at the root; who stands nowhere sees
// what is public.
func (s *Service) chain(ctx context.Context, actor *model.Actor) ([]model.OrgSight, error) {
	sight := model.SightOf(actor)
	if len(sight.Chain) > 0 || !slices.Contains(sight.Under, model.EverywherePath) {
		return sight.Chain, nil
	}
	root, err := s.store.RootOrg(ctx)
	if model.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	all := []model.Visibility{model.VisiblePublic, model.VisibleMembers, model.VisibleParty, model.VisibleCommittee}
	return []model.OrgSight{{OrgID: root.ID, Visibilities: all}}, nil
}

// Form is for whom an article is rendered.
type Form string

// The three forms. Strangers read the organisation's name where members read the author's, because a name is personal data.
const (
	ForStrangers Form = "strangers"
	ForMembers   Form = "members"
	ForEditors   Form = "editors"
)

// RenderArticle makes the bytes of an article's page; for editors it adds what only they need. It must use nothing but its arguments.
type RenderArticle func(f *Full, form Form) ([]byte, error)

// Article is one article's own page as the bytes that render makes of it, kept for all who read it in the same form.
// Errors: not_found.
func (s *Service) Article(ctx context.Context, actor *model.Actor, id string, render RenderArticle) (Ready, error) {
	form := ForStrangers
	if actor.Bound() {
		form = ForMembers
	}
	v, err := s.volume(ctx, id, form, render)
	if err != nil {
		return Ready{}, err
	}
	if !model.CanSeeArticle(actor, v.article) {
		return Ready{}, notFound()
	}
	if model.CanEditArticle(actor, v.article) {
		if v, err = s.volume(ctx, id, ForEditors, render); err != nil {
			return Ready{}, err
		}
		if !model.CanEditArticle(actor, v.article) { // changed between the two
			return Ready{}, notFound()
		}
	}
	return v.Ready, nil
}

// volume takes an article from the shelf in one form, or reads it.
func (s *Service) volume(ctx context.Context, id string, form Form, render RenderArticle) (*volume, error) {
	return s.shelf.get(ctx, s.clock(), string(form)+" "+id, func(ctx context.Context) (*volume, error) {
		f, err := s.read(ctx, id)
		if err != nil {
			return nil, err
		}
		if form == ForStrangers {
			f.Author = f.OrgName
		}
		body, err := render(f, form)
		if err != nil {
			return nil, err
		}
		head := f.Article
		tag := `"v` + strconv.Itoa(head.Version) + "-" + digestOf(body) + `"`
		return &volume{Ready: ready(body, tag), article: &head, author: model.MemberChange(head.AuthorID)}, nil
	})
}

// Text is an article for listening: the title, the key points and the text, without any markup.
// Errors: not_found.
func (s *Service) Text(ctx context.Context, actor *model.Actor, id string) (string, error) {
	a, err := s.store.Article(ctx, id)
	if err != nil {
		return "", err
	}
	if !model.CanSeeArticle(actor, a) {
		return "", notFound()
	}
	body, err := s.store.ArticleBody(ctx, id)
	if err != nil {
		return "", err
	}
	lines := append([]string{a.Title}, a.KeyPoints...)
	corrected, err := s.store.Corrections(ctx, id)
	if err != nil {
		return "", err
	}
	for _, c := range corrected {
		lines = append(lines, "更正说明："+c.Correction)
	}
	return strings.Join(append(lines, body.Plain), "\n") + "\n", nil
}
