package push

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// stopped is a clock that the test sets.
type stopped struct {
	mu sync.Mutex
	t  time.Time
}

func (c *stopped) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *stopped) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = t
}

func (c *stopped) add(d time.Duration) { c.set(c.now().Add(d)) }

// wire is a WeChat that follows a script: for each openid the verdicts of its next sends, then success.
type wire struct {
	mu     sync.Mutex
	script map[string][]Verdict
	sent   []message
	busy   map[string]bool
	twice  bool // two sends to one person at once were seen
	gate   chan struct{}
	enter  chan struct{}

	ids      sync.Map // the client ids that were seen
	facts    []model.TemplateFact
	factsErr error
}

type message struct {
	openID, template, page string
	data                   map[string]string
}

type verdictError struct{ v Verdict }

func (e verdictError) Error() string { return string(e.v.Kind) }

func (w *wire) Send(_ context.Context, m Message) (string, error) {
	openID := m.OpenID
	w.ids.Store(m.ClientID, true)
	w.mu.Lock()
	w.twice = w.twice || w.busy[openID]
	w.busy[openID] = true
	gate, enter := w.gate, w.enter
	w.mu.Unlock()
	if enter != nil {
		enter <- struct{}{}
	}
	if gate != nil {
		<-gate
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy[openID] = false
	if next := w.script[openID]; len(next) > 0 {
		w.script[openID] = next[1:]
		if next[0].Kind != VerdictSent {
			return "", verdictError{next[0]}
		}
	}
	w.sent = append(w.sent, message{openID, m.TemplateID, m.Page, m.Data})
	return fmt.Sprintf("msg-%d", len(w.sent)), nil
}

func (w *wire) Fit(key, value string, _ []string) (string, bool) {
	if strings.HasPrefix(key, "time") && !strings.Contains(value, ":") {
		return "", false
	}
	return model.CutRunes(value, 20), true
}

func (w *wire) Classify(err error) Verdict {
	var v verdictError
	if errors.As(err, &v) {
		return v.v
	}
	return Verdict{Kind: VerdictUnknown, ErrMsg: err.Error()}
}

// Templates are those of the settings, unless the test says otherwise.
func (w *wire) Templates(context.Context) ([]model.TemplateFact, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.facts, w.factsErr
}

func (w *wire) say(openID string, kinds ...VerdictKind) {
	for _, k := range kinds {
		w.script[openID] = append(w.script[openID], Verdict{Kind: k, ErrCode: 1, ErrMsg: "scripted"})
	}
}

const (
	meetingTemplate = "tmpl-meeting"
	studyTemplate   = "tmpl-study"
	longTemplate    = "tmpl-long"
)

func templates() Templates {
	return Templates{
		model.PushMeeting:    {ID: meetingTemplate, Kind: model.QuotaOneTime, Fields: map[string]string{"topic": "thing1", "time": "time2"}},
		model.PushStudy:      {ID: studyTemplate, Kind: model.QuotaOneTime, Fields: map[string]string{"title": "thing1", "due": "time2", "note": "thing3"}},
		model.PushSuggestion: {ID: longTemplate, Kind: model.QuotaLongTerm, Fields: map[string]string{"title": "thing1"}},
	}
}

// factsOf are templates that fit the settings.
func factsOf(t Templates) []model.TemplateFact {
	var facts []model.TemplateFact
	for _, p := range t {
		f := model.TemplateFact{ID: p.ID, Kind: p.Kind}
		for _, key := range p.Fields {
			f.Keys = append(f.Keys, key)
		}
		facts = append(facts, f)
	}
	return facts
}

// databaseFile is the name that the store gives its SQLite file.
const databaseFile = "zhibu.db"

// migrated is the file of an empty SQLite database with all tables, made once: migrating it for each of many houses takes longer than their tests.
var migrated = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "push-room")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	s, err := store.Open(context.Background(), "", dir, storetest.Clock)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(s.Migrate(context.Background()), s.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, databaseFile))
})

