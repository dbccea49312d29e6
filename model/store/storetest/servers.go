package storetest

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// RequireServers names the variable that turns a missing server from a loud skip into a failure; .ci/run sets it.
const RequireServers = "ZHIBU_REQUIRE_SERVERS"

// startWithin is how long a server may take to say that it is ready.
const startWithin = 60 * time.Second

// programs lists, for each server that Need knows, the programs that must be installed.
var programs = map[string][]string{
	"mariadb": {"mariadbd", "mariadb-install-db"},
	"redis":   {"redis-server"},
}

// house is this test process's servers. It is the one variable of its kind: Main must stop what any test has started, and
// nothing else reaches from the one to the other.
var house = &servers{leftOut: map[string][]string{}}

type servers struct {
	mu      sync.Mutex
	managed bool // Main runs this process
	running []*process
	leftOut map[string][]string // server → the tests that did not run for want of it

	mariaOnce sync.Once
	maria     *mariadb
	mariaErr  error

	templates templates
}

// Main runs a package's tests, then stops every server they started, also when a test has failed, and lists what was left out. Use it as TestMain:
//
//	func TestMain(m *testing.M) { storetest.Main(m) }
//
// The checks in after run when the tests have passed and the servers are gone, for example a search for leaked goroutines.
func Main(m *testing.M, after ...func() error) {
	house.mu.Lock()
	house.managed = true
	house.mu.Unlock()
	code := m.Run()
	house.close()
	for _, check := range after {
		if code != 0 {
			break
		}
		if err := check(); err != nil {
			fmt.Fprintln(os.Stderr, "after the tests:", err)
			code = 1
		}
	}
	house.mu.Lock()
	banner(os.Stderr, house.leftOut)
	house.mu.Unlock()
	os.Exit(code)
}

// Need says that a test cannot run without a server ("mariadb" or "redis"). Where it is not installed the test is skipped, and Main names it in a
// banner at the end; with ZHIBU_REQUIRE_SERVERS=1 it fails.
func Need(tb testing.TB, server string) {
	tb.Helper()
	names, known := programs[server]
	if !known {
		tb.Fatalf("storetest.Need knows no server %q", server)
	}
	house.mu.Lock()
	managed := house.managed
	house.mu.Unlock()
	if !managed {
		tb.Fatal("this package starts servers: give it func TestMain(m *testing.M) { storetest.Main(m) }")
	}
	var missing []string
	for _, name := range names {
		if _, err := program(name); err != nil {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return
	}
	reason := fmt.Sprintf("%s is not installed (%s not found)", server, strings.Join(missing, ", "))
	if os.Getenv(RequireServers) == "1" {
		tb.Fatalf("%s, and %s=1 asks for it", reason, RequireServers)
	}
	house.mu.Lock()
	house.leftOut[server] = append(house.leftOut[server], tb.Name())
	house.mu.Unlock()
	tb.Skipf("LEFT OUT: %s; this test did not run", reason)
}

// banner lists the tests that did not run; it is silent when there are none.
func banner(w io.Writer, leftOut map[string][]string) {
	var names []string
	for server := range leftOut {
		names = append(names, server)
	}
	slices.Sort(names)
	for _, server := range names {
		tests := leftOut[server]
		fmt.Fprintf(w, "\n******** LEFT OUT: %s is not installed, so %d test(s) did NOT run:\n", server, len(tests))
		for _, test := range tests {
			fmt.Fprintf(w, "********   %s\n", test)
		}
		fmt.Fprintf(w, "******** Install it to test everything; %s=1 makes its absence a failure.\n\n", RequireServers)
	}
}

func (s *servers) close() {
	s.mu.Lock()
	running := s.running
	s.running = nil
	maria := s.maria
	s.mu.Unlock()
	if maria != nil {
		_ = maria.admin.Close() // The server is about to be killed: nothing can be lost.
	}
	for _, p := range running {
		p.kill()
	}
}

// keep has Main kill the process at the end, whatever the test does.
func (s *servers) keep(p *process) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running = append(s.running, p)
}

// RedisServer is a private Redis that a test may stop and start.
type RedisServer struct {
	tb      testing.TB
	options []string
	dir     string
	port    int
	proc    *process
}

// Redis starts a private Redis with nothing in it, which ends with the test. The options are added to its command line, for example
// "--cluster-enabled", "yes".
func Redis(tb testing.TB, options ...string) *RedisServer {
	tb.Helper()
	Need(tb, "redis")
	r := &RedisServer{tb: tb, options: options, dir: tb.TempDir()}
	r.Start()
	tb.Cleanup(r.Stop)
	return r
}

// URL is the server's address as the setting REDIS_URL takes it. It stays the same when the server is started again.
func (r *RedisServer) URL() string { return "redis://" + r.Addr() }

// Addr is the server's host and port.
func (r *RedisServer) Addr() string { return fmt.Sprintf("127.0.0.1:%d", r.port) }

// Stop kills the server as a crash would; what it held is lost. Stopping a stopped server does nothing.
func (r *RedisServer) Stop() {
	if r.proc != nil {
		r.proc.kill()
		r.proc = nil
	}
}

// Start starts the server, the first time on a free port and then on the same, and returns when it takes connections.
func (r *RedisServer) Start() {
	r.tb.Helper()
	if r.proc != nil {
		r.tb.Fatal("this Redis is running already")
	}
	path, err := program("redis-server")
	first := r.port == 0
	for range 3 {
		if first {
			if r.port, err = freePort(); err != nil {
				break
			}
		}
		args := append([]string{"--port", fmt.Sprint(r.port), "--bind", "127.0.0.1", "--dir", r.dir, "--save", "", "--appendonly", "no"}, r.options...)
		r.proc, err = launch(r.dir, "Ready to accept connections", path, args...)
		if err == nil {
			return
		}
	}
	r.tb.Fatal(err)
}
