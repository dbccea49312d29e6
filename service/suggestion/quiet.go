package suggestion

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// This file keeps what an anonymous author does, and what they are told, from being laid beside other records by its time. The row and its
// timeline say the day and no more; the audit and the notices to those who handle it follow when the push hours open next; and the author is
// told of news at one of the next few openings, so that a notice does not stand beside its cause.

// indexBatch is how many of an author's indexes are looked up at once.
const indexBatch = 32

// index is the keyed name of a member's n-th anonymous suggestion. Each has one of its own: who reads the database cannot even tell
// that two suggestions are by the same person.
func (s *Service) index(memberID string, n int) string {
	return s.vault.Index(fmt.Sprintf("suggestion:author:%s:%d", memberID, n))
}

// oldIndex is the name that all of a member's anonymous suggestions bore before each had its own.
func (s *Service) oldIndex(memberID string) string {
	return s.vault.Index("suggestion:author:" + memberID)
}

// indexes are the names of a member's anonymous suggestions, and the first that is free.
func (s *Service) indexes(ctx context.Context, from *store.Store, memberID string) (taken []string, free string, err error) {
	taken = []string{s.oldIndex(memberID)}
	for start := 0; ; start += indexBatch {
		batch := make([]string, indexBatch)
		for i := range batch {
			batch[i] = s.index(memberID, start+i)
		}
		known, err := from.KnownAuthorIndexes(ctx, batch)
		if err != nil {
			return nil, "", err
		}
		taken = append(taken, known...)
		for _, name := range batch {
			if !contains(known, name) {
				return taken, name, nil
			}
		}
	}
}

func contains(list []string, one string) bool {
	for _, s := range list {
		if s == one {
			return true
		}
	}
	return false
}

// instant is when a step counts as taken.
func instant(m *model.Suggestion, side model.SuggestionSide, now time.Time) time.Time {
	if side == model.SideAuthor && m.Anonymous {
		return model.QuietAt(now, m.UpdatedAt)
	}
	return now
}

// hush has a step of an anonymous author noted later. Call it before the row is saved: the step will be of its next version.
func (s *Service) hush(m *model.Suggestion, now time.Time) {
	if m.Hushed == 0 {
		m.Hushed = m.Version + 1
	}
	if m.HushUntil == nil {
		at := s.policies.PolicyAt(now).Push.Opening(now, 1)
		m.HushUntil = &at
	}
}

// tellLater has an anonymous author told that there is news, within an hour of one of the next openings of the push hours. What comes before then
// is told with it.
func (s *Service) tellLater(m *model.Suggestion, now time.Time) {
	if m.TellAt == nil {
		at := s.policies.PolicyAt(now).Push.Opening(now, 1+rand.IntN(model.TellOpenings)).Add(time.Duration(5+rand.IntN(55)) * time.Minute)
		m.TellAt = &at
	}
}

// catchUp notes what anonymous authors did and tells them what is new, where its time has come; never both in one turn.
func (s *Service) catchUp(ctx context.Context, now time.Time) error {
	hushed, err := s.store.HushedSuggestions(ctx, now, 500)
	if err != nil {
		return err
	}
	var errs []error
	for _, m := range hushed {
		errs = append(errs, ignoreRace(s.noteHushed(ctx, m.ID, now)))
	}
	if len(hushed) == 0 {
		errs = append(errs, s.tellAuthors(ctx, now))
	}
	return errors.Join(errs...)
}

// ignoreRace leaves to the next turn what somebody has just changed.
func ignoreRace(err error) error {
	if model.CodeOf(err) == model.CodeConflict {
		return nil
	}
	return err
}

// noteHushed writes what an anonymous author did into the audit, and rings for those who handle it if they still have to act.
func (s *Service) noteHushed(ctx context.Context, id string, now time.Time) error {
	return s.store.Tx(ctx, func(tx *store.Store) error {
		m, err := tx.Suggestion(ctx, id)
		if err != nil || m.HushUntil == nil || m.HushUntil.After(now) {
			return err
		}
		steps, err := tx.SuggestionSteps(ctx, id)
		if err != nil {
			return err
		}
		var last model.SuggestionAction
		for _, st := range steps {
			if st.Seq < m.Hushed || st.ByID != "" || st.ByRole != "" {
				continue
			}
			last = st.Action
			if err := s.note(ctx, tx, nil, m, st.Action, model.SideAuthor, now); err != nil {
				return err
			}
		}
		m.Hushed, m.HushUntil = 0, nil
		if err := tx.SaveSuggestion(ctx, m, m.State, nil); err != nil || m.State != model.SuggestionSubmitted || m.Follows() {
			return err
		}
		switch last {
		case model.SuggestionSubmit:
			return s.tellDesk(ctx, tx, m, bellNew, now)
		case model.SuggestionReopen:
			return s.tellDesk(ctx, tx, m, bellReopened, now)
		}
		return nil
	})
}

// tellAuthors tells each anonymous author with news, once however many of their suggestions have any, in an order that tells nothing.
func (s *Service) tellAuthors(ctx context.Context, now time.Time) error {
	rows, err := s.store.SuggestionsToTell(ctx, now, 500)
	if err != nil {
		return err
	}
	by, errs := map[string][]string{}, []error{}
	for _, m := range rows {
		author, err := s.author(&m)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		by[author] = append(by[author], m.ID)
	}
	for author, ids := range by { // a map's order is another one each time
		errs = append(errs, ignoreRace(s.tellOne(ctx, author, ids, now)))
	}
	return errors.Join(errs...)
}

// tellOne writes to one author that there is news. The notice says neither which suggestion nor what happened to it: the outbox keeps the
// recipient, and whoever reads it must not find the two together.
func (s *Service) tellOne(ctx context.Context, author string, ids []string, now time.Time) error {
	return s.store.Tx(ctx, func(tx *store.Store) error {
		told := false
		for _, id := range ids {
			m, err := tx.Suggestion(ctx, id)
			if err != nil {
				return err
			}
			if m.TellAt == nil || m.TellAt.After(now) { // another replica was first
				continue
			}
			m.TellAt, told = nil, true
			if err := tx.SaveSuggestion(ctx, m, m.State, nil); err != nil {
				return err
			}
		}
		if !told {
			return nil
		}
		return s.outbox.Push(ctx, tx, &model.Push{
			Kind: model.PushSuggestion, Audience: model.Audience{MemberIDs: []string{author}}, Hours: model.HoursOrdinary, Private: true,
			Subject: quietSubject, SendAt: now, Title: "意见建议有新进展", Body: "您提交的意见建议有新进展，请在“我的建议”中查看。", Page: minePage,
			Fields: fields("您提交的意见建议", "有新进展", "请在“我的建议”中查看", now),
		})
	})
}
