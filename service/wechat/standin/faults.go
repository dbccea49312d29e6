package standin

import (
	"net/http"
	"time"

	"zhibu/model"
)

// FaultKind names one way in which WeChat, or the road to it, fails.
type FaultKind string

// The kinds of fault. Those named "after" process the call first, so that a message may have been sent.
const (
	FaultBusy        FaultKind = "busy"         // errcode -1, nothing processed
	FaultBusyAfter   FaultKind = "busy_after"   // processed, but answered with -1
	FaultCode        FaultKind = "code"         // errcode Code with Message, nothing processed
	FaultHTTP        FaultKind = "http"         // HTTP status Code (502) with an HTML page
	FaultResetBefore FaultKind = "reset_before" // connection reset, nothing processed
	FaultResetAfter  FaultKind = "reset_after"  // processed, then connection reset
	FaultHangAfter   FaultKind = "hang_after"   // processed, then silent until the caller gives up
	FaultTruncate    FaultKind = "truncate"     // processed, answered with half of the JSON
	FaultLatency     FaultKind = "latency"      // slower by Latency, otherwise healthy
)

// Fault is one planned failure of an endpoint.
type Fault struct {
	Kind        FaultKind
	Code        int           // for FaultCode the errcode, for FaultHTTP the status (502 when 0)
	Message     string        // for FaultCode; empty takes WeChat's text where it is known
	Probability float64       // 0 or 1: always
	Skip        int           // lets so many calls pass first
	Times       int           // strikes so many calls, then is spent; 0 is until cleared
	Latency     time.Duration // added to the call's time, with any kind
}

// armed is a fault with its counters.
type armed struct {
	Fault
	passed, struck int
}

// SetFault replaces the faults of one endpoint, such as "/cgi-bin/stable_token"; "*" is every endpoint. Without faults it heals.
func (s *Server) SetFault(api string, faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.faults, api)
	for _, f := range faults {
		s.faults[api] = append(s.faults[api], &armed{Fault: f})
	}
}

// ClearFaults heals every endpoint.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.faults)
}

// drawFaults picks the faults that strike this call. The caller holds the lock.
func (s *Server) drawFaults(api string) []Fault {
	var out []Fault
	for _, key := range []string{api, "*"} {
		for _, a := range s.faults[key] {
			if a.Times > 0 && a.struck >= a.Times {
				continue
			}
			if a.passed < a.Skip {
				a.passed++
				continue
			}
			if a.Probability > 0 && a.Probability < 1 && s.random.Float64() >= a.Probability {
				continue
			}
			a.struck++
			out = append(out, a.Fault)
		}
	}
	return out
}

// chosen is the first fault that does more than delay; the zero Fault is health.
func chosen(fired []Fault) Fault {
	for _, f := range fired {
		if f.Kind != FaultLatency && f.Kind != "" {
			return f
		}
	}
	return Fault{}
}

// before reports whether the fault strikes before anything is processed.
func (f Fault) before() bool {
	switch f.Kind {
	case FaultBusy, FaultCode, FaultHTTP, FaultResetBefore:
		return true
	}
	return false
}

// reply is the answer of a fault that strikes before processing.
func (f Fault) reply(c *call) reply {
	switch f.Kind {
	case FaultCode:
		msg := f.Message
		if msg == "" {
			msg = knownText(f.Code)
		}
		return c.fail(f.Code, msg)
	case FaultHTTP:
		status := f.Code
		if status == 0 {
			status = http.StatusBadGateway
		}
		page := "<html>\r\n<head><title>" + http.StatusText(status) + "</title></head>\r\n<body>\r\n<center><h1>" +
			http.StatusText(status) + "</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
		return reply{status: status, ctype: "text/html", body: []byte(page)}
	case FaultResetBefore:
		return reply{status: 0}
	}
	return c.fail(-1, "system error")
}

