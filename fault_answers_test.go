package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"zhibu/demo"
	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/wechat/standin"
)

const sendAPI = "/cgi-bin/message/subscribe/send"

// withStandIn is newPlant with the stand-in for WeChat: it knows every way in which WeChat fails, and pushes its own events about what it sent.
func withStandIn(t *testing.T, members, grants int) *plant {
	t.Helper()
	p := emptyPlant(t, nil, 0)
	p.wx = standin.New(standin.Options{Clock: p.now, Seed: 1, Log: slog.New(slog.DiscardHandler), LatencyMin: 10 * time.Millisecond, LatencyMax: 40 * time.Millisecond})
	app := standin.App{AppID: testAppID, Secret: testSecret, Kind: standin.Mini, Token: testToken, AESKey: testAESKey, Published: true, OpenPlatform: true,
		CallbackMode: standin.ModeSafe, CallbackFormat: standin.FormatJSON}
	for _, tpl := range demo.Society(p.now()).Templates {
		app.Templates = append(app.Templates, standin.Template{ID: tpl.ID, Title: tpl.Title, Kind: tpl.Type, Content: tpl.Content})
	}
	if err := errors.Join(p.wx.AddApp(app), p.wx.Start("127.0.0.1:0")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := p.wx.Close(ctx); err != nil {
			t.Errorf("close the stand-in: %v", err)
		}
	})
	p.env["WECHAT_BASE_URL"], p.env["PUSH_IN_FLIGHT"] = p.wx.URL(), "20"
	p.rang = func(openID, title string) (n int) {
		for _, m := range p.wx.Sent(openID) {
			if m.Value("thing1") == title {
				n++
			}
		}
		return n
	}
	p.members, p.grants = members, grants
	for i := range members {
		p.wx.AddUser(testAppID, openIDOf(i))
		if err := errors.Join(p.wx.Grant(openIDOf(i), announcementTemplate, grants), p.wx.Grant(openIDOf(i), studyTemplate, grants)); err != nil {
			t.Fatal(err)
		}
	}
	p.settle()
	p.office()
	return p
}

// arrived waits until so many messages have reached anybody.
func (p *plant) arrived(n int) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 60*time.Second)
	defer cancel()
	if got, err := p.wx.WaitSent(ctx, "", n); err != nil {
		p.t.Fatalf("%d of %d messages within a minute\n%s", len(got), n, p.log)
	}
}

// inState counts the deliveries of a push in a state.
func (p *plant) inState(id, state string) (n int) {
	p.t.Helper()
	for _, d := range p.rows(id) {
		if d.state == state {
			n++
		}
	}
	return n
}

// TestFaultAnswers: a number of sends in mid-run fail in one way, and then WeChat is well again. Everybody is told in the end, nobody twice but
// whose first message went out although its answer did not say so, and nobody's bell is tried a third time.
func TestFaultAnswers(t *testing.T) {
	t.Parallel()
	for i, c := range []struct {
		name     string
		fault    standin.Fault
		doubtful bool // its answer leaves open whether the message went out
		arrives  bool // and it did
		least    int  // so often it strikes before the program stops asking
	}{
		{"HTML 502", standin.Fault{Kind: standin.FaultHTTP, Code: 502}, true, false, 10},
		{"-1", standin.Fault{Kind: standin.FaultBusy}, true, false, 10},
		{"-1 of a message that went out", standin.Fault{Kind: standin.FaultBusyAfter}, true, true, 10},
		{"half an answer", standin.Fault{Kind: standin.FaultTruncate}, true, true, 10},
		{"connection cut before", standin.Fault{Kind: standin.FaultResetBefore}, true, false, 10},
		{"45011", standin.Fault{Kind: standin.FaultCode, Code: 45011}, false, false, 1},
		{"44990", standin.Fault{Kind: standin.FaultCode, Code: 44990}, false, false, 10},
		{"43108", standin.Fault{Kind: standin.FaultCode, Code: 43108}, false, false, 10},
		{"42001", standin.Fault{Kind: standin.FaultCode, Code: 42001}, false, false, 10},
	} {
		if i%5 != 0 && !plain() {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			p := withStandIn(t, sized(90, 60, 900), 3)
			p.wx.SetPush(testAppID, standin.PushKnobs{Silent: true}) // WeChat's own word about a doubt has a test of its own
			fault := c.fault
			fault.Skip = p.members / 3
			p.wx.SetFault(sendAPI, fault)
			p.up()
			id := p.announce()
			p.eventually("it fails", time.Minute, func() bool { return p.struck(fault.Kind) >= c.least })
			p.wx.ClearFaults()
			p.terminate()
			p.later(passes) // a pause of a minute is over
			p.up()
			p.done(id)
			mayBe := 0
			if c.doubtful {
				mayBe = p.struck(fault.Kind)
			}
			twice := p.accounts(id, mayBe)
			if !c.arrives && twice != 0 {
				t.Errorf("%d were told twice", twice)
			}
			if c.arrives && twice == 0 {
				t.Error("nobody was tried again: the test shows nothing")
			}
			if n := p.inState(id, "sent"); n != p.members {
				t.Errorf("%d of %d sent", n, p.members)
			}
		})
	}
}

