package suggestion

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Merge has a suggestion handled together with another that asks the same. Its author follows what becomes of that one in a timeline of their
// own: the two authors learn nothing of each other, and the answer reaches both. Who finds that it is not the same may reopen it at any time.
// Errors: not_found for either, forbidden, conflict when one of them no longer waits, validation_failed.
func (s *Service) Merge(ctx context.Context, actor *model.Actor, id, into string) (*Detail, error) {
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	now := s.clock()
	var m *model.Suggestion
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		if m, err = s.visible(ctx, tx, actor, id); err != nil {
			return err
		}
		lead, err := s.visible(ctx, tx, actor, into)
		if err != nil {
			return err
		}
		if err := m.CheckMerge(actor, lead); err != nil {
			return err
		}
		lead.TakeOver(cal, m)
		lead.UpdatedAt = now
		step := s.merged(actor, lead, "有一条相近的意见建议并入，一并办理。", now)
		if err := tx.SaveSuggestion(ctx, lead, lead.State, step); err != nil {
			return err
		}
		before, err := tx.SuggestionsMergedInto(ctx, m.ID)
		if err != nil {
			return err
		}
		for i := range before {
			if before[i].Follows() {
				if err := s.joins(ctx, tx, actor, &before[i], lead, now); err != nil {
					return err
				}
			}
		}
		if err := s.joins(ctx, tx, actor, m, lead, now); err != nil {
			return err
		}
		detail := map[string]string{"state": string(m.State), "into": lead.ID}
		if err := tx.Audit(ctx, now, actor, "suggestion.merge", "suggestion:"+m.ID, m.OrgID, detail); err != nil {
			return err
		}
		return s.outbox.Drop(ctx, tx, DeskSubject(m.ID), "意见建议已合并办理")
	})
	if err != nil {
		return nil, err
	}
	return s.detail(ctx, actor, m, cal, now)
}

// joins lets one follow the other from now on.
func (s *Service) joins(ctx context.Context, tx *store.Store, actor *model.Actor, m, lead *model.Suggestion, now time.Time) error {
	first := m.MergedInto == ""
	from := m.State
	m.MergedInto = lead.ID
	m.Follow(lead)
	if !first {
		return tx.SaveSuggestion(ctx, m, from, nil)
	}
	s.later(m, model.SuggestionMerge, model.SideHandler, now)
	if err := tx.SaveSuggestion(ctx, m, from, s.merged(actor, m, "与一条相近的意见建议合并办理，答复时一并告知。", now)); err != nil {
		return err
	}
	return s.tellAuthor(ctx, tx, m, model.SuggestionMerge, "", now)
}

func (s *Service) merged(actor *model.Actor, m *model.Suggestion, note string, now time.Time) *model.SuggestionStep {
	return &model.SuggestionStep{Action: model.SuggestionMerge, ByID: actor.MemberID, ByRole: roleLabel(actor.Highest(m.OrgPath)), OrgID: m.OrgID, Note: note, At: now}
}

// lead lets those that follow a suggestion take the same step, which an author has not taken: what one author says is not for the others.
func (s *Service) lead(ctx context.Context, tx *store.Store, m *model.Suggestion, step *model.SuggestionStep, side model.SuggestionSide, now time.Time) error {
	if side == model.SideAuthor {
		return nil
	}
	rows, err := tx.SuggestionsMergedInto(ctx, m.ID)
	if err != nil {
		return err
	}
	for i := range rows {
		f := &rows[i]
		if !f.Follows() {
			continue
		}
		from, same := f.State, *step
		f.Follow(m)
		s.later(f, step.Action, side, now)
		if err := tx.SaveSuggestion(ctx, f, from, &same); err != nil {
			return err
		}
		if err := s.tellAuthor(ctx, tx, f, step.Action, step.Note, now); err != nil {
			return err
		}
	}
	return nil
}

// Alike is one that may ask the same, with why it is thought so.
type Alike struct {
	Item
	Likeness float64
	Why      string
}

// mostAlike is how many are shown.
const mostAlike = 5

