package push

import (
	"cmp"
	"context"
	"slices"

	"zhibu/model"
	"zhibu/model/store"
)

// maxPrompt is how many templates one dialog asks for, and enough is how many grants are plenty for the weeks to come.
const (
	maxPrompt = 3
	enough    = 5
)

// promptOrder is how much a missing bell hurts: a meeting missed first.
var promptOrder = []model.PushKind{model.PushMeeting, model.PushSuggestion, model.PushAnnouncement, model.PushStudy}

// Book is what a user has left of one template.
type Book struct {
	TemplateID string
	Kind       model.QuotaKind
	Remaining  int
}

// Books are the actor's subscriptions, one for each template that is in use. Errors: conflict for a session without a WeChat user.
func (s *Service) Books(ctx context.Context, actor *model.Actor) ([]Book, error) {
	openID, err := s.openID(ctx, actor)
	if err != nil {
		return nil, err
	}
	return s.books(ctx, openID)
}

func (s *Service) books(ctx context.Context, openID string) ([]Book, error) {
	have, err := s.store.Quotas(ctx, openID)
	if err != nil {
		return nil, err
	}
	out, seen := []Book{}, map[string]bool{}
	for _, k := range promptOrder {
		t := s.template(model.ChannelSubscribe, k)
		if t == nil || seen[t.ID] { // several kinds may share a template
			continue
		}
		seen[t.ID] = true
		kind, _ := s.kindOf(t.ID)
		out = append(out, Book{TemplateID: t.ID, Kind: kind, Remaining: have[t.ID].Available})
	}
	return out, nil
}

// Report books what the client says about a dialog: one message for each accept. The answer is that of Books.
// Errors: validation_failed naming every template that is not ours and every answer that does not exist, conflict without a WeChat user.
func (s *Service) Report(ctx context.Context, actor *model.Actor, answers map[string]model.TapAnswer) ([]Book, error) {
	var faults model.Invalid
	ids := make([]string, 0, len(answers))
	for id, answer := range answers {
		if _, ours := s.kindOf(id); !ours {
			faults.Add("results."+model.CutRunes(id, 64), "unknown_template", "没有这个订阅模板。")
		} else if !answer.Valid() {
			faults.Add("results."+id, "not_allowed", "只能是 accept、reject、ban 或 filter。")
		}
		ids = append(ids, id)
	}
	if len(answers) == 0 {
		faults.Add("results", "required", "请提供订阅结果。")
	}
	if err := faults.Err(); err != nil {
		return nil, err
	}
	openID, err := s.openID(ctx, actor)
	if err != nil {
		return nil, err
	}
	slices.Sort(ids) // books are locked in one order
	now := s.now()
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		for _, id := range ids {
			if answers[id] == model.TapBan {
				s.log.WarnContext(ctx, "client reports a banned template", "template", id)
			}
			if err := s.tap(ctx, tx, openID, id, answers[id] == model.TapAccept, true, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.books(ctx, openID)
}

// Prompts are the templates to ask for at this tap, at most three: in a scene named like a kind that kind's first, then those the
// user is shortest of. Nothing on a day on which the user was asked already. One-time and long-term templates never mix, as WeChat wants it.
func (s *Service) Prompts(ctx context.Context, actor *model.Actor, scene string) ([]string, error) {
	openID, err := s.openID(ctx, actor)
	if err != nil {
		return nil, err
	}
	asked, err := s.store.AskedSince(ctx, openID, model.DateOf(s.now()).Start().UTC())
	if err != nil || asked {
		return []string{}, err
	}
	books, err := s.books(ctx, openID)
	if err != nil {
		return nil, err
	}
	books = slices.DeleteFunc(books, func(b Book) bool {
		return s.gates.isShut(model.GateTemplate+b.TemplateID) || b.Remaining >= enough || (b.Kind == model.QuotaLongTerm && b.Remaining > 0)
	})
	first := ""
	if t := s.template(model.ChannelSubscribe, model.PushKind(scene)); t != nil {
		first = t.ID
	}
	rank := func(b Book) int {
		if b.TemplateID == first {
			return -1
		}
		return b.Remaining
	}
	slices.SortStableFunc(books, func(a, b Book) int { return cmp.Compare(rank(a), rank(b)) })
	ids := []string{}
	for _, b := range books {
		if b.Kind == books[0].Kind && len(ids) < maxPrompt {
			ids = append(ids, b.TemplateID)
		}
	}
	return ids, nil
}

// openID is the WeChat user behind the actor, also when the session is the console's.
func (s *Service) openID(ctx context.Context, actor *model.Actor) (string, error) {
	if actor.OpenID != "" {
		return actor.OpenID, nil
	}
	none := model.Conflict("当前登录没有关联微信，请在小程序中订阅消息。")
	if !actor.Bound() {
		return "", none
	}
	i, err := s.store.IdentityOf(ctx, actor.MemberID)
	if model.IsNotFound(err) {
		return "", none
	}
	if err != nil {
		return "", err
	}
	return i.OpenID, nil
}
