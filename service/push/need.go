package push

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"zhibu/model"
)

// A tap waits for the answer, so that what is looked at has bounds: beyond them the member needs more than one dialog a day can bring anyhow.
const (
	mostPushes    = 200
	mostMeetings  = 50
	mostReminders = 50
	mostBrought   = 200
	mostAudiences = 20 // that need statements of their own
	mostTimes     = 10000
)

// hurts is how much a missing bell hurts: a meeting missed most.
var hurts = map[model.PushKind]int{model.PushMeeting: 8, model.PushSuggestion: 4, model.PushAnnouncement: 2, model.PushStudy: 1}

// needs are the grants by kind that a member needs for the next thirty days. Known of them are
//   - the pushes that are scheduled, where the member is in their audience,
//   - the meetings to which the member is invited and has not asked for leave: their reminders that are still due, and one for a change,
//   - the times of the reminders of the member's organisations and those above, where the member is in the audience,
//   - and the digest for which something is held already.
//
// What is over the week's budget is folded into digests. Of a kind of which nothing is known counts what the last thirty days brought. One of
// each kind in use is always needed, so that a newcomer, and a visitor who is not a member yet, is asked too.
func (s *Service) needs(ctx context.Context, memberID string, now time.Time) (map[model.PushKind]int, error) {
	var inUse []model.PushKind
	for _, k := range promptOrder {
		if s.template(model.ChannelSubscribe, k) != nil {
			inUse = append(inUse, k)
		}
	}
	if memberID == "" {
		return model.Needs(inUse, nil, nil), nil
	}
	since, until := now.AddDate(0, 0, -model.NeedDays), now.AddDate(0, 0, model.NeedDays)
	past, held, err := s.brought(ctx, memberID, since)
	if err != nil {
		return nil, err
	}
	ahead, err := s.ahead(ctx, memberID, now, until)
	if err != nil {
		return nil, err
	}
	budget := s.policy().Budget
	known := model.CountRings(append(slices.Clone(past), ahead...), budget, now, until)
	known[model.PushDigest] += held
	return model.Needs(inUse, known, model.CountRings(past, budget, since, now)), nil
}

// brought is what a member got since an instant, and for how many digests something of it is held.
func (s *Service) brought(ctx context.Context, memberID string, since time.Time) (past []model.Ring, digests int, err error) {
	rows, err := s.store.BroughtSince(ctx, memberID, since, mostBrought)
	held := map[time.Time]bool{}
	for _, b := range rows {
		past = append(past, model.Ring{Kind: b.Kind, At: b.CreatedAt, Counted: b.Counted})
		if b.HeldUntil != nil {
			held[b.HeldUntil.UTC()] = true
		}
	}
	return past, len(held), err
}

// ahead is what is known to come to a member.
func (s *Service) ahead(ctx context.Context, memberID string, now, until time.Time) ([]model.Ring, error) {
	memberships, err := s.store.Memberships(ctx, memberID)
	if err != nil {
		return nil, err
	}
	paths, orgIDs := placesOf(memberships)
	in := &inside{service: s, memberID: memberID, orgIDs: orgIDs, seen: map[string]bool{}}
	pushes, err := s.store.ScheduledPushes(ctx, paths, now, until, mostPushes)
	if err != nil {
		return nil, err
	}
	var rings []model.Ring
	for _, p := range pushes {
		if is, err := in.audience(ctx, p.Audience); err != nil {
			return nil, err
		} else if is {
			rings = append(rings, model.Ring{Kind: p.Kind, At: p.SendAt, Counted: p.Counted})
		}
	}
	reminders, err := s.store.RemindersAhead(ctx, orgIDs, until, mostReminders)
	if err != nil {
		return nil, err
	}
	for _, r := range reminders {
		if is, err := in.audience(ctx, r.Recipients()); err != nil {
			return nil, err
		} else if is {
			rings = append(rings, timesOf(&r, now, until)...)
		}
	}
	meetings, err := s.store.MeetingsAhead(ctx, memberID, now, until, mostMeetings)
	for _, m := range meetings {
		rings = append(rings, model.Ring{Kind: model.PushMeeting, At: m.StartsAt.Add(-time.Second)}) // for a change, which may come any time before
		for _, minutes := range m.Reminders {
			if at := m.StartsAt.Add(-time.Duration(minutes) * time.Minute); at.After(now) {
				rings = append(rings, model.Ring{Kind: model.PushMeeting, At: at})
			}
		}
	}
	return rings, err
}

// placesOf are the organisations of these memberships and those above them.
func placesOf(memberships []model.Membership) (paths, orgIDs []string) {
	for _, m := range memberships {
		path := ""
		for id := range strings.SplitSeq(strings.Trim(m.OrgPath, "/"), "/") {
			path = model.PathUnder(path, id)
			if !slices.Contains(paths, path) {
				paths, orgIDs = append(paths, path), append(orgIDs, id)
			}
		}
	}
	return paths, orgIDs
}

// inside tells in which audiences one member is. Most are decided by the place alone; each of the others is asked for once, as far as
// mostAudiences go: what is not known then is not counted.
type inside struct {
	service  *Service
	memberID string
	orgIDs   []string // where the member is, and above
	seen     map[string]bool
}

func (i *inside) audience(ctx context.Context, a model.Audience) (bool, error) {
	if a.OrgID != "" && !slices.Contains(i.orgIDs, a.OrgID) {
		return false, nil
	}
	if len(a.MemberIDs) > 0 && !slices.Contains(a.MemberIDs, i.memberID) {
		return false, nil
	}
	a.MemberIDs = nil
	if a.MeetingID == "" && a.NotReadArticleID == "" && len(a.Roles)+len(a.PartyStatus) == 0 {
		return true, nil
	}
	a.MemberIDs = []string{i.memberID}
	text, err := json.Marshal(a)
	if err != nil {
		return false, err
	}
	key := string(text)
	is, known := i.seen[key]
	if known || len(i.seen) == mostAudiences {
		return is, nil
	}
	is, err = i.service.store.InAudience(ctx, a, i.memberID)
	i.seen[key] = is
	return is, err
}

// timesOf are the times of a reminder until then: the next one as its room has it, and after it those of its rule. Days that holidays leave
// out are among them, which asks for a grant too many rather than one too few.
func timesOf(r *model.Reminder, now, until time.Time) []model.Ring {
	if r.NextAt == nil {
		return nil
	}
	ring := func(at time.Time) model.Ring { return model.Ring{Kind: r.Template, At: at, Counted: true} }
	rings := []model.Ring{ring(later(*r.NextAt, now))}
	first, err := time.ParseInLocation(time.DateOnly+" 15:04", string(r.StartsOn)+" "+r.At, model.Zone)
	if err != nil {
		return rings
	}
	option, err := rrule.StrToROptionInLocation(r.Rule, model.Zone)
	if err != nil {
		return rings
	}
	option.Dtstart = first
	if !option.Until.IsZero() {
		option.Until = model.DateOf(option.Until).Add(1).Start() // the last day counts whole
	}
	rule, err := rrule.NewRRule(*option)
	if err != nil {
		return rings
	}
	next := rule.Iterator()
	for range mostTimes {
		at, ok := next()
		if !ok || at.After(until) {
			break
		}
		if at.After(*r.NextAt) {
			rings = append(rings, ring(at.UTC()))
		}
	}
	return rings
}

// later is the later of two instants.
func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
