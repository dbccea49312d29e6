package comment_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
	"zhibu/service/comment"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// oracle is a content check that answers by the text.
type oracle struct{ asked []string }

var errDown = errors.New("the check is down")

func (o *oracle) CheckText(_ context.Context, openID, title, content string) (string, int, error) {
	o.asked = append(o.asked, openID+" "+title+" "+content)
	switch {
	case strings.Contains(content, "down"):
		return "", 0, errDown
	case strings.Contains(content, "politics-risky"):
		return "risky", model.LabelPolitics, nil
	case strings.Contains(content, "politics"):
		return "review", model.LabelPolitics, nil
	case strings.Contains(content, "risky"):
		return "risky", 20002, nil
	case strings.Contains(content, "review"):
		return "review", 20006, nil
	}
	return "pass", 100, nil
}

// outbox keeps what would be told; what is dropped leaves it.
type outbox struct{ pushes []*model.Push }

func (o *outbox) Push(_ context.Context, _ *store.Store, p *model.Push) error {
	o.pushes = append(o.pushes, p)
	return nil
}

func (o *outbox) Drop(_ context.Context, _ *store.Store, subject, _ string) error {
	kept := o.pushes[:0]
	for _, p := range o.pushes {
		if p.Subject != subject {
			kept = append(kept, p)
		}
	}
	o.pushes = kept
	return nil
}

// told lists "to: title" and empties the outbox.
func (o *outbox) told() string {
	var all []string
	for _, p := range o.pushes {
		all = append(all, strings.Join(p.Audience.MemberIDs, ",")+": "+p.Title)
	}
	o.pushes = nil
	return strings.Join(all, "; ")
}

type house struct {
	*testing.T
	ctx     context.Context
	store   *store.Store
	check   *oracle
	outbox  *outbox
	log     bytes.Buffer
	changes []string
	room    *comment.Service

	society, branch, other *model.Org
	chen, lin, secretary   *model.Actor // two members and the secretary of the branch
	neighbour, office      *model.Actor
}

func newHouse(t *testing.T) *house {
	h := &house{T: t, ctx: context.Background(), store: storetest.Open(t), check: &oracle{}, outbox: &outbox{}}
	h.room = comment.New(h.store, h.check, h.outbox, storetest.Clock, slog.New(slog.NewTextHandler(&h.log, nil)))
	h.store.OnChange(model.TopicArticle, func(key string) { h.changes = append(h.changes, key) })
	h.society = h.org(nil, model.OrgSociety, "学会党委")
	h.branch, h.other = h.org(h.society, model.OrgBranch, "心肺康复党支部"), h.org(h.society, model.OrgBranch, "骨科康复党支部")
	h.chen, h.lin = h.member("陈一一", h.branch, ""), h.member("林知远", h.branch, "")
	h.secretary = h.member("沈若谷", h.branch, model.RoleSecretary)
	h.neighbour = h.member("赵邻", h.other, model.RoleSecretary)
	h.office = h.member("周党办", h.society, model.RoleStaff)
	return h
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) org(parent *model.Org, kind model.OrgKind, name string) *model.Org {
	o := &model.Org{ID: store.NewID(), Kind: kind, Name: name, Version: 1}
	o.Path = model.PathUnder("", o.ID)
	if parent != nil {
		o.ParentID, o.Path, o.Depth = &parent.ID, model.PathUnder(parent.Path, o.ID), parent.Depth+1
	}
	h.must(h.store.AddOrg(h.ctx, o))
	return o
}

func (h *house) member(name string, org *model.Org, role model.Role) *model.Actor {
	m := &model.Member{ID: store.NewID(), Name: name, PartyStatus: model.PartyFull}
	h.must(h.store.AddMember(h.ctx, m))
	h.must(h.store.AddMembership(h.ctx, &model.Membership{ID: store.NewID(), MemberID: m.ID, OrgID: org.ID, OrgPath: org.Path}))
	a := &model.Actor{SessionID: "s", OpenID: "o-" + name, MemberID: m.ID, Name: name, PartyStatus: model.PartyFull, Consent: "1",
		Places: []model.Place{{OrgID: org.ID, Path: org.Path}}}
	if role != "" {
		h.must(h.store.SetGrants(h.ctx, m.ID, org, []model.Role{role}, storetest.Now()))
		a.Powers = []model.Power{{OrgID: org.ID, Path: org.Path, Role: role}}
	}
	return a
}

