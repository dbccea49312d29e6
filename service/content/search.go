package content

import (
	"cmp"
	"context"
	"html"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

const (
	maxTerms   = 8  // of a sentence that many pairs are looked up; the rest is verified on the text
	maxLooks   = 10 // how many batches one page of results may read
	snippetLen = 80
	snippetRun = 16 // characters before the first hit
)

// terms are what an article is found by. A sentence is also found by one who leaves its punctuation out.
func terms(a *model.Article, plain string) []string {
	all := strings.Join([]string{a.Title, a.DocNo, a.Digest, strings.Join(a.KeyPoints, "\n"), plain}, "\n")
	return model.Bigrams(all + "\n" + seams(all))
}

// seams are the pairs of Chinese characters that only punctuation parts, with a blank between one pair and the next.
func seams(s string) string {
	var b strings.Builder
	var before rune // the last letter, if it is Chinese
	parted := false
	for _, r := range s {
		switch {
		case r == '\n':
			before, parted = 0, false
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			chinese := unicode.Is(unicode.Han, r)
			if chinese && parted && before != 0 {
				b.WriteRune(before)
				b.WriteRune(r)
				b.WriteByte(' ')
			}
			before, parted = 0, false
			if chinese {
				before = r
			}
		default:
			parted = true
		}
	}
	return b.String()
}

// index puts an article into the search, in the transaction that publishes or edits it.
func index(ctx context.Context, tx *store.Store, a *model.Article) error {
	body, err := tx.ArticleBody(ctx, a.ID)
	if err != nil {
		return err
	}
	return tx.IndexArticle(ctx, a.ID, terms(a, body.Plain))
}

// RebuildSearch writes the whole index anew, article by article, while the program runs, and with it what likeness is found by. It tells how many
// published articles it found.
func (s *Service) RebuildSearch(ctx context.Context) (int, error) {
	n, last := 0, ""
	for {
		list, err := s.store.ArticlesAfter(ctx, last, 100)
		if err != nil {
			return n, err
		}
		if len(list) == 0 {
			return n, s.store.PruneSearch(ctx)
		}
		for _, a := range list {
			last = a.ID
			published := false
			err := s.store.Tx(ctx, func(tx *store.Store) (err error) {
				published, err = reindex(ctx, tx, a.ID)
				return err
			})
			if err != nil {
				return n, err
			}
			if published {
				n++
			}
		}
	}
}

// reindex writes everything that one article is found by.
func reindex(ctx context.Context, tx *store.Store, id string) (published bool, err error) {
	a, err := tx.Article(ctx, id)
	if err != nil {
		return false, ignoreMissing(err)
	}
	body, err := tx.ArticleBody(ctx, id)
	if err != nil {
		return false, err
	}
	if err := tx.SetArticlePrints(ctx, id, model.Prints(body.Plain)); err != nil {
		return false, err
	}
	if a.State != model.ArticlePublished {
		return false, nil
	}
	return true, tx.IndexArticle(ctx, id, terms(a, body.Plain))
}

func ignoreMissing(err error) error {
	if model.IsNotFound(err) {
		return nil
	}
	return err
}

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
	look := queryTerms(query)
	if len(words) == 0 || len(look) == 0 {
		return []Hit{}, "", nil
	}
	sight := model.SightOf(actor)
	var found []store.SearchRow
	for range maxLooks {
		batch := p.Size() + 1
		rows, err := s.store.SearchArticles(ctx, look, sight, c, before, batch)
		if err != nil {
			return nil, "", err
		}
		for _, r := range rows {
			before = r.ID
			if model.CanSeeArticle(actor, &r.Article) && holds(&r, words) {
				found = append(found, r)
			}
		}
		if len(rows) < batch {
			before = ""
			break
		}
		if len(found) > p.Size() {
			break
		}
	}
	next := ""
	switch {
	case len(found) > p.Size():
		found = found[:p.Size()]
		next = model.Cursor("search", found[p.Size()-1].ID)
	case before != "": // not all was looked at
		next = model.Cursor("search", before)
	}
	hits, err := s.hits(ctx, found, words)
	return hits, next, err
}

