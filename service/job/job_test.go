package job

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"zhibu/model"
	"zhibu/model/store/storetest"
)

func TestMain(m *testing.M) {
	storetest.Main(m, func() error { return goleak.Find(storetest.LibraryGoroutines()...) })
}

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func TestTwoRunnersShareOneTurn(t *testing.T) {
	s := storetest.Open(t)
	ctx, stop := context.WithCancel(context.Background())
	var mu sync.Mutex
	running, most, runs := 0, 0, 0
	enough := make(chan struct{})
	work := func(context.Context) error {
		mu.Lock()
		running++
		most = max(most, running)
		runs++
		if runs == 6 {
			close(enough)
		}
		mu.Unlock()
		mu.Lock()
		running--
		mu.Unlock()
		return nil
	}
	var runners []*Runner
	for _, owner := range []string{"a", "b"} {
		r := New(s, owner, storetest.Clock, quiet())
		r.Add(Job{Name: "count", Every: time.Millisecond, Run: work})
		r.Start(ctx)
		runners = append(runners, r)
	}
	<-enough
	stop()
	for _, r := range runners {
		r.Wait()
	}
	if most != 1 {
		t.Errorf("%d turns ran at once, want one", most)
	}
}

func TestPanicAndErrorDoNotEndTheJob(t *testing.T) {
	s := storetest.Open(t)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var log strings.Builder
	r := New(s, "a", storetest.Clock, slog.New(slog.NewTextHandler(&log, nil)))
	n := 0
	done := make(chan struct{})
	r.Add(Job{Name: "frail", Every: time.Millisecond, Run: func(context.Context) error {
		n++
		switch n {
		case 1:
			panic("boom")
		case 2:
			return errors.New("not now")
		case 3:
			close(done)
		}
		return nil
	}})
	r.Start(ctx)
	<-done
	stop()
	r.Wait()
	if !strings.Contains(log.String(), "boom") || !strings.Contains(log.String(), "not now") {
		t.Errorf("the log does not tell what failed: %s", log.String())
	}
	if f := r.Figures()["frail"]; f.Failed != 2 || f.Done < 1 || !f.LastDone.Equal(storetest.Now()) || f.Every != time.Millisecond {
		t.Errorf("figures: %+v", f)
	}
}

func TestNextAt(t *testing.T) {
	china := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, model.Zone)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct{ now, at, want string }{
		{"2026-11-23 19:00", "03:30", "2026-11-24 03:30"},
		{"2026-11-23 02:00", "03:30", "2026-11-23 03:30"},
		{"2026-11-23 03:30", "03:30", "2026-11-24 03:30"},
	} {
		if got := nextAt(china(c.now), c.at); !got.Equal(china(c.want)) {
			t.Errorf("nextAt(%s, %s) = %s, want %s", c.now, c.at, got.In(model.Zone), c.want)
		}
	}
}
