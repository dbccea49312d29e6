package standin

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestFaults(t *testing.T) {
	for name, c := range map[string]struct {
		fault     Fault
		processed bool
		code      int64 // of the answer; -2 for no answer, -3 for one that is not JSON
		text      string
	}{
		"busy":         {Fault{Kind: FaultBusy}, false, -1, "system error"},
		"busy after":   {Fault{Kind: FaultBusyAfter}, true, -1, "system error"},
		"45009":        {Fault{Kind: FaultCode, Code: 45009}, false, 45009, "reach max api daily quota limit"},
		"own text":     {Fault{Kind: FaultCode, Code: 50002, Message: "user limited"}, false, 50002, "user limited"},
		"502":          {Fault{Kind: FaultHTTP}, false, -3, ""},
		"reset before": {Fault{Kind: FaultResetBefore}, false, -2, ""},
		"reset after":  {Fault{Kind: FaultResetAfter}, true, -2, ""},
		"truncated":    {Fault{Kind: FaultTruncate}, true, -3, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := openWorld(t)
			w.grant(alice, meeting, 3)
			path := w.as(mini, sendAPI)
			in, _ := json.Marshal(map[string]any{"touser": alice, "template_id": meeting, "data": map[string]any{"thing1": map[string]string{"value": "大会"}, "time2": map[string]string{"value": "19:30"}}})
			c.fault.Times = 1
			w.SetFault(sendAPI, c.fault)
			res, raw, err := w.do("POST", path, string(in))
			switch c.code {
			case -2:
				if err == nil || !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) {
					t.Errorf("%v %s", err, raw)
				}
			case -3:
				if err != nil || json.Valid(raw) {
					t.Errorf("%v %s", err, raw)
				}
				if c.fault.Kind == FaultHTTP && (res.StatusCode != 502 || !strings.Contains(string(raw), "<html>")) {
					t.Errorf("%d %s", res.StatusCode, raw)
				}
			default:
				if err != nil || res.StatusCode != 200 {
					t.Fatal(res, err)
				}
				w.want(decodeBody(t, raw), c.code, c.text)
			}
			want := 3
			if c.processed {
				want = 2
			}
			if got := w.Granted(alice, meeting); got != want || len(w.Sent(alice)) != 3-want {
				t.Errorf("%d grants left, %d sent", got, len(w.Sent(alice)))
			}
			calls := w.CallsTo(sendAPI)
			if len(calls) != 1 || calls[0].Fault != c.fault.Kind || calls[0].Parsed["touser"] != alice || c.code == -2 && calls[0].Status != 0 {
				t.Errorf("%+v", calls)
			}
			_, raw, err = w.do("POST", path, string(in))
			if err != nil {
				t.Fatal(err)
			}
			w.want(decodeBody(t, raw), 0, "ok") // Times: 1 is spent
		})
	}
}

func TestBusyBeforeKeepsTheCode(t *testing.T) {
	w := openWorld(t)
	code := w.MintCode(mini, alice)
	w.SetFault("/sns/jscode2session", Fault{Kind: FaultBusy, Times: 1}, Fault{Kind: FaultBusyAfter, Skip: 1, Times: 1})
	w.want(w.get(login(mini, miniSecret, code)), -1, "system error")
	w.want(w.get(login(mini, miniSecret, code)), -1, "system error")
	w.want(w.get(login(mini, miniSecret, code)), 40163, "code been used, rid: ")
	w.SetFault("*", Fault{Kind: FaultBusy})
	w.want(w.get(plainPath), -1, "system error")
	w.ClearFaults()
	if b := w.get(plainPath); b.code() != 0 {
		t.Error(b)
	}
}

func TestProbabilityIsSeeded(t *testing.T) {
	draw := func(seed int64) (int, string) {
		w := openWorld(t, func(o *Options) { o.Seed = seed })
		w.SetFault("/cgi-bin/token", Fault{Kind: FaultBusy, Probability: 0.3})
		var pattern strings.Builder
		n := 0
		for range 200 {
			if w.get(plainPath).code() == -1 {
				n++
				pattern.WriteByte('x')
			} else {
				pattern.WriteByte('.')
			}
		}
		return n, pattern.String()
	}
	n, one := draw(7)
	_, two := draw(7)
	if n < 35 || n > 85 || one != two {
		t.Errorf("%d of 200\n%s\n%s", n, one, two)
	}
}

func TestLatencyStandsOnTheTimers(t *testing.T) {
	w := openWorld(t, func(o *Options) { o.LatencyMin, o.LatencyMax = 50*time.Millisecond, 50*time.Millisecond })
	w.SetFault("/cgi-bin/token", Fault{Kind: FaultLatency, Latency: time.Second})
	done := make(chan body, 1)
	go func() { done <- w.get(plainPath) }()
	if err := w.timers.WaitPending(w.ctx, 1050*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	w.timers.Advance(1049 * time.Millisecond)
	select {
	case <-done:
		t.Fatal("answered too early")
	default:
	}
	w.timers.Advance(time.Millisecond)
	if b := <-done; b.code() != 0 || b.text("access_token") == "" {
		t.Error(b)
	}
}

func TestHangAfterProcessesAndStaysSilent(t *testing.T) {
	w := openWorld(t)
	w.grant(alice, meeting, 1)
	w.SetFault(sendAPI, Fault{Kind: FaultHangAfter, Times: 1})
	path := strings.TrimPrefix(w.as(mini, sendAPI), "/")
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	in := `{"touser":"oAlice","template_id":"tpl-meeting","data":{"thing1":{"value":"大会"},"time2":{"value":"19:30"}}}`
	if _, err := io.WriteString(conn, "POST /"+path+" HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: "+decimal(int64(len(in)))+"\r\n\r\n"+in); err != nil {
		t.Fatal(err)
	}
	sent, err := w.WaitSent(w.ctx, alice, 1)
	if err != nil || len(sent) != 1 {
		t.Fatal(sent, err)
	}
	_ = conn.Close()
	w.want(w.send(alice, nil), 43101, "user refuse to accept the msg rid: ")
}

func TestSlowTail(t *testing.T) {
	s := New(Options{Clock: (&hands{}).clock, Seed: 1, LatencyMin: 50 * time.Millisecond, LatencyMax: 400 * time.Millisecond})
	slow := 0
	for range 1000 {
		d := s.drawLatency()
		if d < 50*time.Millisecond || d > 400*time.Millisecond {
			t.Fatal(d)
		}
		if d > 170*time.Millisecond {
			slow++
		}
	}
	if slow == 0 || slow > 150 {
		t.Errorf("%d slow calls of 1000", slow)
	}
}

func TestJournalIsBoundedAndSilentAboutSecrets(t *testing.T) {
	var log bytes.Buffer
	w := openWorld(t, func(o *Options) {
		o.JournalSize = 10
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	for range 30 {
		w.get("/cgi-bin/token?grant_type=client_credential&appid=" + mini + "&secret=wrong")
	}
	calls := w.Journal()
	if len(calls) < 10 || len(calls) > 11 || calls[len(calls)-1].Seq != 30 || calls[0].ErrCode != 40125 || calls[0].At.IsZero() || calls[0].IP != "127.0.0.1" {
		t.Errorf("%d %+v", len(calls), calls[0])
	}
	if len(w.rids) > 10 {
		t.Errorf("%d rids", len(w.rids))
	}
	if strings.Contains(log.String(), "wrong") || !strings.Contains(log.String(), "40125") {
		t.Error(log.String())
	}
}