func (s *Service) hits(ctx context.Context, found []store.SearchRow, words [][]rune) ([]Hit, error) {
	rows := make([]store.ArticleRow, len(found))
	for i, r := range found {
		rows[i] = r.ArticleRow
	}
	list, err := s.items(ctx, rows)
	if err != nil {
		return nil, err
	}
	hits := make([]Hit, len(found))
	for i, r := range found {
		hits[i] = Hit{Item: list[i], Highlight: highlight(fieldsOf(&r), words)}
	}
	return hits, nil
}

// queryTerms are the terms to look up: the longest first, because they are the rarest, and of a sentence a few from everywhere.
func queryTerms(query string) []string {
	all := model.QueryTerms(query)
	if len(all) > maxTerms {
		some := make([]string, maxTerms)
		for i := range some {
			some[i] = all[i*len(all)/maxTerms]
		}
		all = some
	}
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(utf8.RuneCountInString(b), utf8.RuneCountInString(a)) })
	return all
}

// queryWords are the parts between blanks that a text must hold, folded, without punctuation.
func queryWords(query string) [][]rune {
	var words [][]rune
	for _, part := range strings.Fields(model.FoldText(model.CleanText(query))) {
		if w := fold(part); len(w.runes) > 0 {
			words = append(words, w.runes)
		}
	}
	return words
}

// folded is a text as it is compared: letters and digits only, each with its place in the original.
type folded struct {
	runes []rune
	at    []int
}

func fold(s string) folded {
	var f folded
	for i, r := range []rune(model.FoldText(s)) {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.M, r) {
			f.runes = append(f.runes, r)
			f.at = append(f.at, i)
		}
	}
	return f
}

// find is where word begins at or after from, or -1. A word of Latin letters is found whole.
func (f folded) find(word []rune, from int) int {
	for i := from; i+len(word) <= len(f.runes); i++ {
		if slices.Equal(f.runes[i:i+len(word)], word) {
			return i
		}
	}
	return -1
}

// fieldsOf are the texts in which a hit may stand, the text itself first, because it shows most.
func fieldsOf(r *store.SearchRow) []string {
	return []string{r.Plain, r.Digest, strings.Join(r.KeyPoints, " "), r.Title, r.DocNo}
}

// holds verifies that every word stands somewhere in the article.
func holds(r *store.SearchRow, words [][]rune) bool {
	fields := fieldsOf(r)
	texts := make([]folded, len(fields))
	for i, f := range fields {
		texts[i] = fold(f)
	}
	for _, w := range words {
		if !slices.ContainsFunc(texts, func(f folded) bool { return f.find(w, 0) >= 0 }) {
			return false
		}
	}
	return true
}

// highlight is a piece of the first field that holds a word, with every word in it marked.
func highlight(fields []string, words [][]rune) string {
	for _, field := range fields {
		line := []rune(strings.ReplaceAll(field, "\n", " "))
		f := fold(string(line))
		first := -1
		for _, w := range words {
			if i := f.find(w, 0); i >= 0 && (first < 0 || f.at[i] < first) {
				first = f.at[i]
			}
		}
		if first < 0 {
			continue
		}
		from := max(0, first-snippetRun)
		to := min(len(line), from+snippetLen)
		marked := make([]bool, len(line))
		for _, w := range words {
			for i := f.find(w, 0); i >= 0 && f.at[i] < to; i = f.find(w, i+1) {
				for k := f.at[i]; k <= f.at[i+len(w)-1]; k++ {
					marked[k] = true
				}
			}
		}
		return emphasise(line, marked, from, to)
	}
	return ""
}

func emphasise(line []rune, marked []bool, from, to int) string {
	var b strings.Builder
	if from > 0 {
		b.WriteString("…")
	}
	for i := from; i < to; {
		j := i
		for j < to && marked[j] == marked[i] {
			j++
		}
		part := html.EscapeString(string(line[i:j]))
		if marked[i] {
			part = "<em>" + part + "</em>"
		}
		b.WriteString(part)
		i = j
	}
	if to < len(line) {
		b.WriteString("…")
	}
	return b.String()
}