// openStore is storetest.OpenAt over a copy of that file.
func openStore(t testing.TB, clock model.Clock) *store.Store {
	t.Helper()
	if os.Getenv("ZHIBU_TEST_DATABASE") == "mysql" {
		return storetest.OpenAt(t, clock)
	}
	file, err := migrated()
	if err != nil {
		t.Fatalf("make the database: %v", err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, databaseFile), file, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(context.Background(), "", dir, clock)
	if err != nil {
		t.Fatalf("open the database: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	return s
}

// house is a society with two branches and a group, the push room, and a scripted WeChat.
type house struct {
	t     testing.TB
	ctx   context.Context
	store *store.Store
	svc   *Service
	wire  *wire
	clock *stopped
	orgs  map[string]*model.Org
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, ctx: context.Background(), clock: &stopped{t: storetest.Now()}, orgs: map[string]*model.Org{}}
	h.wire = &wire{script: map[string][]Verdict{}, busy: map[string]bool{}, facts: factsOf(templates())}
	h.store = openStore(t, h.clock.now)
	h.svc = h.open("first")
	for _, o := range []struct {
		id, parent string
		kind       model.OrgKind
	}{{"root", "", model.OrgSociety}, {"heart", "root", model.OrgBranch}, {"lung", "root", model.OrgBranch}, {"heart-1", "heart", model.OrgGroup}} {
		org := &model.Org{ID: o.id, Kind: o.kind, Name: "组织" + o.id, Path: model.PathUnder("", o.id), Version: 1, CreatedAt: h.clock.now()}
		if o.parent != "" {
			org.ParentID, org.Path = &o.parent, model.PathUnder(h.orgs[o.parent].Path, o.id)
		}
		h.must(h.store.AddOrg(h.ctx, org))
		h.orgs[o.id] = org
	}
	return h
}

// open makes another process over the same database.
func (h *house) open(owner string) *Service {
	return h.openWith(owner, templates())
}

func (h *house) openWith(owner string, t Templates) *Service {
	return New(h.store, map[model.Channel]Carrier{model.ChannelSubscribe: h.wire},
		Options{Templates: map[model.Channel]Templates{model.ChannelSubscribe: t}, Owner: owner, InFlight: 20}, h.clock.now)
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// member adds a person to organisations; one with an openid is bound and has so many grants for each one-time template.
func (h *house) member(id, openID string, grants int, orgs ...string) {
	h.t.Helper()
	h.must(h.store.AddMember(h.ctx, &model.Member{ID: id, Name: "成员" + id, PartyStatus: model.PartyFull}))
	for _, o := range orgs {
		h.must(h.store.AddMembership(h.ctx, &model.Membership{ID: store.NewID(), MemberID: id, OrgID: o, OrgPath: h.orgs[o].Path}))
	}
	if openID == "" {
		return
	}
	h.must(h.store.AddIdentity(h.ctx, &model.Identity{ID: store.NewID(), OpenID: openID, MemberID: &id}))
	for range grants {
		for _, template := range []string{meetingTemplate, studyTemplate} {
			h.grant(openID, template)
		}
	}
}

func (h *house) grant(openID, template string) {
	h.t.Helper()
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error {
		return h.svc.tap(h.ctx, tx, openID, template, true, true, h.clock.now())
	}))
}

func (h *house) push(p *model.Push) *model.Push {
	h.t.Helper()
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error { return h.svc.Push(h.ctx, tx, p) }))
	return p
}

func meetingPush(members ...string) *model.Push {
	return &model.Push{OrgID: "heart", OrgPath: "/root/heart/", Kind: model.PushMeeting, Title: "支部党员大会", Subject: "meeting:1", Hours: model.HoursUrgent,
		Audience: model.Audience{MemberIDs: members}}
}

func (h *house) drain() {
	h.t.Helper()
	h.must(h.svc.Drain(h.ctx))
}

// rows are a push's deliveries by member.
func (h *house) rows(pushID string) map[string]store.DeliveryRow {
	h.t.Helper()
	rows, _, err := h.store.DeliveriesOf(h.ctx, pushID, "", h.clock.now(), model.Page{Limit: 100})
	h.must(err)
	byMember := map[string]store.DeliveryRow{}
	for _, r := range rows {
		byMember[r.MemberID] = r
	}
	return byMember
}

func (h *house) is(pushID, member string, want model.DeliveryState) store.DeliveryRow {
	h.t.Helper()
	d := h.rows(pushID)[member]
	if d.State != want {
		h.t.Errorf("%s is %q (%s), want %q", member, d.State, d.Reason, want)
	}
	return d
}

// book checks the equation and returns one user's book.
func (h *house) book(openID, template string) model.Quota {
	h.t.Helper()
	books, err := h.store.Quotas(h.ctx, openID)
	h.must(err)
	for _, q := range books {
		if !q.Balanced() {
			h.t.Errorf("the book does not add up: %+v", q)
		}
	}
	return books[template]
}

func (h *house) counts(pushID string) model.Tally {
	h.t.Helper()
	all, err := h.store.PushCounts(h.ctx, []string{pushID}, h.clock.now())
	h.must(err)
	c := all[pushID]
	if c.Recipients != sum(c) {
		h.t.Errorf("the states do not add up: %+v", c)
	}
	return c
}

// sum is that of the states, which are the recipients.
func sum(c model.Tally) int {
	return c.Queued + c.Deferred + c.Sent + c.Failed + c.InDoubt + c.InboxOnly + c.Cancelled
}

func (h *house) state(pushID string) model.PushState {
	h.t.Helper()
	p, err := h.store.PushOf(h.ctx, pushID)
	h.must(err)
	return p.State
}

func noLeaks(t *testing.T) {
	t.Helper()
	ignore := goleak.IgnoreCurrent()
	driver := goleak.IgnoreAnyFunction("github.com/go-sql-driver/mysql.(*mysqlConn).startWatcher.func1") // a pooled connection's own
	t.Cleanup(func() { goleak.VerifyNone(t, ignore, driver) })
}

// claim takes up to n due deliveries as a process would, and start marks them as being sent.
func (h *house) claim(svc *Service, n int) (jobs []job) {
	h.t.Helper()
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) (err error) {
		jobs, _, err = svc.claim(h.ctx, tx, n, svc.now())
		return err
	}))
	return jobs
}

func (h *house) start(svc *Service, jobs []job) (started []job) {
	h.t.Helper()
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) (err error) {
		started, err = svc.start(h.ctx, tx, jobs, svc.now())
		return err
	}))
	return started
}