func (h *house) article(org *model.Org, category model.Category, v model.Visibility) *model.Article {
	now := storetest.Now()
	a := &model.Article{ID: store.NewID(), OrgID: org.ID, OrgPath: org.Path, OrgKind: org.Kind, Category: category, Title: "关于学习的通知",
		Visibility: v, State: model.ArticlePublished, PublishedAt: &now, Version: 1}
	h.must(h.store.AddArticle(h.ctx, a, &model.ArticleBody{ArticleID: a.ID}))
	return a
}

func (h *house) add(actor *model.Actor, ar *model.Article, content, replyTo string) *comment.Entry {
	h.Helper()
	e, err := h.room.Add(h.ctx, actor, ar.ID, content, replyTo)
	h.must(err)
	return e
}

// counted fails the test unless the article says to have so many visible comments.
func (h *house) counted(ar *model.Article, want int64) {
	h.Helper()
	c, err := h.store.ArticleCount(h.ctx, ar.ID)
	if err != nil || c.Comments != want {
		h.Errorf("%d comments are counted, want %d (%v)", c.Comments, want, err)
	}
}

func (h *house) code(err error, want model.Code) {
	h.Helper()
	if err == nil || model.CodeOf(err) != want {
		h.Errorf("got %v, want %s", err, want)
	}
}

func TestOutcomesOfTheCheck(t *testing.T) {
	type outcome struct {
		state model.CommentState // empty: refused
		held  model.HeldBecause
	}
	shown := outcome{model.CommentVisible, ""}
	waits := func(why model.HeldBecause) outcome { return outcome{model.CommentPending, why} }
	first := waits(model.HeldFirst)
	h := newHouse(t)
	for _, c := range []struct {
		content string
		console bool
		plain   outcome // theory, example, news
		first   outcome // central, law
	}{
		{"学习了", false, shown, first},
		{"review", false, waits(model.HeldReview), waits(model.HeldReview)},
		{"politics", false, waits(model.HeldPolitics), waits(model.HeldPolitics)},
		{"politics-risky", false, waits(model.HeldPolitics), waits(model.HeldPolitics)},
		{"risky", false, outcome{}, outcome{}},
		{"down", false, waits(model.HeldUnchecked), waits(model.HeldUnchecked)},
		{"学习了", true, waits(model.HeldNoOpenID), waits(model.HeldNoOpenID)},
	} {
		for _, category := range []model.Category{model.CategoryTheory, model.CategoryCentral, model.CategoryLaw, model.CategoryExample, model.CategoryNews} {
			ar := h.article(h.branch, category, model.VisibleMembers)
			want := c.plain
			if category == model.CategoryCentral || category == model.CategoryLaw {
				want = c.first
			}
			author := *h.chen
			if c.console {
				author.OpenID = ""
			}
			h.check.asked, h.changes, h.outbox.pushes = nil, nil, nil
			h.log.Reset()
			e, err := h.room.Add(h.ctx, &author, ar.ID, c.content, "")
			rows, _, listed := h.store.CommentsOn(h.ctx, ar.ID, author.MemberID, model.Page{})
			h.must(listed)
			if want.state == "" {
				h.code(err, model.CodeRejected)
				if len(rows) != 0 {
					t.Errorf("%s below %s: what was refused is stored", c.content, category)
				}
				continue
			}
			if err != nil || e.State != want.state || e.Held != want.held || len(rows) != 1 {
				t.Errorf("%s below %s: %+v %v, want %+v", c.content, category, e, err, want)
				continue
			}
			visible := want.state == model.CommentVisible
			h.counted(ar, map[bool]int64{true: 1}[visible])
			if visible != (len(h.changes) == 1) || h.outbox.told() != "" {
				t.Errorf("%s below %s: changes %v", c.content, category, h.changes)
			}
			if c.console == (len(h.check.asked) == 1) {
				t.Errorf("%s below %s: asked %v", c.content, category, h.check.asked)
			}
			if lines := strings.Count(h.log.String(), "\n"); lines != map[bool]int{true: 1}[c.content == "down"] {
				t.Errorf("%s: logged %q", c.content, h.log.String())
			}
			if l, err := h.room.List(h.ctx, h.lin, ar.ID, model.Page{}); err != nil || (len(l.Entries) == 1) != visible {
				t.Errorf("%s below %s: another sees %+v %v", c.content, category, l, err)
			}
		}
	}
}