// knownText is WeChat's own text for an errcode that a fault names without one.
func knownText(code int) string {
	switch code {
	case -1:
		return "system error"
	case 40001:
		return invalidCredential
	case 40014:
		return "invalid access_token"
	case 42001:
		return "access_token expired"
	case 43101:
		return "user refuse to accept the msg"
	case 43108:
		return "concurrent sends to one user"
	case 44991:
		return "api minute-frequency limit"
	case 45009:
		return "reach max api daily quota limit"
	case 45011:
		return "api minute-quota reach limit mustslower retry next minute"
	case 48001:
		return "api unauthorized"
	}
	return "error"
}

// drawLatency picks the call's ordinary time: mostly near the lower bound, one in ten anywhere up to the
// upper one, which makes the slow tail real services have. The caller holds the lock.
func (s *Server) drawLatency() time.Duration {
	span := s.opt.LatencyMax - s.opt.LatencyMin
	if span <= 0 {
		return s.opt.LatencyMin
	}
	if s.random.IntN(10) != 0 {
		span /= 3
	}
	return s.opt.LatencyMin + time.Duration(s.random.Int64N(int64(span)+1))
}

// gate holds the calls of one endpoint until a test lets them go.
type gate struct{ open chan struct{} }

// Hold stops every call of an endpoint in the middle of its work until release is called, so that a test can
// make two calls overlap without guessing times. WaitHolding tells when they have arrived.
func (s *Server) Hold(api string) (release func()) {
	g := &gate{open: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.gates[api]; old != nil {
		close(old.open)
	}
	s.gates[api] = g
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.gates[api] == g {
			delete(s.gates, api)
			close(g.open)
		}
	}
}

// waitGate is where a held call stands.
func (s *Server) waitGate(c *call) {
	s.mu.Lock()
	g := s.gates[c.api]
	if g == nil {
		s.mu.Unlock()
		return
	}
	s.holding[c.api]++
	s.notify()
	s.mu.Unlock()
	select {
	case <-g.open:
	case <-s.ctx.Done():
	}
	s.mu.Lock()
	s.holding[c.api]--
	s.notify()
	s.mu.Unlock()
}

func (k FaultKind) valid() bool {
	switch k {
	case FaultBusy, FaultBusyAfter, FaultCode, FaultHTTP, FaultResetBefore, FaultResetAfter, FaultHangAfter, FaultTruncate, FaultLatency:
		return true
	}
	return false
}

// faultBody is a Fault in JSON; latency is in milliseconds.
type faultBody struct {
	Kind        FaultKind `json:"kind"`
	Code        int       `json:"code,omitempty"`
	Message     string    `json:"message,omitempty"`
	Probability float64   `json:"probability,omitempty"`
	Skip        int       `json:"skip,omitempty"`
	Times       int       `json:"times,omitempty"`
	Latency     int       `json:"latency_ms,omitempty"`
}

func (s *Server) doFaults(*http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string][]faultBody{}
	for api, list := range s.faults {
		for _, f := range list {
			all[api] = append(all[api], faultBody{f.Kind, f.Code, f.Message, f.Probability, f.Skip, f.Times, int(f.Latency.Milliseconds())})
		}
	}
	return map[string]any{"faults": all}, nil
}

// doSetFaults replaces the faults of one endpoint; an empty list heals it.
func (s *Server) doSetFaults(r *http.Request) (any, error) {
	var in struct {
		API    string      `json:"api"`
		Faults []faultBody `json:"faults"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	if _, known := s.routes[in.API]; !known && in.API != "*" {
		return nil, model.BadField("api", "invalid", "没有这样的微信接口；所有接口请写 *。")
	}
	var list []Fault
	for _, f := range in.Faults {
		if !f.Kind.valid() {
			return nil, model.BadField("faults", "invalid", "故障种类不正确："+string(f.Kind))
		}
		list = append(list, Fault{f.Kind, f.Code, f.Message, f.Probability, f.Skip, f.Times, time.Duration(f.Latency) * time.Millisecond})
	}
	s.SetFault(in.API, list...)
	return s.doFaults(r)
}