// struck counts the sends that a fault has spoilt.
func (p *plant) struck(kind standin.FaultKind) (n int) {
	for _, call := range p.wx.CallsTo(sendAPI) {
		if call.Fault == kind {
			n++
		}
	}
	return n
}

// TestFaultAnswerLost: messages go out and their answers are lost. They are in doubt until WeChat's own event says that they were sent; nobody is
// told twice then, and no time need pass.
func TestFaultAnswerLost(t *testing.T) {
	t.Parallel()
	p := withStandIn(t, 60, 3)
	const lost = 8 // fewer than make the program stop asking
	p.wx.SetFault(sendAPI, standin.Fault{Kind: standin.FaultResetAfter, Skip: 20, Times: lost})
	p.wx.PausePush(testAppID)
	p.up()
	id := p.announce()
	p.arrived(p.members)
	p.quiet(id)
	p.eventually("the doubts are written down", 20*time.Second, func() bool { return p.push(id).number("counts", "in_doubt") == lost })
	if got := p.push(id); got.text("state") != "sending" || got.number("counts", "sent") != p.members-lost {
		t.Errorf("with doubts open: %v", got)
	}
	inDoubt := 0
	for _, b := range p.books() {
		inDoubt += b.inDoubt
	}
	if inDoubt != lost {
		t.Errorf("%d grants are in doubt, %d messages", inDoubt, lost)
	}
	p.wx.ResumePush(testAppID)
	p.eventually("the events settle it", 30*time.Second, func() bool { return p.push(id).text("state") == "done" })
	if twice := p.accounts(id, 0); twice != 0 || p.inState(id, "sent") != p.members {
		t.Errorf("%d told twice, %d sent", twice, p.inState(id, "sent"))
	}
}

// TestFaultKilledBeforeEvents kills the program while messages are under way whose events then reach the next start: it believes them before it
// believes the ended lease, so that nobody is told twice.
func TestFaultKilledBeforeEvents(t *testing.T) {
	t.Parallel()
	if !plain() {
		return
	}
	p := withStandIn(t, 60, 3)
	p.wx.PausePush(testAppID)
	release := p.wx.Hold(sendAPI)
	p.up()
	id := p.announce()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := p.wx.WaitHolding(ctx, sendAPI, 20); err != nil {
		t.Fatal(err)
	}
	p.kill()
	release() // the messages go out, and nobody hears the answers
	p.arrived(20)
	p.up() // the lease has not ended yet
	p.wx.ResumePush(testAppID)
	if err := p.wx.WaitPushes(ctx, testAppID); err != nil {
		t.Fatal(err)
	}
	p.terminate()
	p.later(passes)
	p.up()
	p.quiet(id)
	p.terminate()
	p.later(passes) // what stood ready was marked as begun, and has no event
	p.up()
	p.arrived(p.members)
	p.eventually("the push is done", 30*time.Second, func() bool { return p.push(id).text("state") == "done" })
	if twice := p.accounts(id, 20); twice != 0 || p.inState(id, "sent") != p.members {
		t.Errorf("%d told twice, %d sent", twice, p.inState(id, "sent"))
	}
}

