package content

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/maypok86/otter/v2"

	"zhibu/model"
	"zhibu/model/store"
)

const (
	maxTerms  = 16 // of a sentence the commonness of that many pairs is asked
	maxJoined = 6  // and the rarest of them are looked up; the rest is verified on the text
)

// reach bounds what one search may look at.
type reach struct {
	stretch int // how many of a common term's articles one look goes through
	looks   int // how many looks one page of results may take
	few     int // who may see no more than that is looked up by what they may see
}

func usualReach() reach { return reach{stretch: 1000, looks: 15, few: 1500} }

// Hit is an article that was found, with the place where.
type Hit struct {
	Item
	Highlight string // HTML: escaped, but for <em> around what was sought
}

// Search finds published articles that the actor may see and that hold every word of the query, the newest first. Case, width and punctuation do
// not matter; one character is enough.
// Errors: validation_failed.
func (s *Service) Search(ctx context.Context, actor *model.Actor, query string, c model.Category, p model.Page) ([]Hit, string, error) {
	if c != "" && !c.Valid() {
		return nil, "", model.BadField("category", "not_allowed", "没有这个栏目。")
	}
	var before string
	if _, err := model.ReadCursor(p.Cursor, "search", &before); err != nil {
		return nil, "", err
	}
	words := queryWords(query)
	terms := queryTerms(query)
	if len(words) == 0 || len(terms) == 0 {
		return []Hit{}, "", nil
	}
	terms, end, err := s.rarest(ctx, terms)
	if err != nil {
		return nil, "", err
	}
	q := &quest{s: s, actor: actor, words: words, most: p.Size(), look: store.SearchLook{Terms: terms, Sight: model.SightOf(actor), Category: c, Before: before}}
	q.common = end != ""
	if end < before || before == "" {
		q.look.From = end
	}
	if err := q.run(ctx); err != nil {
		return nil, "", err
	}
	next := ""
	switch {
	case len(q.found) > p.Size():
		q.found = q.found[:p.Size()]
		next = model.Cursor("search", q.found[p.Size()-1].ID)
	case !q.over: // not all was looked at
		next = model.Cursor("search", q.look.Before)
	}
	return q.found, next, s.dress(ctx, q.found)
}

// dress adds the addresses of covers.
func (s *Service) dress(ctx context.Context, hits []Hit) error {
	rows := make([]store.ArticleRow, len(hits))
	for i := range hits {
		rows[i] = hits[i].ArticleRow
	}
	list, err := s.items(ctx, rows)
	for i := range list {
		hits[i].Item = list[i]
	}
	return err
}

// quest is one search under way.
type quest struct {
	s      *Service
	actor  *model.Actor
	words  [][]rune
	look   store.SearchLook
	common bool // the term that drives has more articles than one stretch
	most   int
	found  []Hit
	over   bool // everything was looked at
}

// growth is how many times more a look reads when the one before read its fill and found too little: what many terms share but no text holds is gone
// through in a few statements.
const growth = 5

