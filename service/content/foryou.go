package content

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// The reasons for which something is worth reading now.
const (
	WhyRequired = "required" // asked of the member, and not read yet
	WhyBegun    = "begun"    // opened, and not read to the end
	WhyNew      = "new"      // not opened yet
)

// ForYou is an article worth reading now, and why.
type ForYou struct {
	Item
	Why     string
	Percent int
}

// ForYouMost is how many articles one is shown at most: what can be read at one sitting.
const ForYouMost = 10

const (
	forYouLooks = 3   // pages of the feed that are looked through
	forYouPage  = 100 // their size
)

// ForYou is what the member should read now: what is required first, by its date, then what is new to them; each document once. What was read to
// the end or at the employer's is not in it.
func (s *Service) ForYou(ctx context.Context, actor *model.Actor, limit int) ([]ForYou, error) {
	limit = min(max(limit, 1), ForYouMost)
	sight := model.SightOf(actor)
	required, err := s.store.RequiredFor(ctx, actor.MemberID, sight.Chain, limit)
	if err != nil {
		return nil, err
	}
	var list []ForYou
	seen := map[string]bool{}
	add := func(r store.ArticleRow, docKey, why string, percent int) {
		doc := "doc:" + docKey
		if len(list) < limit && !seen[r.ID] && (docKey == "" || !seen[doc]) && r.State != "" {
			list = append(list, ForYou{Item: Item{ArticleRow: r}, Why: why, Percent: percent})
		}
		seen[r.ID], seen[doc] = true, docKey != ""
	}
	marks, err := s.marksOf(ctx, actor, required)
	if err != nil {
		return nil, err
	}
	for _, r := range required {
		add(r, r.DocKey, WhyRequired, marks[r.ID].Percent)
	}
	page := model.Page{Limit: forYouPage}
	for look := 0; look < forYouLooks && len(list) < limit; look++ {
		rows, next, err := s.unread(ctx, actor, sight.Chain, page)
		if err != nil {
			return nil, err
		}
		for _, u := range rows {
			add(u.ArticleRow, u.DocKey, u.why, u.percent)
		}
		if page.Cursor = next; next == "" {
			break
		}
	}
	return list, s.withCovers(ctx, list)
}

// unreadRow is a row of the feed that its reader has not finished.
type unreadRow struct {
	store.ArticleRow
	why     string
	percent int
}

// unread is a page of the feed without what the member knows.
func (s *Service) unread(ctx context.Context, actor *model.Actor, chain []model.OrgSight, page model.Page) ([]unreadRow, string, error) {
	rows, next, err := s.store.Feed(ctx, store.FeedFilter{Chain: chain}, page)
	if err != nil {
		return nil, "", err
	}
	marks, err := s.marksOf(ctx, actor, rows)
	if err != nil {
		return nil, "", err
	}
	whole, err := s.store.ArticlesByID(ctx, idsOf(rows)) // a feed's rows have neither state nor document number
	if err != nil {
		return nil, "", err
	}
	var list []unreadRow
	for _, r := range rows {
		a, m := whole[r.ID], marks[r.ID]
		if m.Percent >= model.ReadWhole || m.Claimed || !model.CanSeeArticle(actor, &a) {
			continue
		}
		r.Article = a
		u := unreadRow{ArticleRow: r, why: WhyNew, percent: m.Percent}
		if m.Percent > 0 {
			u.why = WhyBegun
		}
		list = append(list, u)
	}
	return list, next, nil
}

func idsOf(rows []store.ArticleRow) []string {
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	return ids
}

func (s *Service) marksOf(ctx context.Context, actor *model.Actor, rows []store.ArticleRow) (map[string]Mark, error) {
	byID := make(map[string]Mark, len(rows))
	if len(rows) == 0 {
		return byID, nil
	}
	marks, err := s.store.ArticleMarks(ctx, actor.MemberID, idsOf(rows))
	for _, m := range marks {
		byID[m.ArticleID] = m
	}
	return byID, err
}

func (s *Service) withCovers(ctx context.Context, list []ForYou) error {
	rows := make([]store.ArticleRow, len(list))
	for i := range list {
		rows[i] = list[i].ArticleRow
	}
	items, err := s.items(ctx, rows)
	for i := range items {
		list[i].Item = items[i]
	}
	return err
}

const (
	relatedMost  = 5
	relatedLooks = 40
	relatedEach  = 200  // articles that are looked at of each pair: everybody may ask for these
	relatedLeast = 0.12 // of the pairs of two titles with their key points
	relatedLife  = 5 * time.Minute
)

// Related are published articles about the same, the nearest first, that the actor may see.
// Errors: not_found.
func (s *Service) Related(ctx context.Context, actor *model.Actor, id string) ([]Item, error) {
	a, err := s.store.Article(ctx, id)
	if err != nil {
		return nil, err
	}
	if !model.CanSeeArticle(actor, a) {
		return nil, notFound()
	}
	near, err := s.kin.get(ctx, s.clock(), id, func(ctx context.Context) ([]string, error) { return s.nearest(ctx, a) })
	if err != nil {
		return nil, err
	}
	byID, err := s.store.ArticlesByID(ctx, near)
	if err != nil {
		return nil, err
	}
	var rows []store.ArticleRow
	for _, other := range near {
		if o, ok := byID[other]; ok && o.State == model.ArticlePublished && model.CanSeeArticle(actor, &o) && len(rows) < relatedMost {
			rows = append(rows, store.ArticleRow{Article: o})
		}
	}
	if err := s.completed(ctx, rows); err != nil {
		return nil, err
	}
	return s.items(ctx, rows)
}

// nearest are the articles that share the most with one, whoever may see them: that is asked anew for each reader.
func (s *Service) nearest(ctx context.Context, a *model.Article) ([]string, error) {
	about := subject(a)
	ids, err := s.store.ArticlesSharing(ctx, model.QueryTerms(about), relatedEach, relatedLooks)
	if err != nil {
		return nil, err
	}
	byID, err := s.store.ArticlesByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	near := map[string]float64{}
	for _, o := range byID {
		if l := likeness(about, subject(&o)); o.ID != a.ID && l >= relatedLeast && (a.DocKey == "" || o.DocKey != a.DocKey) {
			near[o.ID] = l
		}
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return near[id] == 0 })
	slices.SortStableFunc(ids, func(x, y string) int { return cmp.Compare(near[y], near[x]) })
	return ids, nil
}

// subject is what says the most about an article in the fewest words.
func subject(a *model.Article) string { return a.Title + "\n" + strings.Join(a.KeyPoints, "\n") }

// completed adds names and counts to rows.
func (s *Service) completed(ctx context.Context, rows []store.ArticleRow) error {
	orgIDs := make([]string, len(rows))
	for i, r := range rows {
		orgIDs[i] = r.OrgID
	}
	orgs, err := s.store.OrgsByID(ctx, orgIDs)
	if err != nil {
		return err
	}
	counts, err := s.store.ArticleCounts(ctx, idsOf(rows))
	for i := range rows {
		for _, o := range orgs {
			if o.ID == rows[i].OrgID {
				rows[i].OrgName = o.Name
			}
		}
		c := counts[rows[i].ID]
		rows[i].Views, rows[i].Likes, rows[i].Comments = c.Views, c.Likes, c.Comments
	}
	return err
}
