package content

import (
	"context"
	"slices"
	"strconv"
	"strings"

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
	key := strings.Join([]string{model.StandingKey(actor), string(c), strconv.Itoa(p.Size()), p.Cursor}, "\n")
	return s.pages.get(ctx, s.clock(), key, func(ctx context.Context) ([]byte, error) {
		chain, err := s.chain(ctx, actor)
		if err != nil {
			return nil, err
		}
		rows, next, err := s.store.Feed(ctx, store.FeedFilter{Chain: chain, Category: c}, p)
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

// Article is one article's own page as the bytes that render makes of it; for editors render adds what only they need.
// Errors: not_found.
func (s *Service) Article(ctx context.Context, actor *model.Actor, id string, render func(f *Full, editor bool) ([]byte, error)) (Ready, error) {
	v, err := s.volume(ctx, id, false, render)
	if err != nil {
		return Ready{}, err
	}
	if !model.CanSeeArticle(actor, v.article) {
		return Ready{}, notFound()
	}
	if model.CanEditArticle(actor, v.article) {
		if v, err = s.volume(ctx, id, true, render); err != nil {
			return Ready{}, err
		}
	}
	return v.Ready, nil
}

// volume takes an article from the shelf in the readers' or the editors' form.
func (s *Service) volume(ctx context.Context, id string, editor bool, render func(*Full, bool) ([]byte, error)) (*volume, error) {
	key := id
	if editor {
		key = "editor " + id
	}
	return s.shelf.get(ctx, key, func(ctx context.Context) (*volume, error) {
		f, err := s.read(ctx, id)
		if err != nil {
			return nil, err
		}
		body, err := render(f, editor)
		if err != nil {
			return nil, err
		}
		head := f.Article
		tag := `"v` + strconv.Itoa(head.Version) + "-" + digestOf(body) + `"`
		return &volume{Ready: Ready{Body: body, ETag: tag}, article: &head, author: "member:" + head.AuthorID}, nil
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
	return strings.Join(append(lines, body.Plain), "\n") + "\n", nil
}
