package suggestion

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// Person is who is shown with a suggestion. Org is nil where it does not matter.
type Person struct {
	ID, Name string
	Org      *model.Org
}

// Item is a suggestion with what its viewer may know and do.
type Item struct {
	model.Suggestion
	ToOrg       model.Org
	Holder      model.Org
	Author      *Person // nil when anonymous, also for the author
	Assignee    *Person
	Mine        bool
	Actions     []model.SuggestionAction
	CanRate     bool
	CanPublish  []model.PublicationAction
	Overdue     bool
	Provisional bool // the deadline lies in a year whose holidays are not published yet
}

// Entry is one line of a timeline. By is nil for an anonymous author.
type Entry struct {
	Action   model.SuggestionAction
	At       time.Time
	By       *Doer
	Text     string
	Assignee string // to whom it was given
	ToOrg    string // to which organisation it went up
}

// Doer is who took a step, and as what.
type Doer struct{ Name, Role string }

// Detail is a suggestion with its timeline and files. Leader and Followers are for those who handle it: authors learn nothing of each other.
type Detail struct {
	Item
	Leader      string   // the id of the one that it was merged into
	Followers   []string // the ids of those merged into it
	Timeline    []Entry
	Attachments []model.FileRef
}

// Suggestion reads one suggestion with its timeline. Errors: not_found, also for who may not see it.
func (s *Service) Suggestion(ctx context.Context, actor *model.Actor, id string) (*Detail, error) {
	m, err := s.visible(ctx, s.store, actor, id)
	if err != nil {
		return nil, err
	}
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	return s.detail(ctx, actor, m, cal, s.clock())
}

func (s *Service) visible(ctx context.Context, from *store.Store, actor *model.Actor, id string) (*model.Suggestion, error) {
	m, err := from.Suggestion(ctx, id)
	if err == nil && !model.CanSeeSuggestion(actor, m, s.isAuthor(actor, m)) {
		return nil, model.NotFound("这条意见建议")
	}
	return m, err
}

// Query narrows a list: Inbox is what waits for the actor, else it is what the actor wrote.
type Query struct {
	Inbox bool
	State model.SuggestionState
}

// Suggestions lists, the newest first, the actor's own suggestions, the anonymous ones included; or the inbox: what is held by
// organisations where the actor is secretary or above, and what was given to the actor.
func (s *Service) Suggestions(ctx context.Context, actor *model.Actor, q Query, page model.Page) ([]Item, string, error) {
	f := store.SuggestionFilter{State: q.State}
	if q.Inbox {
		f.AssigneeID = actor.MemberID
		for _, p := range actor.Powers {
			if p.Role.Rank() >= model.RoleSecretary.Rank() {
				f.HolderPaths = append(f.HolderPaths, p.Path)
			}
		}
	} else {
		var err error
		f.AuthorID = actor.MemberID
		if f.AuthorIndex, _, err = s.indexes(ctx, s.store, actor.MemberID); err != nil {
			return nil, "", err
		}
	}
	rows, next, err := s.store.Suggestions(ctx, f, page)
	if err != nil {
		return nil, "", err
	}
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, "", err
	}
	w, err := s.readWorld(ctx, rows, nil)
	if err != nil {
		return nil, "", err
	}
	now := s.clock()
	items := make([]Item, len(rows))
	for i := range rows {
		items[i] = s.item(actor, &rows[i], w, cal, now)
	}
	return items, next, nil
}

