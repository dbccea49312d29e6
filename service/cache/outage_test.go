package cache

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
	"github.com/redis/go-redis/v9"

	"zhibu/model/store/storetest"
)

func TestOutageIsAMissAndLoggedOnce(t *testing.T) {
	r, h, j := storetest.Redis(t), newHand(), &journal{}
	s := openSet(t, r.URL(), h, j)
	ctx := t.Context()
	s.Bytes.Set(ctx, "a", []byte("1"), time.Hour)
	wantBytes(t, s.Bytes, "a", "1")
	for outage := 1; outage <= 2; outage++ {
		r.Stop()
		for range 3 {
			for range 20 {
				wantBytes(t, s.Bytes, "a", "")
				s.Bytes.Set(ctx, "a", []byte("2"), time.Hour)
				s.Bytes.Delete(ctx, "a")
				s.Tokens.Set(ctx, "mini", "SECRETTOKEN", h.clock().Add(time.Hour))
				wantToken(t, s.Tokens, "mini", "SECRETTOKEN")
			}
			h.move(pause) // The next one tries, and fails again without a word.
		}
		if err := s.Ping(ctx); err == nil {
			t.Fatal("Ping found a dead Redis well")
		}
		if n := j.count("redis is lost"); n != outage {
			t.Fatalf("outage %d was logged %d times:\n%s", outage, n, j.text.String())
		}
		r.Start()
		h.move(pause)
		s.Bytes.Set(ctx, "a", []byte("3"), time.Hour)
		wantBytes(t, s.Bytes, "a", "3")
		if n := j.count("redis is back"); n != outage {
			t.Fatalf("return %d was logged %d times:\n%s", outage, n, j.text.String())
		}
		if err := s.Ping(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if j.count("SECRETTOKEN") != 0 {
		t.Fatal("a token was logged")
	}
}

func TestStartsWithoutRedis(t *testing.T) {
	r, h := storetest.Redis(t), newHand()
	r.Stop()
	s := openSet(t, r.URL(), h, &journal{})
	wantBytes(t, s.Bytes, "a", "")
	allow(t, s.Limiter, "a", Rate{Per: time.Hour, Count: 1}, true)
	allow(t, s.Limiter, "a", Rate{Per: time.Hour, Count: 1}, false) // counted here instead
	s.Tokens.Set(t.Context(), "mini", "T1", h.clock().Add(time.Hour))
	wantToken(t, s.Tokens, "mini", "T1")
	if err := s.Ping(t.Context()); err == nil {
		t.Fatal("Ping found no fault")
	}
	r.Start()
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	// Ping has seen that it is back: nobody waits for the pause to end.
	s.Bytes.Set(t.Context(), "a", []byte("1"), time.Hour)
	wantBytes(t, s.Bytes, "a", "1")
	allow(t, s.Limiter, "a", Rate{Per: time.Hour, Count: 1}, true) // Redis has not counted yet
	allow(t, s.Limiter, "a", Rate{Per: time.Hour, Count: 1}, false)
}

// A Redis that was only out of reach comes back with what it held; what was deleted or replaced meanwhile must not rise again.
func TestNothingOldComesBack(t *testing.T) {
	for _, sweep := range []bool{false, true} {
		t.Run(fmt.Sprint("sweep ", sweep), func(t *testing.T) {
			m, h := miniredis.RunT(t), newHand()
			s := openSet(t, "redis://"+m.Addr(), h, &journal{})
			ctx := t.Context()
			for _, key := range []string{"deleted", "replaced", "kept"} {
				s.Bytes.Set(ctx, key, []byte("old"), time.Hour)
			}
			if err := m.Set("stranger", "stays"); err != nil {
				t.Fatal(err)
			}
			m.SetError("LOADING Redis is loading the dataset in memory")
			s.Bytes.Delete(ctx, "deleted")
			s.Bytes.Set(ctx, "replaced", []byte("new"), time.Hour)
			if sweep {
				for i := range maxMissed {
					s.Bytes.Delete(ctx, fmt.Sprint("many ", i))
				}
			}
			m.SetError("")
			if v, err := m.Get(bytesPrefix + "deleted"); v != "old" {
				t.Fatalf("the outage was none: %q, %v", v, err)
			}
			h.move(pause)
			wantBytes(t, s.Bytes, "deleted", "")
			wantBytes(t, s.Bytes, "replaced", "")
			if sweep {
				wantBytes(t, s.Bytes, "kept", "")
			} else {
				wantBytes(t, s.Bytes, "kept", "old")
			}
			if v, err := m.Get("stranger"); v != "stays" {
				t.Fatalf("another program's key: %q, %v", v, err)
			}
			s.Bytes.Set(ctx, "replaced", []byte("newer"), time.Hour)
			wantBytes(t, s.Bytes, "replaced", "newer")
		})
	}
}

// While Redis is lost it is asked once a second, by one caller.
func TestRedisIsLeftAloneForASecond(t *testing.T) {
	m, h := miniredis.RunT(t), newHand()
	asked := 0
	m.Server().SetPreHook(func(c *server.Peer, cmd string, _ ...string) bool {
		if cmd != "GET" {
			return false
		}
		asked++
		c.WriteError("ERR out of order")
		return true
	})
	s := openSet(t, "redis://"+m.Addr(), h, &journal{})
	for _, step := range []struct {
		move time.Duration
		want int
	}{{0, 1}, {pause - 1, 1}, {1, 2}, {pause / 2, 2}, {pause, 3}, {-time.Hour, 4}} {
		h.move(step.move)
		for range 10 {
			wantBytes(t, s.Bytes, "a", "")
		}
		if asked != step.want {
			t.Fatalf("after %v more: asked %d times, want %d", step.move, asked, step.want)
		}
	}
}

// A Redis that takes connections and never answers costs a bounded time, and then none.
func TestSilentRedisIsGivenUpQuickly(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // The system takes the connections; nobody ever reads them.
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	s := openSet(t, "redis://"+l.Addr().String(), newHand(), &journal{})
	began := time.Now()
	for range 100 {
		wantBytes(t, s.Bytes, "a", "")
	}
	if took := time.Since(began); took > 5*patience {
		t.Fatalf("a hundred misses took %v", took)
	}
}

func TestACallerWhoLeavesIsNoOutage(t *testing.T) {
	m, j := miniredis.RunT(t), &journal{}
	s := openSet(t, "redis://"+m.Addr(), newHand(), j)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, ok := s.Bytes.Get(gone, "a"); ok {
		t.Fatal("found what is not there")
	}
	s.Bytes.Set(gone, "a", []byte("1"), time.Hour)
	s.Bytes.Set(t.Context(), "b", []byte("2"), time.Hour)
	wantBytes(t, s.Bytes, "b", "2")
	if j.count("lost") != 0 {
		t.Fatalf("taken for an outage:\n%s", j.text.String())
	}
}

func TestLogRepeatsNoArguments(t *testing.T) {
	err := error(answer("ERR unknown command `SET`, with args beginning with: 'zhibu:token:mini' 'SECRET'"))
	if got := plain(err); strings.Contains(got, "SECRET") || !strings.HasPrefix(got, "ERR unknown command") {
		t.Fatalf("logged as %q", got)
	}
	if got := plain(errors.New("dial tcp 127.0.0.1:1: connect: connection refused")); !strings.Contains(got, "refused") {
		t.Fatalf("logged as %q", got)
	}
}

// cluster starts three Redis that share the keys among them, and tells how the setting names them.
func cluster(t *testing.T) (url string, nodes []*storetest.RedisServer) {
	t.Helper()
	const slots = 16384
	ctx := t.Context()
	var admins []*redis.Client
	for i := range 3 {
		node := storetest.Redis(t, "--cluster-enabled", "yes", "--cluster-node-timeout", "2000")
		admin := redis.NewClient(&redis.Options{Addr: node.Addr()})
		t.Cleanup(func() { _ = admin.Close() })
		if err := admin.ClusterAddSlotsRange(ctx, slots*i/3, slots*(i+1)/3-1).Err(); err != nil {
			t.Fatal(err)
		}
		nodes, admins = append(nodes, node), append(admins, admin)
	}
	for _, node := range nodes[1:] {
		host, port, err := net.SplitHostPort(node.Addr())
		if err != nil {
			t.Fatal(err)
		}
		if err := admins[0].ClusterMeet(ctx, host, port).Err(); err != nil {
			t.Fatal(err)
		}
	}
	ready := time.Now().Add(patienceOfTests)
	for _, admin := range admins {
		for {
			state, err := admin.ClusterInfo(ctx).Result()
			if strings.Contains(state, "cluster_state:ok") && strings.Contains(state, "cluster_known_nodes:3") {
				break
			}
			if time.Now().After(ready) {
				t.Fatalf("the cluster does not form: %s, %v", state, err)
			}
			<-time.After(20 * time.Millisecond) // Redis tells nobody when its cluster is ready.
		}
	}
	return nodes[0].URL() + "," + nodes[1].Addr() + "," + nodes[2].Addr(), nodes
}

// A cluster of three, by the setting alone: keys lie by their slot on different nodes, and everything that a single Redis does is done as well.
func TestCluster(t *testing.T) {
	ctx := t.Context()
	url, nodes := cluster(t)
	h, j := newHand(), &journal{}
	s := openSet(t, url, h, j)
	if _, ok := s.Bytes.(*redisBytes).link.client.(*redis.ClusterClient); !ok {
		t.Fatal("three addresses did not make a cluster")
	}
	if err := s.Ping(ctx); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for i := range 50 {
		keys = append(keys, fmt.Sprint("key ", i))
		s.Bytes.Set(ctx, keys[i], []byte("1"), time.Hour)
		wantBytes(t, s.Bytes, keys[i], "1")
	}
	for _, node := range nodes {
		one := redis.NewClient(&redis.Options{Addr: node.Addr()})
		if n, err := one.DBSize(ctx).Result(); err != nil || n < 5 {
			t.Errorf("a node of three holds %d of 50 keys: %v", n, err)
		}
		_ = one.Close()
	}
	s.Bytes.Delete(ctx, keys[:25]...)
	wantBytes(t, s.Bytes, keys[3], "")
	wantBytes(t, s.Bytes, keys[40], "1")
	if err := sweepAll(ctx, s.Bytes.(*redisBytes).link.client); err != nil {
		t.Fatal(err)
	}
	wantBytes(t, s.Bytes, keys[40], "")
	allow(t, s.Limiter, "a", Rate{Per: time.Hour, Count: 1}, true)
	allow(t, s.Limiter, "a", Rate{Per: time.Hour, Count: 1}, false)
	s.Tokens.Set(ctx, "mini", "T1", h.clock().Add(time.Hour))
	other := openSet(t, url, h, j)
	wantToken(t, other.Tokens, "mini", "T1")
	other.Tokens.DeleteIfEqual(ctx, "mini", "T1")
	wantToken(t, openSet(t, url, h, j).Tokens, "mini", "")
	introduce(t, s, heard(other, "push"), "push")
	if j.text.Len() != 0 {
		t.Fatalf("something went wrong on the way:\n%s", j.text.String())
	}
	nodes[1].Stop() // what it held is lost, and nothing waits for it
	began := time.Now()
	for _, key := range keys {
		s.Bytes.Get(ctx, key)
	}
	allow(t, s.Limiter, "b", Rate{Per: time.Hour, Count: 1}, true)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("with a node gone 50 looks took %s", took)
	}
}

// answer is an error that Redis itself sends.
type answer string

func (a answer) Error() string { return string(a) }
func (a answer) RedisError()   {}

var _ redis.Error = answer("")
