package cache

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"zhibu/model/store/storetest"
)

// patienceOfTests bounds the wait for an event that must come.
const patienceOfTests = 20 * time.Second

func receive(t *testing.T, c <-chan string) string {
	t.Helper()
	select {
	case s := <-c:
		return s
	case <-time.After(patienceOfTests):
		t.Fatal("no nudge came")
		return ""
	}
}

func heard(s *Set, topic string) <-chan string {
	c := make(chan string, 100)
	s.Nudge.Subscribe(topic, func(key string) { c <- key })
	return c
}

// introduce waits until two sets hear each other: a nudge sent before the connection stands is lost, as it may be.
func introduce(t *testing.T, from *Set, hears <-chan string, topic string) {
	t.Helper()
	for i := range 1000 {
		hello := fmt.Sprint("hello ", i)
		from.Nudge.Publish(t.Context(), topic, hello)
		select {
		case <-hears:
			for { // Let the greetings that are on their way pass.
				from.Nudge.Publish(t.Context(), topic, "done")
				for got := range hears {
					if got == "done" {
						return
					}
				}
			}
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatal("the two never heard each other")
}

func TestNudgeReachesEverySubscriber(t *testing.T) {
	everywhere(t, func(t *testing.T, s *Set, _ *hand) {
		one, two, other := heard(s, "push"), heard(s, "push"), heard(s, "session")
		s.Nudge.Publish(t.Context(), "push", "7")
		if a, b := receive(t, one), receive(t, two); a != "7" || b != "7" {
			t.Fatalf("got %q and %q", a, b)
		}
		s.Nudge.Publish(t.Context(), "session", "s1")
		if got := receive(t, other); got != "s1" {
			t.Fatalf("got %q", got)
		}
	})
}

func TestNudgeCrossesReplicas(t *testing.T) {
	r, h := storetest.Redis(t), newHand()
	here, there := openSet(t, r.URL(), h, &journal{}), openSet(t, r.URL(), h, &journal{})
	own, far := heard(here, "push"), heard(there, "push")
	introduce(t, here, far, "push")
	introduce(t, there, heard(here, "way back"), "way back")
	for len(own) > 0 {
		<-own
	}
	here.Nudge.Publish(t.Context(), "push", "42")
	if got := receive(t, far); got != "42" {
		t.Fatalf("there: %q", got)
	}
	// Heard here once, at once, and not again when Redis echoes it: the answer from there comes after the echo.
	for got := receive(t, own); got != "42"; got = receive(t, own) {
		if got != "done" && got[:5] != "hello" {
			t.Fatalf("here: %q", got)
		}
	}
	there.Nudge.Publish(t.Context(), "push", "after")
	if got := receive(t, own); got != "after" {
		t.Fatalf("here, after its own: %q", got)
	}
}

func TestNudgeComesBackWithRedis(t *testing.T) {
	r, h, j := storetest.Redis(t), newHand(), &journal{}
	here, there := openSet(t, r.URL(), h, j), openSet(t, r.URL(), h, &journal{})
	far := heard(there, "push")
	introduce(t, here, far, "push")
	r.Stop()
	own := heard(here, "push")
	here.Nudge.Publish(t.Context(), "push", "alone")
	if got := receive(t, own); got != "alone" {
		t.Fatalf("without Redis the replica does not even hear itself: %q", got)
	}
	r.Start()
	if got := receive(t, far); got != "" {
		t.Fatalf("after the outage: %q, want the empty key", got)
	}
	h.move(pause)
	here.Nudge.Publish(t.Context(), "push", "back")
	if got := receive(t, far); got != "back" {
		t.Fatalf("after the outage: %q", got)
	}
}

func TestNudgeGathersForTheBusy(t *testing.T) {
	s := openSet(t, "", newHand(), &journal{})
	busy, free, got := make(chan struct{}), make(chan struct{}), make(chan string, 2*maxWaiting)
	s.Nudge.Subscribe("push", func(key string) {
		if key == "first" {
			close(busy)
			<-free
		}
		got <- key
	})
	publish := func(keys ...string) {
		for _, key := range keys {
			s.Nudge.Publish(t.Context(), "push", key)
		}
	}
	publish("first")
	<-busy
	publish("a", "b", "a", "b", "a")
	close(free)
	var all []string
	for range 3 {
		all = append(all, receive(t, got))
	}
	if !slices.Equal(all, []string{"first", "a", "b"}) {
		t.Fatalf("got %q", all)
	}
}

func TestNudgeOverflowTellsToLookAtAll(t *testing.T) {
	sub := &subscriber{wake: make(chan struct{}, 1), known: map[string]bool{}}
	for i := range maxWaiting {
		sub.push(fmt.Sprint(i))
	}
	if n := len(sub.take()); n != maxWaiting {
		t.Fatalf("%d keys waited", n)
	}
	for i := range maxWaiting + 50 {
		sub.push(fmt.Sprint(i))
	}
	if got := sub.take(); !slices.Equal(got, []string{""}) {
		t.Fatalf("after too many: %d keys", len(got))
	}
	sub.push("next")
	if got := sub.take(); !slices.Equal(got, []string{"next"}) {
		t.Fatalf("afterwards: %q", got)
	}
}

func TestCloseWaitsForTheSubscriber(t *testing.T) {
	for _, url := range []string{"", "redis://" + miniredis.RunT(t).Addr()} {
		s, err := Open(t.Context(), url, (&journal{}).log(), newHand().clock)
		if err != nil {
			t.Fatal(err)
		}
		busy, free, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
		finished := false
		s.Nudge.Subscribe("push", func(string) {
			close(busy)
			<-free
			select { // Give a Close that does not wait the time to show it.
			case <-ended:
				t.Error("Close did not wait")
			case <-time.After(50 * time.Millisecond):
			}
			finished = true
		})
		s.Nudge.Publish(t.Context(), "push", "1")
		<-busy
		go func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			close(ended)
		}()
		close(free)
		<-ended
		if !finished { // no lock: Close itself orders the two, and the race detector holds it to that
			t.Fatal("Close returned before the subscriber")
		}
		s.Nudge.Subscribe("push", func(string) { t.Error("called after Close") })
		s.Nudge.Publish(t.Context(), "push", "2")
		if err := s.Close(); err != nil && url == "" {
			t.Errorf("closed twice: %v", err)
		}
	}
}
