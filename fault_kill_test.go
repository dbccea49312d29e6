package main

import (
	"testing"
	"time"
)

// inFlight is how many calls may be under way, as newPlant sets it. As many again may be marked as begun: they stand ready, or their answers have
// come and are being written down. After a kill nobody knows which is which, so that all of them are in doubt and may be told twice.
const inFlight = 50

// TestFaultKill kills the program at random moments of a push, over and over: in the end everybody has it, nobody twice but those who were under
// way at a kill and whom the ledger names.
func TestFaultKill(t *testing.T) {
	onEach(t, func(t *testing.T, env map[string]string) {
		members, kills := sized(1500, 200, 10000), sized(4, 2, 15)
		p := newPlant(t, env, members, 3, 30*time.Millisecond)
		p.up()
		id := p.announce()
		at, most := 0, members*4/5 // what was under way at a kill comes back only when doubts are tried again
		for left := kills; left > 0; left-- {
			p.ear.reach(t, at) // the first time before anything has gone out, while the audience is still being written down
			p.kill()
			p.later(passes)
			p.up()
			at += 1 + p.random.IntN(1+2*(most-at)/(left+1))
		}
		p.done(id)
		twice := p.accounts(id, 2*kills*inFlight)
		t.Logf("%d of %d were told twice after %d kills", twice, members, kills)
	})
}

// TestFaultKilledMidCall kills the program while every call is under way, four times: who is in doubt is tried once more and not again,
// though that try is killed too.
func TestFaultKilledMidCall(t *testing.T) {
	onEach(t, func(t *testing.T, env map[string]string) {
		p := newPlant(t, env, 3*inFlight, 3, 0) // under way, standing ready, and claimed: every other start comes to the retries
		release := p.ear.hold()
		p.up()
		id := p.announce()
		for kills, starts := 0, 1; kills < 4; starts++ {
			full := false
			p.eventually("all slots are taken, or doubts keep all waiting for an hour that this start does not see", time.Minute, func() bool {
				full = p.ear.full()
				return full || p.busy(id) == 0
			})
			if full {
				kills++
			}
			if starts > 8 {
				t.Fatalf("of %d starts %d took all slots", starts, kills)
			}
			p.kill()
			p.ear.until(t, "all have hung up", func() bool { return p.ear.inFlight == 0 })
			p.later(passes)
			p.up()
		}
		release()
		p.done(id)
		p.accounts(id, p.members)
		for openID, d := range p.rows(id) {
			if d.attempts > 2 {
				p.fault("%s was tried %d times: %+v", openID, d.attempts, d)
			}
		}
	})
}

// full reports whether every call that may be under way stands at the gate.
func (e *ear) full() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.standing == inFlight
}

// TestFaultTerm ends the program in the middle of a push as a new version does: calls under way are written down, what was claimed is handed
// back, and the next start goes on at once, at the same hour.
func TestFaultTerm(t *testing.T) {
	onEach(t, func(t *testing.T, env map[string]string) {
		p := newPlant(t, env, sized(800, 200, 5000), 1, 100*time.Millisecond)
		p.up()
		id := p.announce()
		for _, at := range []int{0, p.members / 4, p.members / 2} {
			p.ear.reach(t, at)
			p.terminate()
			sent := 0
			for openID, d := range p.rows(id) {
				switch {
				case d.owner != "" || d.state == "sending" || d.state == "in_doubt" || d.holds != "" && d.state != "queued":
					p.fault("%s was left: %+v", openID, d)
				case (d.state == "sent") != (p.ear.rang(openID, faultTitle) == 1):
					p.fault("%s rang %d times: %+v", openID, p.ear.rang(openID, faultTitle), d)
				case d.state == "sent":
					sent++
				}
			}
			if sent != p.ear.sent() {
				t.Errorf("%d went out, %d are written down", p.ear.sent(), sent)
			}
			p.up()
		}
		p.quiet(id)
		if twice := p.accounts(id, 0); twice != 0 {
			t.Errorf("%d were told twice", twice)
		}
	})
}

// TestFaultTermWhileWechatHangs: calls that get no answer do not keep the program from ending in time, and what they were about is in doubt.
func TestFaultTermWhileWechatHangs(t *testing.T) {
	t.Parallel()
	p := newPlant(t, nil, 120, 3, 0)
	release := p.ear.hold()
	p.up()
	id := p.announce()
	p.ear.until(t, "all slots are taken", func() bool { return p.ear.standing == inFlight })
	p.terminate()
	doubts := 0
	for openID, d := range p.rows(id) {
		switch {
		case d.owner != "" || d.state == "sending":
			p.fault("%s was left: %+v", openID, d)
		case d.state == "in_doubt":
			doubts++
		}
	}
	if doubts != inFlight {
		t.Errorf("%d in doubt, %d were under way", doubts, inFlight)
	}
	release()
	p.later(passes)
	p.up()
	p.done(id)
	p.accounts(id, inFlight)
}

// TestFaultClock starts the program with a clock that has jumped: nothing is sent twice, and nothing is lost, though it may wait until the clock
// is where it was.
func TestFaultClock(t *testing.T) {
	onEach(t, func(t *testing.T, env map[string]string) {
		p := newPlant(t, env, sized(300, 100, 3000), 3, 30*time.Millisecond)
		p.up()
		id := p.announce()
		doubtful := 0
		for i, jump := range []time.Duration{-time.Hour, 2 * time.Hour, -time.Hour, time.Hour} {
			if i%2 == 0 {
				p.terminate()
			} else {
				p.kill()
				doubtful += 2 * inFlight
			}
			p.later(jump)
			p.up()
			p.signIn() // to the program the office may have been away for hours, and a session left alone has ended
			p.push(id)
			if jump > 0 {
				p.quiet(id)
			}
		}
		p.done(id)
		p.accounts(id, doubtful)
	})
}
