// Package job runs named work in the background: on a beat of its own, by one replica at a time, and never after it was told to stop.
package job

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"zhibu/model"
)

// Turns hands out a job's turn to one replica. The store is one.
type Turns interface {
	ClaimJob(ctx context.Context, name, owner string, now, lease time.Time) (bool, error)
	EndJob(ctx context.Context, name, owner string, now, next time.Time, failure string) error
}

// Job is one piece of recurring work.
type Job struct {
	Name  string
	Every time.Duration // from the end of one turn to the start of the next
	Lease time.Duration // how long a turn may take before another replica takes it over; a minute when 0
	At    string        // "03:30" in China runs it once a day instead of Every
	Local bool          // every replica runs its own, without a turn
	Run   func(ctx context.Context) error
}

// Runner owns the goroutines of all jobs.
type Runner struct {
	turns Turns
	clock model.Clock
	log   *slog.Logger
	owner string
	jobs  []Job
	wakes map[string]chan struct{}
	wg    sync.WaitGroup

	mu      sync.Mutex
	figures map[string]Figures
}

// Figures are how a job has fared in this process since its start.
type Figures struct {
	Done, Failed int64
	LastDone     time.Time // zero: never
	Every        time.Duration
}

// Figures are those of every job that this process has.
func (r *Runner) Figures() map[string]Figures {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make(map[string]Figures, len(r.jobs))
	for _, j := range r.jobs {
		f := r.figures[j.Name]
		f.Every = j.Every
		out[j.Name] = f
	}
	return out
}

// count keeps how a turn went.
func (r *Runner) count(j Job, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f := r.figures[j.Name]
	if err != nil {
		f.Failed++
	} else {
		f.Done, f.LastDone = f.Done+1, r.clock()
	}
	r.figures[j.Name] = f
}

// New makes a runner; owner names this process among the replicas.
func New(turns Turns, owner string, clock model.Clock, log *slog.Logger) *Runner {
	return &Runner{turns: turns, clock: clock, log: log, owner: owner, wakes: map[string]chan struct{}{}, figures: map[string]Figures{}}
}

// Add registers a job; call it before Start.
func (r *Runner) Add(j Job) {
	if j.Lease == 0 {
		j.Lease = time.Minute
	}
	if j.At != "" {
		j.Every = time.Minute // how often to look whether the day's turn has come
	}
	r.jobs = append(r.jobs, j)
	r.wakes[j.Name] = make(chan struct{}, 1)
}

// Wake has a job look for work now instead of at its next beat.
func (r *Runner) Wake(name string) {
	select {
	case r.wakes[name] <- struct{}{}:
	default: // unknown, or already woken
	}
}

// Start begins all jobs; they end when ctx does. Wait returns when the last has ended.
func (r *Runner) Start(ctx context.Context) {
	for _, j := range r.jobs {
		r.wg.Go(func() { r.loop(ctx, j) })
	}
}

// Wait returns when every job has ended.
func (r *Runner) Wait() { r.wg.Wait() }

func (r *Runner) loop(ctx context.Context, j Job) {
	beat := time.NewTicker(j.Every)
	defer beat.Stop()
	for {
		r.turn(ctx, j)
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
		case <-r.wakes[j.Name]:
		}
	}
}

// turn runs a job once if it is this replica's turn.
func (r *Runner) turn(ctx context.Context, j Job) {
	if ctx.Err() != nil {
		return
	}
	if j.Local {
		r.report(ctx, j, r.guarded(ctx, j))
		return
	}
	now := r.clock()
	mine, err := r.turns.ClaimJob(ctx, j.Name, r.owner, now, now.Add(j.Lease))
	if err != nil || !mine {
		r.report(ctx, j, err)
		return
	}
	failure := ""
	if err := r.guarded(ctx, j); err != nil {
		failure = err.Error()
		r.report(ctx, j, err)
	}
	end := r.clock()
	next := end
	if j.At != "" {
		next = nextAt(end, j.At)
	}
	// The turn is given back also when the program is stopping, so that another replica need not wait for the lease.
	r.report(ctx, j, r.turns.EndJob(context.WithoutCancel(ctx), j.Name, r.owner, end, next, failure))
}

// guarded runs a job and turns a panic into an error: one job must not take the others down.
func (r *Runner) guarded(ctx context.Context, j Job) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
		if err == nil || ctx.Err() == nil { // what the program's end interrupts has not failed
			r.count(j, err)
		}
	}()
	return j.Run(ctx)
}

func (r *Runner) report(ctx context.Context, j Job, err error) {
	if err != nil && ctx.Err() == nil {
		r.log.ErrorContext(ctx, "job failed", "job", j.Name, "cause", err)
	}
}

// nextAt is the next instant after now at that time of day in China.
func nextAt(now time.Time, at string) time.Time {
	day := model.DateOf(now)
	t, err := time.ParseInLocation("2006-01-02 15:04", string(day)+" "+at, model.Zone)
	if err != nil {
		return now.Add(24 * time.Hour)
	}
	if !t.After(now) {
		t = t.AddDate(0, 0, 1)
	}
	return t.UTC()
}