func TestTheRequestIsNamedWhenTheCheckIsDown(t *testing.T) {
	h := newHouse(t)
	ar := h.article(h.branch, model.CategoryNews, model.VisibleMembers)
	_, err := h.room.Add(model.WithRequestID(h.ctx, "req-7"), h.chen, ar.ID, "down", "")
	h.must(err)
	if line := h.log.String(); !strings.Contains(line, "req-7") || !strings.Contains(line, errDown.Error()) || strings.Contains(line, h.chen.OpenID) {
		t.Errorf("logged %q", line)
	}
}

func TestWhoMayNotComment(t *testing.T) {
	h := newHouse(t)
	ar, open := h.article(h.branch, model.CategoryNews, model.VisibleMembers), h.article(h.society, model.CategoryTheory, model.VisiblePublic)
	shown, hidden := h.add(h.chen, ar, "学习了", ""), h.add(h.chen, ar, "review", "")
	elsewhere := h.add(h.chen, open, "别处", "")
	noConsent := *h.chen
	noConsent.Consent = ""
	long := strings.Repeat("长", 500)
	for _, c := range []struct {
		name    string
		actor   *model.Actor
		article string
		content string
		replyTo string
		want    model.Code
		fields  int
	}{
		{"a neighbour", h.neighbour, ar.ID, "学习了", "", model.CodeNotFound, 0},
		{"a stranger below a public text", nil, open.ID, "学习了", "", model.CodeNotBound, 0},
		{"a stranger", nil, ar.ID, "学习了", "", model.CodeNotFound, 0},
		{"an unknown article", h.chen, "x", "学习了", "", model.CodeNotFound, 0},
		{"without consent", &noConsent, ar.ID, "学习了", "", model.CodeConsent, 0},
		{"nothing", h.chen, ar.ID, " \u200b\n ", "", model.CodeInvalid, 1},
		{"too much", h.chen, ar.ID, long + "!", "", model.CodeInvalid, 1},
		{"all at once", h.chen, ar.ID, "", "x", model.CodeInvalid, 2},
		{"an answer to nothing", h.chen, ar.ID, "学习了", "x", model.CodeInvalid, 1},
		{"an answer to what waits", h.chen, ar.ID, "学习了", hidden.ID, model.CodeInvalid, 1},
		{"an answer across articles", h.chen, ar.ID, "学习了", elsewhere.ID, model.CodeInvalid, 1},
		{"an answer", h.chen, ar.ID, "学习了", shown.ID, "", 0},
		{"just enough", h.chen, ar.ID, " " + long + "\n", "", "", 0},
	} {
		_, err := h.room.Add(h.ctx, c.actor, c.article, c.content, c.replyTo)
		if c.want == "" {
			h.must(err)
			continue
		}
		var e *model.Error
		if !errors.As(err, &e) || e.Code != c.want || len(e.Fields) != c.fields {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func TestClosedCategory(t *testing.T) {
	h := newHouse(t)
	ar, news := h.article(h.branch, model.CategoryTheory, model.VisibleMembers), h.article(h.branch, model.CategoryNews, model.VisibleMembers)
	h.add(h.chen, ar, "学习了", "")
	set := func(c model.Category, open bool) {
		t.Helper()
		_, err := h.room.SetSwitches(h.ctx, h.office, map[model.Category]bool{c: open})
		h.must(err)
	}
	set(model.CategoryTheory, false)
	_, err := h.room.Add(h.ctx, h.lin, ar.ID, "学习了", "")
	h.code(err, model.CodeForbidden)
	if l, err := h.room.List(h.ctx, h.lin, ar.ID, model.Page{}); err != nil || l.Open || len(l.Entries) != 0 {
		t.Errorf("closed comments show %+v %v", l, err)
	}
	h.add(h.lin, news, "学习了", "")
	set("", false) // the whole site goes before its categories
	set(model.CategoryTheory, true)
	_, err = h.room.Add(h.ctx, h.lin, news.ID, "学习了", "")
	h.code(err, model.CodeForbidden)
	if l, err := h.room.List(h.ctx, h.lin, ar.ID, model.Page{}); err != nil || l.Open || len(l.Entries) != 0 {
		t.Errorf("a closed site shows %+v %v", l, err)
	}
	set("", true)
	if l, err := h.room.List(h.ctx, h.lin, ar.ID, model.Page{}); err != nil || !l.Open || len(l.Entries) != 1 {
		t.Errorf("open comments show %+v %v", l, err)
	}
}

func TestModerationAndWhoIsTold(t *testing.T) {
	h := newHouse(t)
	ar := h.article(h.branch, model.CategoryCentral, model.VisibleMembers)
	first := h.add(h.chen, ar, "学习了", "")
	if n, err := h.room.PendingFor(h.ctx, h.secretary); err != nil || n != 1 || h.outbox.told() != "" {
		t.Fatalf("%d wait for the secretary (%v)", n, err)
	}
	for who, want := range map[*model.Actor]int{h.office: 1, h.neighbour: 0, h.lin: 0, nil: 0} {
		if n, err := h.room.PendingFor(h.ctx, who); err != nil || n != want {
			t.Errorf("%d wait for %+v (%v), want %d", n, who, err, want)
		}
	}
	decide := func(actor *model.Actor, id string, m model.Moderation, reason string) error {
		_, err := h.room.Moderate(h.ctx, actor, id, m, reason)
		return err
	}
	h.code(decide(h.lin, first.ID, model.ModerationApprove, ""), model.CodeNotFound)
	h.code(decide(h.neighbour, first.ID, model.ModerationApprove, ""), model.CodeNotFound)
	h.code(decide(h.chen, first.ID, model.ModerationApprove, ""), model.CodeForbidden)
	h.code(decide(h.secretary, first.ID, model.ModerationHide, " "), model.CodeInvalid)
	h.code(decide(h.secretary, first.ID, "burn", ""), model.CodeInvalid)
	h.counted(ar, 0)
	h.changes = nil
	h.must(decide(h.secretary, first.ID, model.ModerationApprove, ""))
	h.counted(ar, 1)
	if got := h.outbox.told(); got != h.chen.MemberID+": 您的评论已公开显示" || len(h.changes) != 1 {
		t.Errorf("told %q, changes %v", got, h.changes)
	}
	h.code(decide(h.office, first.ID, model.ModerationApprove, ""), model.CodeConflict)

	// An answer that waits is told to nobody; once it is shown, the one it answers hears of it, once more than its author.
	reply := h.add(h.lin, ar, "同意", first.ID)
	if got := h.outbox.told(); reply.State != model.CommentPending || got != "" {
		t.Fatalf("told %q of what is %s", got, reply.State)
	}
	h.must(decide(h.secretary, reply.ID, model.ModerationApprove, ""))
	p := h.outbox.pushes[0]
	if !p.Private || !p.Counted || p.Kind != model.PushAnnouncement || p.Hours != model.HoursOrdinary || p.Fields["from"] != "林知远" || p.DedupeKey == nil {
		t.Errorf("the notice is %+v", p)
	}
	if got := h.outbox.told(); got != h.chen.MemberID+": 您的评论有了新回复; "+h.lin.MemberID+": 您的评论已公开显示" {
		t.Errorf("told %q", got)
	}
	h.counted(ar, 2)

	// Hiding takes back what was not sent yet, and tells the author why.
	h.outbox.pushes = []*model.Push{{Subject: comment.Subject(reply.ID), Title: "stale"}, {Subject: "meeting:1", Title: "kept", Audience: model.Audience{MemberIDs: []string{"m"}}}}
	h.must(decide(h.secretary, reply.ID, model.ModerationHide, "与文章无关"))
	h.counted(ar, 1)
	if body := h.outbox.pushes[1].Body; !strings.Contains(body, "与文章无关") || !strings.Contains(body, "同意") {
		t.Errorf("the author is told %q", body)
	}
	if got := h.outbox.told(); got != "m: kept; "+h.lin.MemberID+": 您的评论已被隐藏" {
		t.Errorf("told %q", got)
	}
	if l, err := h.room.List(h.ctx, h.lin, ar.ID, model.Page{}); err != nil || len(l.Entries) != 1 {
		t.Errorf("what is hidden is shown: %+v %v", l, err)
	}
	entries, _, err := h.store.AuditEntries(h.ctx, store.AuditFilter{Object: "comment:" + reply.ID}, model.Page{})
	if err != nil || len(entries) != 2 || entries[0].Action != "comment.hide" || entries[0].ActorID != h.secretary.MemberID || len(entries[0].Detail["content"]) != 0 {
		t.Errorf("the audit says %+v %v", entries, err)
	}
}

func TestAnswersAreToldOnlyToThoseWhoMayRead(t *testing.T) {
	h := newHouse(t)
	open := h.article(h.branch, model.CategoryNews, model.VisiblePublic)
	far, near := h.add(h.neighbour, open, "来自邻支部", ""), h.add(h.chen, open, "学习了", "")
	h.add(h.lin, open, "谢谢", far.ID)
	if got := h.outbox.told(); got != h.neighbour.MemberID+": 您的评论有了新回复" {
		t.Errorf("told %q", got)
	}
	h.add(h.chen, open, "补充", near.ID)
	if got := h.outbox.told(); got != "" {
		t.Errorf("who answers themselves is told %q", got)
	}
	// The text becomes the branch's own, and the neighbour hears no more of it.
	open.Visibility = model.VisibleMembers
	h.must(h.store.SaveArticle(h.ctx, open, nil, h.secretary.MemberID, ""))
	h.add(h.lin, open, "再谢", far.ID)
	if got := h.outbox.told(); got != "" {
		t.Errorf("who may no longer read is told %q", got)
	}
	m, err := h.store.Member(h.ctx, h.chen.MemberID)
	h.must(err)
	gone := storetest.Now()
	m.ErasedAt = &gone
	h.must(h.store.SaveMember(h.ctx, m))
	h.add(h.lin, open, "还在吗", near.ID)
	if got := h.outbox.told(); got != "" {
		t.Errorf("who has left is told %q", got)
	}
	l, err := h.room.List(h.ctx, h.lin, open.ID, model.Page{})
	h.must(err)
	for _, e := range l.Entries {
		if e.AuthorID == h.chen.MemberID && (e.Author.Name != "已注销成员" || e.Author.ID != "" || e.Author.Org != nil) {
			t.Errorf("who has left is named %+v", e.Author)
		}
	}
}

func TestDelete(t *testing.T) {
	h := newHouse(t)
	ar := h.article(h.branch, model.CategoryNews, model.VisibleMembers)
	own, others, waiting := h.add(h.chen, ar, "一", ""), h.add(h.chen, ar, "二", ""), h.add(h.chen, ar, "review", "")
	h.must(h.room.Like(h.ctx, h.lin, own.ID))
	h.code(h.room.Delete(h.ctx, h.lin, own.ID), model.CodeForbidden)
	h.code(h.room.Delete(h.ctx, h.neighbour, own.ID), model.CodeNotFound)
	h.code(h.room.Delete(h.ctx, h.lin, waiting.ID), model.CodeNotFound)
	h.counted(ar, 2)
	h.must(h.room.Delete(h.ctx, h.chen, own.ID))
	h.counted(ar, 1)
	if got := h.outbox.told(); got != "" {
		t.Errorf("told %q", got)
	}
	h.must(h.room.Delete(h.ctx, h.secretary, others.ID))
	h.counted(ar, 0)
	if got := h.outbox.told(); got != h.chen.MemberID+": 您的评论已被删除" {
		t.Errorf("told %q", got)
	}
	h.must(h.room.Delete(h.ctx, h.chen, waiting.ID))
	h.counted(ar, 0)
	h.code(h.room.Delete(h.ctx, h.chen, waiting.ID), model.CodeNotFound)
}

func TestLikes(t *testing.T) {
	h := newHouse(t)
	ar := h.article(h.branch, model.CategoryNews, model.VisibleMembers)
	shown, waiting := h.add(h.chen, ar, "一", ""), h.add(h.chen, ar, "review", "")
	for range 2 {
		h.must(h.room.Like(h.ctx, h.lin, shown.ID))
	}
	h.must(h.room.Like(h.ctx, h.chen, shown.ID))
	h.code(h.room.Like(h.ctx, h.neighbour, shown.ID), model.CodeNotFound)
	h.code(h.room.Like(h.ctx, h.lin, waiting.ID), model.CodeNotFound)
	h.code(h.room.Like(h.ctx, h.chen, waiting.ID), model.CodeConflict)
	h.code(h.room.Unlike(h.ctx, h.chen, "x"), model.CodeNotFound)
	l, err := h.room.List(h.ctx, h.lin, ar.ID, model.Page{})
	if err != nil || len(l.Entries) != 1 || l.Entries[0].Likes != 2 || !l.Entries[0].Liked {
		t.Errorf("listed %+v %v", l, err)
	}
	for range 2 {
		h.must(h.room.Unlike(h.ctx, h.lin, shown.ID))
	}
	if c, err := h.store.Comment(h.ctx, shown.ID); err != nil || c.Likes != 1 {
		t.Errorf("%d likes are left (%v)", c.Likes, err)
	}
}

func TestWhatHasChangedDuringTheCheckIsSeen(t *testing.T) {
	h := newHouse(t)
	ar := h.article(h.branch, model.CategoryNews, model.VisibleMembers)
	first := h.add(h.chen, ar, "一", "")
	slow := checkThat(func() { h.must(h.room.Delete(h.ctx, h.chen, first.ID)) })
	room := comment.New(h.store, slow, h.outbox, storetest.Clock, slog.New(slog.DiscardHandler))
	_, err := room.Add(h.ctx, h.lin, ar.ID, "回复", first.ID)
	h.code(err, model.CodeInvalid)
	h.counted(ar, 0)
}

// checkThat passes everything after something else has happened.
type checkThat func()

func (f checkThat) CheckText(context.Context, string, string, string) (string, int, error) {
	f()
	return "pass", 100, nil
}

func TestStandsWhereTheArticleIs(t *testing.T) {
	h := newHouse(t)
	both := *h.chen
	both.Places = []model.Place{{OrgID: h.other.ID, Path: h.other.Path}, {OrgID: h.branch.ID, Path: h.branch.Path}}
	if e := h.add(&both, h.article(h.branch, model.CategoryNews, model.VisibleMembers), "一", ""); e.Author.Org.ID != h.branch.ID {
		t.Errorf("stands at %s", e.Author.Org.Name)
	}
	if e := h.add(&both, h.article(h.society, model.CategoryNews, model.VisibleMembers), "一", ""); e.Author.Org.ID != h.other.ID || !e.CreatedAt.Equal(storetest.Now().Truncate(time.Millisecond)) {
		t.Errorf("stands at %s", e.Author.Org.Name)
	}
}