// TestFaultDailyLimit: 45009 in mid-run parks the rest until tomorrow and tells the office; tomorrow all of it goes out.
func TestFaultDailyLimit(t *testing.T) {
	t.Parallel()
	p := withStandIn(t, 90, 1)
	p.employ()
	p.wx.SetFault(sendAPI, standin.Fault{Kind: standin.FaultCode, Code: 45009, Skip: 30})
	p.up()
	staff := p.visit(openIDOf(0)).text("access_token")
	id := p.announce()
	p.arrived(30)
	p.eventually("the rest is parked", time.Minute, func() bool {
		got := p.push(id)
		return got.number("counts", "queued") == 0 && got.number("counts", "deferred") == 60
	})
	if n := p.struck(standin.FaultCode); n > 2*20 {
		t.Errorf("WeChat refused %d, twice what can be under way", n)
	}
	for _, d := range p.must(200, "GET", "/pushes/"+id+"/deliveries?state=deferred&limit=100", p.token, nil).list("items") {
		if !strings.Contains(d.text("deferred_reason"), "额度") || !strings.HasPrefix(d.text("not_before"), "2026-11-25T") {
			p.fault("parked: %v", d)
		}
	}
	p.eventually("the office is told", 20*time.Second, func() bool {
		for _, n := range p.inbox(staff) {
			if strings.Contains(n.text("title")+n.text("body"), "额度") {
				return true
			}
		}
		return false
	})
	refused := p.struck(standin.FaultCode)
	p.terminate()
	p.up() // the next start has no quota either
	if n := p.struck(standin.FaultCode); n != refused {
		t.Errorf("started again on the same day, it asked WeChat %d times more", n-refused)
	}
	p.terminate()
	p.wx.ClearFaults()
	p.clockAt("2026-11-25T18:40:00+08:00")
	p.up()
	p.signIn()
	p.done(id)
	if twice := p.accounts(id, 0); twice != 0 || p.inState(id, "sent") != p.members {
		t.Errorf("%d told twice, %d sent", twice, p.inState(id, "sent"))
	}
}

// TestFaultToken: the token dies twice in mid-run, once so that WeChat goes on handing it out; it is renewed without a storm, and nothing is lost.
func TestFaultToken(t *testing.T) {
	t.Parallel()
	p := withStandIn(t, 150, 1)
	p.up()
	id := p.announce()
	p.arrived(30)
	p.wx.RevokeTokens(testAppID)
	p.arrived(80)
	p.wx.RevokeTokensStuck(testAppID)
	p.done(id)
	if twice := p.accounts(id, 0); twice != 0 || p.inState(id, "sent") != p.members {
		t.Errorf("%d told twice, %d sent", twice, p.inState(id, "sent"))
	}
	if n := len(p.wx.CallsTo("/cgi-bin/stable_token")); n > 12 {
		t.Errorf("%d tokens were asked for", n)
	}
}

// TestFaultTemplateBanned bans one template in mid-run: who had not got its message is left with the inbox and named with the reason, no grant is
// used up by it, and a push by another template goes on as if nothing had happened.
func TestFaultTemplateBanned(t *testing.T) {
	t.Parallel()
	p := withStandIn(t, 90, 1)
	p.other(studyTemplate)
	p.up()
	id := p.announce()
	p.arrived(30)
	p.wx.BanTemplate(announcementTemplate, true)
	body := p.announcement()
	body["kind"], body["title"] = "study", "三分钟学习要点"
	study := p.must(201, "POST", "/pushes", p.token, body).text("id")
	for _, one := range []string{id, study} {
		p.eventually("done", time.Minute, func() bool { return p.push(one).text("state") == "done" })
	}
	if n := p.push(study).number("counts", "sent"); n != p.members {
		t.Errorf("by the other template %d were told", n)
	}
	books := p.books()
	for openID, d := range p.rows(id) {
		b := books[openID]
		switch rang := p.rang(openID, faultTitle); {
		case rang == 1 && d.state == "sent" && b.spent == 1:
		case rang == 0 && d.state == "inbox_only" && b.available == 1:
		default:
			p.fault("%s rang %d times: %+v %+v", openID, rang, d, b)
		}
	}
	for _, d := range p.must(200, "GET", "/pushes/"+id+"/deliveries?state=inbox_only&limit=100", p.token, nil).list("items") {
		if !strings.Contains(d.text("reason"), "模板") {
			p.fault("without a reason: %v", d)
		}
	}
	banned := 0
	for _, call := range p.wx.CallsTo(sendAPI) {
		switch call.ErrCode {
		case 43107:
			banned++
		case 43108:
			p.fault("two messages at once to %s", call.OpenID)
		}
	}
	if banned > 2*20 {
		t.Errorf("the banned template was tried %d times", banned)
	}
}

