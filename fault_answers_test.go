package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"zhibu/demo"
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
