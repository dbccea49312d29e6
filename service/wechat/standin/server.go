// Package standin simulates WeChat's servers: the login, token, subscribe-message, content-check and
// message-push endpoints with the limits, error texts and odd shapes of the real ones, one HTTP server
// for tests, for the demonstration and for developers of clients. It knows nothing of the program that
// calls it, so that a mistake made there cannot be repeated here.
package standin

import (
	"context"
	crand "crypto/rand"
	"encoding/binary"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"zhibu/model"
)

// Options say how the simulated WeChat behaves. Only Clock is required.
type Options struct {
	// Clock tells every window: codes, tokens, minutes, days, visits.
	Clock model.Clock
	// Timers runs what happens later: latency, redelivery, the media verdict. Nil uses real timers.
	Timers Timers
	// Seed makes ids and random faults repeat; 0 draws one, so that a restarted demonstration never reuses an id.
	Seed int64
	// Log receives one line per refused call and per push given up; nil is silent.
	Log *slog.Logger
	// LatencyMin and LatencyMax bound the random time each WeChat call takes; both 0 is none.
	LatencyMin, LatencyMax time.Duration
	// PushTimeout is how long a callback may take before it is delivered again; 0 is WeChat's 5 s.
	PushTimeout time.Duration
	// MediaDelay is the time between media_check_async and its push; negative is never.
	MediaDelay time.Duration
	// Words is the content check's word list; nil is DefaultWords().
	Words []Word
	// Sensitive are the words for which a subscribe message is refused with 45168.
	Sensitive []string
	// People are the users the page and the control endpoints offer.
	People []Person
	// Quirks choose among the shapes in which WeChat has been seen to answer.
	Quirks Quirks
	// FollowerPage is how many openids a page of user/get holds; 0 is WeChat's 10,000.
	FollowerPage int
	// JournalSize is how many calls the journal keeps; 0 is 10,000.
	JournalSize int
}

// Quirks choose between what the documentation says and what has been seen in reality.
type Quirks struct {
	NumericCountryCode bool `json:"numeric_country_code"`  // getuserphonenumber sends 86, not "86"
	StringCreateTime   bool `json:"string_create_time"`    // events carry CreateTime as a string, as documented
	NumericMsgID       bool `json:"numeric_msgid"`         // sent events carry MsgID as a number
	StringLabel        bool `json:"string_label"`          // wxa_media_check carries label as a string, without errcode
	SpacedOpenID       bool `json:"spaced_openid"`         // user_* events carry the key " OpenID"
	FreshNonceOnRetry  bool `json:"fresh_nonce_on_retry"`  // redelivery is signed anew; the body stays the same
	ChangeWithPopupTag bool `json:"change_with_popup_tag"` // XML change events reuse the wrapper SubscribeMsgPopupEvent
	OldEmptySpelling   bool `json:"old_empty_spelling"`    // 47003 says "is emtpy", as it did in 2020
	SnapshotUser       bool `json:"snapshot_user"`         // web pages are opened as snapshots, by a user who is none
	UnionIDLate        bool `json:"unionid_late"`          // a web sign-in tells the unionid by userinfo alone
}

// Server is the simulated WeChat. It implements http.Handler, and Start gives it a listener of its own.
type Server struct {
	opt     Options
	log     *slog.Logger
	timers  Timers
	client  *http.Client
	routes  map[string]route
	control http.Handler

	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	random   *rand.Rand
	serial   int64
	changed  chan struct{}
	listener net.Listener
	http     *http.Server

	apps     map[string]*app
	order    []string
	people   []Person
	users    map[string]*user
	codes    map[string]*loginCode
	phones   map[string]*phoneCode
	webCodes map[string]*webCode
	// webTokens open what a web page may ask about its own user.
	webTokens map[string]*webToken
	tokens    map[string]*token
	ledger    map[grantKey]*grant
	sending   map[string]bool
	banned    map[string]bool
	sent      map[string][]SentMessage
	clientID  map[string]clientSend
	jobs      map[string]string // openid → how its template messages end
	words     []Word
	media     map[string]bool
	verdicts  []mediaVerdict
	box       *draftBox
	usage     map[string]tally
	limits    map[string]int
	rids      map[string]ridEntry
	ridOrder  []string
	faults    map[string][]*armed
	gates     map[string]*gate
	holding   map[string]int
	journal   []Call
	seq       int64
	events    []*PushEvent
	queues    map[string]*pushQueue
	quirks    Quirks
}

