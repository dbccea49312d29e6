package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/wechat/standin"
)

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
	body := p.announcement("三分钟学习要点")
	body["kind"] = "study"
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
	if most := p.ear.busiest(); most > inFlight {
		t.Errorf("%d calls were under way, %d are allowed", most, inFlight)
	}
	p.eventually("the calls are given up", 30*time.Second, func() bool { return p.push(id).number("counts", "in_doubt") >= inFlight })
	p.ear.until(t, "nobody keeps asking who gets no answer", func() bool { return p.ear.inFlight <= 1 })
	p.ear.be(20 * time.Millisecond)
	p.eventually("the rest goes out by itself", time.Minute, func() bool { return p.push(id).number("counts", "queued") == 0 })
	p.terminate()
	p.later(passes)
	p.up()
	p.done(id)
	p.accounts(id, 3*inFlight) // on a busy machine a third round begins before WeChat is well again
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
