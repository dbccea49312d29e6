package push

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"

	"zhibu/model"
	"zhibu/model/store"
)

// maxPrompt is how many templates one dialog asks for.
const maxPrompt = 3

// promptOrder is the kinds by how much a missing bell hurts: a meeting missed first.
var promptOrder = []model.PushKind{model.PushMeeting, model.PushSuggestion, model.PushAnnouncement, model.PushStudy}

// Book is what a user has left of one template, and how much of it the next thirty days need.
type Book struct {
	TemplateID string
	Kind       model.QuotaKind
	Remaining  int
	Needed     int // of a long-term template 1 stands for any number
	hurt       int // of the kinds that it serves, the one whose missing bell hurts most
}

// short is how many grants are missing.
func (b Book) short() int { return max(b.Needed-b.Remaining, 0) }

// Books are the actor's subscriptions, one for each template that is in use. Errors: conflict for a session without a WeChat user.
func (s *Service) Books(ctx context.Context, actor *model.Actor) ([]Book, error) {
	openID, err := s.openID(ctx, actor)
	if err != nil {
		return nil, err
	}
	return s.books(ctx, openID, actor.MemberID)
}

func (s *Service) books(ctx context.Context, openID, memberID string) ([]Book, error) {
	have, err := s.store.Quotas(ctx, openID)
	if err != nil {
		return nil, err
	}
	needs, err := s.needs(ctx, memberID, s.now())
	if err != nil {
		return nil, err
	}
	out, place := []Book{}, map[string]int{}
	for _, k := range promptOrder {
		t := s.template(model.ChannelSubscribe, k)
		if t == nil {
			continue
		}
		i, seen := place[t.ID] // several kinds may share a template
		if !seen {
			kind, _ := s.kindOf(t.ID)
			i, place[t.ID] = len(out), len(out)
			out = append(out, Book{TemplateID: t.ID, Kind: kind, Remaining: have[t.ID].Available, hurt: hurts[k]})
		}
		out[i].Needed += needs[k]
		if out[i].Kind == model.QuotaLongTerm {
			out[i].Needed = min(out[i].Needed, 1)
		}
	}
	return out, nil
}

// CheckReport names what Report would find wrong with the client's answers. Errors: validation_failed.
func (s *Service) CheckReport(answers map[string]model.TapAnswer) error {
	var faults model.Invalid
	for _, id := range slices.Sorted(maps.Keys(answers)) {
		if _, ours := s.kindOf(id); !ours {
			faults.Add("results."+model.CutRunes(model.SingleLine(id), 64), "unknown_template", "没有这个订阅模板。")
		} else if !answers[id].Valid() {
			faults.Add("results."+id, "not_allowed", "只能是 accept、reject、ban 或 filter。")
		}
	}
	if len(answers) == 0 {
		faults.Add("results", "required", "请提供订阅结果。")
	}
	return faults.Err()
}

// Report books what the client says about a dialog: one message for each accept. The answer is that of Books.
// Errors: validation_failed naming every template that is not ours and every answer that does not exist, conflict without a WeChat user.
func (s *Service) Report(ctx context.Context, actor *model.Actor, answers map[string]model.TapAnswer) ([]Book, error) {
	if err := s.CheckReport(answers); err != nil {
		return nil, err
	}
	openID, err := s.openID(ctx, actor)
	if err != nil {
		return nil, err
	}
	ids := slices.Sorted(maps.Keys(answers)) // books are locked in one order
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
	return s.books(ctx, openID, actor.MemberID)
}

// Prompts are the templates to ask for at this tap, at most three: those of which the user has fewer grants that no message has reserved than
// the next thirty days need (needs says what counts). In a scene named like a kind that kind's comes first, then what hurts most: a missing
// bell of the kind, as many times as it is missing. Nothing within the days of the profile after the user was asked, and never a template that is out
// of service. One-time and long-term templates never mix, as WeChat wants it: the first decides.
// Errors: conflict for a session without a WeChat user.
func (s *Service) Prompts(ctx context.Context, actor *model.Actor, scene string) ([]string, error) {
	openID, err := s.openID(ctx, actor)
	if err != nil {
		return nil, err
	}
	now := s.now()
	asked, err := s.store.AskedSince(ctx, openID, model.DateOf(now).Add(1-max(1, s.policy().Budget.AskEvery)).Start().UTC())
	if err != nil || asked {
		return []string{}, err
	}
	books, err := s.books(ctx, openID, actor.MemberID)
	if err != nil {
		return nil, err
	}
	s.refreshGates(ctx, s.store)
	books = slices.DeleteFunc(books, func(b Book) bool {
		_, down := s.gates.until(model.GateTemplate+b.TemplateID, now)
		return down
	})
	first := ""
	if t := s.template(model.ChannelSubscribe, model.PushKind(scene)); t != nil {
		first = t.ID
	}
	return choose(books, first), nil
}

// choose picks what to ask for: the given template first, if it is short.
func choose(books []Book, first string) []string {
	books = slices.DeleteFunc(slices.Clone(books), func(b Book) bool { return b.short() == 0 })
	rank := func(b Book) int {
		if b.TemplateID == first {
			return math.MinInt
		}
		return -b.hurt * b.short()
	}
	slices.SortStableFunc(books, func(a, b Book) int { return cmp.Compare(rank(a), rank(b)) })
	ids := []string{}
	for _, b := range books {
		if b.Kind == books[0].Kind && len(ids) < maxPrompt {
			ids = append(ids, b.TemplateID)
		}
	}
	return ids
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
	if err == nil && i.MiniOpenID() == "" {
		err = none
	}
	if err != nil {
		return "", err
	}
	return i.MiniOpenID(), nil
}
