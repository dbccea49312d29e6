package main

import (
	"context"
	"time"

	"zhibu/service/job"
)

// beats is every background job on one page: its name, its beat, and which room does the work.
func (h *house) beats() {
	h.jobs.Add(job.Job{Name: "changes", Every: 400 * time.Millisecond, Local: true, Run: func(ctx context.Context) error {
		return h.store.Poll(ctx, h.clock())
	}})
	if h.cfg.Role == "api" {
		return
	}
	h.jobs.Add(job.Job{Name: "prune", At: "03:30", Lease: 10 * time.Minute, Run: h.prune})
}

// prune forgets, once a night, what has served its time.
func (h *house) prune(ctx context.Context) error {
	now := h.clock()
	if err := h.store.PruneChanges(ctx, now.Add(-time.Hour)); err != nil {
		return err
	}
	if err := h.store.PruneReplays(ctx, now.Add(-24*time.Hour)); err != nil {
		return err
	}
	return h.signin.Prune(ctx)
}