// run looks until there is one hit more than a page holds, or nothing is left. A common term's articles are gone through by stretches, lest one
// statement walk through all of them for one who may see few.
func (q *quest) run(ctx context.Context) error {
	size := q.most + 1
	for looks, left := 0, q.s.reach.looks*size; looks < q.s.reach.looks && left > 0; looks++ {
		size = min(size, left)
		rows, err := q.s.store.SearchArticles(ctx, q.look, size)
		if err != nil {
			return err
		}
		if err := q.take(ctx, rows); err != nil {
			return err
		}
		left -= len(rows)
		switch {
		case len(q.found) > q.most:
			return nil
		case len(rows) == size:
			q.look.Before = rows[size-1].ID
			size *= growth
		case q.look.From == "":
			q.over = true
			return nil
		default:
			if err := q.further(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// further goes on to the next stretch. Once the first gave too little, it is asked whether the actor sees so few articles that these are the quicker way.
func (q *quest) further(ctx context.Context) error {
	q.look.Before, q.look.From = q.look.From, ""
	if q.common {
		few, err := q.s.store.SeesFew(ctx, q.look.Sight, q.s.reach.few)
		if err != nil {
			return err
		}
		q.common = false // it is asked once
		if q.look.Few = few; few {
			return nil
		}
	}
	end, err := q.s.store.TermStep(ctx, q.look.Terms[0], q.look.Before, q.s.reach.stretch)
	q.look.From = end
	return err
}

// take keeps of what a look gave what holds the words; the index only says that it may.
func (q *quest) take(ctx context.Context, rows []store.SearchRow) error {
	texts, err := q.s.texts.of(ctx, q.s.store, rows)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if len(q.found) > q.most {
			return nil
		}
		if !model.CanSeeArticle(q.actor, &r.Article) {
			continue
		}
		if at, ok := locate(fieldsOf(&r, texts[r.ID]), q.words); ok {
			q.found = append(q.found, Hit{Item: Item{ArticleRow: r.ArticleRow}, Highlight: at.marked(q.words)})
		}
	}
	return nil
}

// rarest are the terms to look up, the rarest first. Where even that one is common, end is where its first stretch ends.
func (s *Service) rarest(ctx context.Context, terms []string) (_ []string, end string, err error) {
	uses, err := s.uses.of(ctx, s.store, s.clock(), terms, s.reach.stretch)
	if err != nil {
		return nil, "", err
	}
	terms = slices.Clone(terms)
	// Of terms that are common alike, the rarer is the one whose stretch goes further back.
	slices.SortStableFunc(terms, func(a, b string) int {
		return cmp.Or(cmp.Compare(uses[a].N, uses[b].N), cmp.Compare(uses[a].Last, uses[b].Last))
	})
	terms = terms[:min(len(terms), maxJoined)]
	if first := uses[terms[0]]; first.N >= s.reach.stretch {
		end = first.Last
	}
	return terms, end, nil
}

// termUses remembers how common terms are. It only decides the order in which terms are looked up and where one look ends, so it may be old.
type termUses struct {
	kept *otter.Cache[string, store.TermUse]
}

const (
	usesKept = 5000
	usesLife = 10 * time.Minute
)

func newTermUses() termUses {
	return termUses{otter.Must(&otter.Options[string, store.TermUse]{MaximumSize: usesKept})}
}

func (u termUses) of(ctx context.Context, db *store.Store, now time.Time, terms []string, most int) (map[string]store.TermUse, error) {
	age := strconv.FormatInt(now.Unix()/int64(usesLife/time.Second), 36) + " "
	uses := make(map[string]store.TermUse, len(terms))
	var asked []string
	for _, t := range terms {
		if use, ok := u.kept.GetIfPresent(age + t); ok {
			uses[t] = use
		} else {
			asked = append(asked, t)
		}
	}
	found, err := db.TermUses(ctx, asked, most)
	for t, use := range found {
		uses[t] = use
		u.kept.Set(age+t, use)
	}
	return uses, err
}

// texts keeps the texts that searches lately found, since the newest articles stand on the first page of most.
type texts struct {
	kept *otter.Cache[string, string]
}

// textsWeight is how much they may hold, in bytes.
const textsWeight = 8 << 20

func newTexts() texts {
	return texts{otter.Must(&otter.Options[string, string]{MaximumWeight: textsWeight, Weigher: func(key, text string) uint32 { return uint32(len(key) + len(text)) }})}
}

// of are the texts of rows by id. A text belongs to the version of its row: what an edit leaves behind is never asked for again.
func (t texts) of(ctx context.Context, db *store.Store, rows []store.SearchRow) (map[string]string, error) {
	byID := make(map[string]string, len(rows))
	var asked []string
	for _, r := range rows {
		if text, ok := t.kept.GetIfPresent(textKey(&r)); ok {
			byID[r.ID] = text
		} else {
			asked = append(asked, r.ID)
		}
	}
	if len(asked) == 0 {
		return byID, nil
	}
	read, err := db.PlainTexts(ctx, asked)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if text, ok := read[r.ID]; ok {
			byID[r.ID] = text
			t.kept.Set(textKey(&r), text)
		}
	}
	return byID, nil
}

func textKey(r *store.SearchRow) string { return r.ID + " " + strconv.Itoa(r.Version) }

// fieldsOf are the texts in which a hit may stand, the text itself first, because it shows most.
func fieldsOf(r *store.SearchRow, plain string) []string {
	return []string{plain, r.Digest, strings.Join(r.KeyPoints, " "), r.Title, r.DocNo}
}