// New makes a simulated WeChat without apps; AddApp adds them. It panics without a clock, which is a mistake of the program.
func New(o Options) *Server {
	if o.Clock == nil {
		panic("standin: Options.Clock is required")
	}
	seed := uint64(o.Seed)
	if seed == 0 {
		var b [8]byte
		_, _ = crand.Read(b[:]) // never fails since Go 1.24
		seed = binary.BigEndian.Uint64(b[:])
	}
	if o.PushTimeout <= 0 {
		o.PushTimeout = 5 * time.Second
	}
	if o.FollowerPage <= 0 {
		o.FollowerPage = followersPerPage
	}
	if o.JournalSize <= 0 {
		o.JournalSize = 10000
	}
	if o.Words == nil {
		o.Words = DefaultWords()
	}
	s := &Server{
		opt: o, log: o.Log, timers: o.Timers, random: rand.New(rand.NewPCG(seed, 0x77656978696e)),
		client:  &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2}, CheckRedirect: noRedirect},
		changed: make(chan struct{}), apps: map[string]*app{}, users: map[string]*user{}, codes: map[string]*loginCode{},
		phones: map[string]*phoneCode{}, webCodes: map[string]*webCode{}, webTokens: map[string]*webToken{}, tokens: map[string]*token{}, ledger: map[grantKey]*grant{}, sending: map[string]bool{},
		banned: map[string]bool{}, clientID: map[string]clientSend{}, jobs: map[string]string{}, sent: map[string][]SentMessage{}, words: o.Words, media: map[string]bool{},
		usage: map[string]tally{}, limits: map[string]int{}, rids: map[string]ridEntry{}, faults: map[string][]*armed{},
		gates: map[string]*gate{}, holding: map[string]int{}, queues: map[string]*pushQueue{}, quirks: o.Quirks,
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.timers == nil {
		s.timers = realTimers{}
	}
	// msgids start above 2^53 and grow with the clock, so that they neither fit a float nor repeat after a restart.
	s.serial = 294402298110051942 + (o.Clock().UnixMilli()-1_700_000_000_000)*1000
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.routes = s.table()
	s.addDraftRoutes()
	s.control = s.controlRoutes()
	return s
}

func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// ServeHTTP answers WeChat's endpoints and, under /standin/, the control endpoints and the page.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/standin/") || r.URL.Path == "/standin" || r.URL.Path == "/connect/oauth2/authorize" {
		s.control.ServeHTTP(w, r)
		return
	}
	s.serveAPI(w, r)
}

// Start listens on addr, which must be a loopback address: whoever reaches this server can be anybody.
func (s *Server) Start(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return model.BadField("addr", "invalid", "微信替身的监听地址不正确，应形如 127.0.0.1:0。").Because(err)
	}
	if !loopback(host) {
		return model.BadField("addr", "not_loopback", "微信替身只能监听本机回环地址（127.0.0.1、::1 或 localhost）。")
	}
	var lc net.ListenConfig
	l, err := lc.Listen(s.ctx, "tcp", addr)
	if err != nil {
		return model.Fail(model.CodeUnavailable, "微信替身无法监听该地址，请检查端口是否被占用。").Because(err)
	}
	if tcp, ok := l.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		_ = l.Close()
		return model.BadField("addr", "not_loopback", "微信替身只能监听本机回环地址（127.0.0.1、::1 或 localhost）。")
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return s.ctx }}
	s.mu.Lock()
	if s.closed || s.http != nil {
		s.mu.Unlock()
		_ = l.Close()
		return model.Conflict("微信替身已经启动或已经停止。")
	}
	s.listener, s.http = l, server
	s.work.Add(1)
	s.mu.Unlock()
	go func() {
		defer s.work.Done()
		if err := server.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("stand-in stopped serving", "error", err)
		}
	}()
	return nil
}

// URL is the address Start listens on, such as http://127.0.0.1:41234; empty before Start.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return ""
	}
	return "http://" + s.listener.Addr().String()
}

// Close ends every wait and hold, stops the listener and waits for all goroutines, at most as long as ctx allows.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	server := s.http
	s.mu.Unlock()
	s.cancel()
	var err error
	if server != nil {
		if err = server.Shutdown(ctx); err != nil {
			err = errors.Join(err, server.Close())
		}
	}
	done := make(chan struct{})
	go func() { s.work.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
		return errors.Join(err, ctx.Err())
	}
	s.client.CloseIdleConnections()
	return err
}

// spawn runs f in a goroutine that Close waits for; after Close it does nothing.
func (s *Server) spawn(f func()) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.work.Add(1)
	s.mu.Unlock()
	go func() {
		defer s.work.Done()
		f()
	}()
}

// loopback reports whether a host names this machine alone.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// hex draws n random hexadecimal digits. The caller holds the lock.
func (s *Server) hex(n int) string {
	const digits = "0123456789abcdef"
	b := make([]byte, n)
	for i := range b {
		b[i] = digits[s.random.IntN(len(digits))]
	}
	return string(b)
}

// word draws n characters of the alphabet WeChat uses for codes and tokens. The caller holds the lock.
func (s *Server) word(n int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[s.random.IntN(len(letters))]
	}
	return string(b)
}

// nextID draws the next message id, always one that a client loses when it reads it as a float. The caller holds the lock.
func (s *Server) nextID() int64 {
	s.serial += 1 + s.random.Int64N(97)
	for int64(float64(s.serial)) == s.serial {
		s.serial++
	}
	return s.serial
}

// SetQuirks changes the shapes of later answers and events.
func (s *Server) SetQuirks(q Quirks) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.quirks = q
}
