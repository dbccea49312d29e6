package content

import (
	"context"
	"strings"
	"unicode"

	"zhibu/model"
	"zhibu/model/store"
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

// indexForm names how an article is made findable. Whoever changes what its terms or prints are made of names another here: every installation then
// writes its index anew in the background, see KeepIndex.
const indexForm = "2"

// indexSetting holds the form of the index; while it is written anew, with the last article that has the new form after a stroke.
const indexSetting = "search_index"

// indexAtOnce is how many articles one turn of KeepIndex writes: each holds up other writers for a moment, and there is no hurry.
const indexAtOnce = 10

// KeepIndex brings an index that another version of the program wrote to this one's form, some articles each time it is called, and goes on where it
// was when the program stopped. Several replicas may call it at once. Once all is done it does nothing.
func (s *Service) KeepIndex(ctx context.Context) error {
	if s.indexed.Load() {
		return nil
	}
	at, err := s.store.Setting(ctx, indexSetting)
	if err != nil {
		return err
	}
	form, last, underWay := strings.Cut(at, "/")
	if form == indexForm && !underWay {
		s.indexed.Store(true)
		return nil
	}
	if form != indexForm {
		at, last = indexForm+"/", ""
		if err := s.store.PutSetting(ctx, indexSetting, at, s.now()); err != nil {
			return err
		}
	}
	list, err := s.store.ArticlesAfter(ctx, last, indexAtOnce)
	if err != nil {
		return err
	}
	for _, a := range list {
		mine := false
		next := indexForm + "/" + a.ID
		err := s.store.Tx(ctx, func(tx *store.Store) (err error) {
			if mine, err = tx.SwapSetting(ctx, indexSetting, at, next, s.now()); err != nil || !mine {
				return err // another replica is at it
			}
			_, err = reindex(ctx, tx, a.ID)
			return err
		})
		if err != nil || !mine {
			return err
		}
		at = next
	}
	if len(list) == 0 {
		return s.indexDone(ctx)
	}
	return nil
}

// indexDone notes that the whole index has this program's form.
func (s *Service) indexDone(ctx context.Context) error {
	if err := s.store.PruneSearch(ctx); err != nil {
		return err
	}
	return s.store.PutSetting(ctx, indexSetting, indexForm, s.now())
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
			return n, s.indexDone(ctx)
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