func (s *Service) detail(ctx context.Context, actor *model.Actor, m *model.Suggestion, cal model.Calendar, now time.Time) (*Detail, error) {
	steps, err := s.store.SuggestionSteps(ctx, m.ID)
	if err != nil {
		return nil, err
	}
	w, err := s.readWorld(ctx, []model.Suggestion{*m}, steps)
	if err != nil {
		return nil, err
	}
	d := &Detail{Item: s.item(actor, m, w, cal, now)}
	for _, st := range steps {
		d.Timeline = append(d.Timeline, entryOf(&st, w))
	}
	if actor.Has(model.RoleSecretary, m.OrgPath) {
		rows, err := s.store.SuggestionsMergedInto(ctx, m.ID)
		if err != nil {
			return nil, err
		}
		d.Leader = m.MergedInto
		for _, f := range rows {
			d.Followers = append(d.Followers, f.ID)
		}
	}
	if len(m.AttachmentIDs) > 0 {
		d.Attachments, err = s.files.Describe(ctx, m.AttachmentIDs)
	}
	return d, err
}

func (s *Service) item(actor *model.Actor, m *model.Suggestion, w *world, cal model.Calendar, now time.Time) Item {
	mine := s.isAuthor(actor, m)
	side := model.SidesOf(actor, m, mine)
	it := Item{
		Suggestion: *m, ToOrg: w.orgs[m.ToOrgID], Holder: w.orgs[m.OrgID], Mine: mine, Actions: m.Possible(side, now),
		CanRate: m.Check(model.SuggestionRate, side, now) == nil, Overdue: m.Overdue(now),
		Assignee: w.person(m.AssigneeID, ""), Author: w.person(m.AuthorID, m.AuthorOrgID),
	}
	for _, a := range []model.PublicationAction{model.PublicationAsk, model.PublicationAgree, model.PublicationRefuse, model.PublicationEnd} {
		if _, err := m.CheckPublication(a, side); err == nil {
			it.CanPublish = append(it.CanPublish, a)
		}
	}
	if due := m.Due(); !due.IsZero() {
		it.Provisional = cal.Provisional(model.DateOf(due))
	}
	return it
}

func entryOf(st *model.SuggestionStep, w *world) Entry {
	e := Entry{Action: st.Action, At: st.At, Text: st.Note}
	switch {
	case st.ByID != "":
		e.By = &Doer{Name: w.members[st.ByID].Name, Role: st.ByRole}
	case st.ByRole != "":
		e.By = &Doer{Name: systemName, Role: st.ByRole}
	}
	if st.AssigneeID != "" {
		e.Assignee = w.members[st.AssigneeID].Name
	}
	if st.Action == model.SuggestionEscalate {
		e.ToOrg = w.orgs[st.OrgID].Name
	}
	return e
}

// world is the people and organisations that rows name.
type world struct {
	members map[string]model.Member
	orgs    map[string]model.Org
}

func (s *Service) readWorld(ctx context.Context, rows []model.Suggestion, steps []model.SuggestionStep) (*world, error) {
	people, places := map[string]bool{}, map[string]bool{}
	for _, m := range rows {
		people[m.AuthorID], people[m.AssigneeID] = true, true
		places[m.ToOrgID], places[m.OrgID], places[m.AuthorOrgID] = true, true, true
	}
	for _, st := range steps {
		people[st.ByID], people[st.AssigneeID], places[st.OrgID] = true, true, true
	}
	w := &world{orgs: map[string]model.Org{}}
	var err error
	if w.members, err = s.store.MembersByID(ctx, keys(people)); err != nil {
		return nil, err
	}
	orgs, err := s.store.OrgsByID(ctx, keys(places))
	for _, o := range orgs {
		w.orgs[o.ID] = o
	}
	return w, err
}

func keys(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for k := range set {
		if k != "" {
			out = append(out, k)
		}
	}
	return out
}

func (w *world) person(id, orgID string) *Person {
	if id == "" {
		return nil
	}
	p := &Person{ID: id, Name: w.members[id].Name}
	if o, ok := w.orgs[orgID]; ok {
		p.Org = &o
	}
	return p
}

// checkText names a text that is missing or too long.
func checkText(v *model.Invalid, field, text string, limit int, missing, long string) {
	switch {
	case text == "" && missing != "":
		v.Add(field, "required", missing)
	case utf8.RuneCountInString(text) > limit:
		v.Add(field, "too_long", fmt.Sprintf(long, limit))
	}
}