// Similar finds, for those who handle a suggestion, what else waits with them and may ask the same. Errors: not_found, forbidden.
func (s *Service) Similar(ctx context.Context, actor *model.Actor, id string) ([]Alike, error) {
	m, err := s.visible(ctx, s.store, actor, id)
	if err != nil {
		return nil, err
	}
	if !actor.Has(model.RoleSecretary, m.OrgPath) {
		return nil, model.Forbidden("相近的意见建议供承办组织的书记合并时参考。")
	}
	rows, err := s.store.SuggestionsAwaiting(ctx, handledBy(actor), 500)
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(o model.Suggestion) bool { return o.ID == m.ID })
	return s.alike(ctx, actor, m.Title, m.Content, rows)
}

// handledBy are the paths of the organisations whose suggestions the actor handles.
func handledBy(actor *model.Actor) []string {
	var paths []string
	for _, p := range actor.Powers {
		if p.Role.Rank() >= model.RoleSecretary.Rank() {
			paths = append(paths, p.Path)
		}
	}
	return paths
}

// alike are those of the rows that are like a text, the likest first.
func (s *Service) alike(ctx context.Context, actor *model.Actor, title, content string, rows []model.Suggestion) ([]Alike, error) {
	likeness := map[string]float64{}
	rows = slices.DeleteFunc(rows, func(o model.Suggestion) bool {
		likeness[o.ID] = o.LikenessTo(title, content)
		return likeness[o.ID] < model.SuggestionAlike
	})
	slices.SortStableFunc(rows, func(a, b model.Suggestion) int { return cmp.Compare(likeness[b.ID], likeness[a.ID]) })
	rows = rows[:min(len(rows), mostAlike)]
	w, err := s.readWorld(ctx, rows, nil)
	if err != nil {
		return nil, err
	}
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	out, now := make([]Alike, len(rows)), s.clock()
	for i := range rows {
		l := likeness[rows[i].ID]
		out[i] = Alike{Item: s.item(actor, &rows[i], w, cal, now), Likeness: l, Why: fmt.Sprintf("文字相近 %d%%", int(l*100+0.5))}
	}
	return out, nil
}

// Hint is what an author is told while writing.
type Hint struct {
	Own       []Alike     // the author's own that are alike
	Published []Published // answers to the like that everybody may read
	Few       bool        // so few could have written it that an anonymous author might be guessed
}

// Hints looks, while a member writes, at what is already there: published, or the member's own. What others wrote is not told of.
// Errors: not_bound, not_found, forbidden as with Submit.
func (s *Service) Hints(ctx context.Context, actor *model.Actor, d Draft) (*Hint, error) {
	org, err := s.mayReceive(ctx, s.store, actor, d.ToOrgID)
	if err != nil {
		return nil, err
	}
	h := &Hint{}
	n, err := s.store.CountAudience(ctx, model.Audience{OrgID: org.ID})
	if err != nil {
		return nil, err
	}
	h.Few = n < s.policies.PolicyAt(s.clock()).Crowd()
	own, _, err := s.indexes(ctx, s.store, actor.MemberID)
	if err != nil {
		return nil, err
	}
	mine, _, err := s.store.Suggestions(ctx, store.SuggestionFilter{AuthorID: actor.MemberID, AuthorIndex: own}, model.Page{Limit: 100})
	if err != nil {
		return nil, err
	}
	if h.Own, err = s.alike(ctx, actor, d.Title, d.Content, mine); err != nil {
		return nil, err
	}
	shown, _, err := s.Published(ctx, actor, "", model.Page{Limit: 100})
	for _, p := range shown {
		if max(likeness(p.Title, d.Title), likeness(p.Title+"\n"+p.Question, d.Title+"\n"+d.Content)) >= model.SuggestionAlike {
			h.Published = append(h.Published, p)
		}
	}
	h.Published = h.Published[:min(len(h.Published), mostAlike)]
	return h, err
}

func likeness(a, b string) float64 { return model.Likeness(model.Pairs(a), model.Pairs(b)) }