// other books grants of another template too.
func (p *plant) other(template string) {
	p.t.Helper()
	p.write(func(ctx context.Context, tx *store.Store, now time.Time) error {
		openIDs := make([]string, p.members)
		for i := range openIDs {
			openIDs[i] = openIDOf(i)
		}
		return p.subscribe(ctx, tx, template, openIDs, now)
	})
}

// employ makes the first member one of the committee's office.
func (p *plant) employ() {
	p.t.Helper()
	p.write(func(ctx context.Context, tx *store.Store, now time.Time) error {
		root, err := tx.RootOrg(ctx)
		if err != nil {
			return err
		}
		first, err := tx.IdentityByOpenID(ctx, openIDOf(0))
		if err != nil {
			return err
		}
		return tx.SetGrants(ctx, *first.MemberID, root, []model.Role{model.RoleStaff}, now)
	})
}

// TestFaultWechatSlow: WeChat takes ten seconds over everything. No more calls are under way than the settings allow, the rest of the program does
// not notice, and when it is well again everybody is told.
func TestFaultWechatSlow(t *testing.T) {
	t.Parallel()
	if !plain() {
		return
	}
	p := newPlant(t, nil, 180, 3, 10*time.Second)
	p.up()
	id := p.announce()
	p.ear.until(t, "all slots are taken", func() bool { return p.ear.inFlight == inFlight })
	for range 20 {
		began := time.Now()
		p.push(id)
		if took := time.Since(began); took > time.Second {
			t.Errorf("meanwhile the program takes %s to answer", took)
		}
	}
	p.eventually("the calls are given up", 30*time.Second, func() bool { return p.push(id).number("counts", "in_doubt") >= inFlight })
	p.ear.be(20 * time.Millisecond)
	p.eventually("the rest goes out by itself", time.Minute, func() bool { return p.push(id).number("counts", "queued") == 0 })
	p.terminate()
	p.later(passes)
	p.up()
	p.done(id)
	p.accounts(id, 2*inFlight)
	if p.ear.most > inFlight {
		t.Errorf("%d calls were under way, %d are allowed", p.ear.most, inFlight)
	}
}

// be changes how long a send takes.
func (e *ear) be(takes time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.takes = takes
}

// TestFaultWechatDown: nothing listens where WeChat was. What was refused has surely not been sent and is in no doubt, nobody keeps knocking, and
// once WeChat is back everything goes out by itself.
func TestFaultWechatDown(t *testing.T) {
	t.Parallel()
	p := newPlant(t, nil, 300, 3, 50*time.Millisecond)
	between := newProxy(t, strings.TrimPrefix(p.ear.url, "http://"))
	p.env["WECHAT_BASE_URL"] = "http://" + between.addr
	p.up()
	id := p.announce()
	p.ear.reach(t, p.members/3)
	between.cut()
	p.ear.until(t, "no call is under way", func() bool { return p.ear.inFlight == 0 })
	p.eventually("that it is down is written down", time.Minute, func() bool {
		n := 0
		for _, d := range p.rows(id) {
			if d.state == "queued" && d.attempts > 0 || d.state == "in_doubt" {
				n++
			}
		}
		return n >= 10
	})
	sent := p.ear.sent()
	between.mend()
	p.ear.reach(t, sent+1)
	p.eventually("the rest goes out by itself", 2*time.Minute, func() bool { return p.push(id).number("counts", "queued") == 0 })
	p.done(id)
	p.accounts(id, inFlight)
	for openID, d := range p.rows(id) {
		if d.attempts > 12 {
			p.fault("%s was tried %d times", openID, d.attempts)
		}
	}
}
