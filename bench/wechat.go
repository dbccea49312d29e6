package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"
)

// wechatDelay is how long the fake WeChat takes to answer a send, as the goals have it.
const wechatDelay = 50 * time.Millisecond

// templateID is the one subscription template of the benchmarks.
const templateID = "bench-announcement-template"

// fake stands in for WeChat's servers: it answers each send exactly so long after its arrival, and remembers when each came and for whom.
type fake struct {
	delay time.Duration

	mu       sync.Mutex
	arrivals []time.Time
	asked    map[string]int // by openid
	inFlight int
	most     int           // in flight at once
	held     time.Duration // all sends together
}

// serveWechat is the process of the fake.
func serveWechat(args []string) error {
	flags := flag.NewFlagSet("wechat", flag.ContinueOnError)
	port := flags.Int("port", 0, "")
	delay := flags.Duration("delay", wechatDelay, "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	f := &fake{delay: *delay, asked: map[string]int{}}
	return http.ListenAndServe(fmt.Sprintf("127.0.0.1:%d", *port), f)
}

// ServeHTTP answers as WeChat does, and under /bench what the harness asks.
func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/cgi-bin/message/subscribe/send":
		f.send(w, r)
	case "/cgi-bin/stable_token":
		answer(w, `{"access_token":"bench-token","expires_in":7200}`)
	case "/wxa/msg_sec_check":
		answer(w, `{"errcode":0,"errmsg":"ok","result":{"suggest":"pass","label":100},"trace_id":"bench"}`)
	case "/sns/jscode2session":
		answer(w, `{"openid":"`+r.URL.Query().Get("js_code")+`","session_key":"YmVuY2g="}`) // the benchmarks' codes are the openids themselves
	case "/wxaapi/newtmpl/gettemplate":
		answer(w, `{"errcode":0,"errmsg":"ok","data":[{"priTmplId":"`+templateID+`","title":"通知","type":2,`+
			`"content":"标题:{{thing1.DATA}}\n发布单位:{{thing2.DATA}}\n时间:{{time3.DATA}}\n备注:{{thing4.DATA}}\n"}]}`)
	case "/bench/reset":
		f.mu.Lock()
		f.arrivals, f.asked, f.most, f.held = nil, map[string]int{}, 0, 0
		f.mu.Unlock()
	case "/bench/traffic":
		f.mu.Lock()
		defer f.mu.Unlock()
		_ = json.NewEncoder(w).Encode(f.traffic()) // the harness asks again
	default:
		answer(w, `{"errcode":0,"errmsg":"ok"}`)
	}
}

// send answers when its time has come, by a timer: a goroutine that waits costs nothing.
func (f *fake) send(w http.ResponseWriter, r *http.Request) {
	arrived := time.Now()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	f.mu.Lock()
	f.arrivals = append(f.arrivals, arrived)
	f.asked[openIDIn(body)]++
	n := len(f.arrivals)
	f.inFlight++
	f.most = max(f.most, f.inFlight)
	f.mu.Unlock()
	time.Sleep(f.delay - time.Since(arrived))
	f.mu.Lock()
	f.inFlight--
	f.held += time.Since(arrived)
	f.mu.Unlock()
	answer(w, `{"errcode":0,"errmsg":"ok","msgid":`+strconv.Itoa(1_000_000_000+n)+`}`)
}

func answer(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = io.WriteString(w, body) // who has gone away asks no more
}

// openIDIn finds the recipient without reading the whole JSON.
func openIDIn(body []byte) string {
	_, rest, _ := bytes.Cut(body, []byte(`"touser":"`))
	id, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(id)
}

// traffic is what came in since the last reset.
type traffic struct {
	Sends   int     `json:"sends"`
	Persons int     `json:"persons"`
	Most    int     `json:"most_in_flight"`
	Held    float64 `json:"mean_answer_ms"`
	Span    float64 `json:"seconds"`    // from the first to the last
	Rate    float64 `json:"per_second"` // without the first and the last second
}

// traffic sums up. The first and the last second are not counted, since starting and ending are not the rate; of a short run a tenth at each end.
func (f *fake) traffic() traffic {
	t := traffic{Sends: len(f.arrivals), Persons: len(f.asked), Most: f.most}
	if len(f.arrivals) < 2 {
		return t
	}
	slices.SortFunc(f.arrivals, time.Time.Compare)
	first, last := f.arrivals[0], f.arrivals[len(f.arrivals)-1]
	trim := time.Second
	if last.Sub(first) < 3*trim {
		trim = last.Sub(first) / 10
	}
	from, to := first.Add(trim), last.Add(-trim)
	inside := 0
	for _, a := range f.arrivals {
		if !a.Before(from) && a.Before(to) {
			inside++
		}
	}
	t.Held = float64(f.held.Microseconds()) / 1000 / float64(t.Sends)
	t.Span = last.Sub(first).Seconds()
	t.Rate = float64(inside) / to.Sub(from).Seconds()
	return t
}

// wechat is the harness's end of the fake.
type wechat struct{ url string }

// startWechat starts the fake on the cores of the load.
func (h *house) startWechat(ctx context.Context) (*wechat, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := h.launch("wechat", h.cores.load, os.Environ(), self, "part-wechat", "-port", strconv.Itoa(port))
	if err != nil {
		return nil, err
	}
	w := &wechat{url: fmt.Sprintf("http://127.0.0.1:%d", port)}
	return w, p.await(ctx, func() bool { return answers(w.url + "/bench/traffic") })
}

func (w *wechat) reset() error {
	res, err := http.Post(w.url+"/bench/reset", "", nil)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

func (w *wechat) traffic() (t traffic, err error) {
	res, err := http.Get(w.url + "/bench/traffic")
	if err != nil {
		return t, err
	}
	defer func() { _ = res.Body.Close() }()
	return t, json.NewDecoder(res.Body).Decode(&t)
}
