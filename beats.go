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
	h.jobs.Add(job.Job{Name: "views", Every: 2 * time.Second, Local: true, Run: h.content.WriteViews})       // each process writes what it gathered
	h.jobs.Add(job.Job{Name: "audit-anchor", Every: 30 * time.Second, Local: true, Run: h.audit.KeepAnchor}) // each process keeps its own
	if h.cfg.Replica != "" {
		h.jobs.Add(job.Job{Name: "replica", Every: time.Second, Local: true, Run: h.watchReplica})
	}
	if h.cfg.Role == "api" {
		return
	}
	// These need no turn: each finds its work by reading, and takes a piece by a conditional update, so that several workers share it
	// and an idle one writes nothing.
	h.jobs.Add(job.Job{Name: "push", Every: time.Second, Local: true, Run: h.push.Run})
	h.jobs.Add(job.Job{Name: "publish", Every: time.Second, Local: true, Run: func(ctx context.Context) error {
		_, err := h.content.PublishDue(ctx)
		return err
	}})
	h.jobs.Add(job.Job{Name: "audit-seal", Every: 5 * time.Second, Local: true, Run: h.audit.Seal})
	h.jobs.Add(job.Job{Name: "index", Every: time.Second, Local: true, Run: h.content.KeepIndex})
	h.jobs.Add(job.Job{Name: "pictures", Every: time.Second, Local: true, Run: h.upload.CheckDue})
	h.jobs.Add(job.Job{Name: "policy-turn", Every: time.Second, Local: true, Run: h.policy.Turn}) // a profile's day begins without anybody's doing
	h.jobs.Add(job.Job{Name: "meetings", Every: 2 * time.Second, Local: true, Run: h.meeting.Tick})
	h.jobs.Add(job.Job{Name: "remind", Every: time.Second, Local: true, Run: h.reminder.Tick})
	h.jobs.Add(job.Job{Name: "handovers", Every: 10 * time.Minute, Local: true, Run: h.handover.Tick})
	h.jobs.Add(job.Job{Name: "actions", Every: time.Minute, Local: true, Run: h.action.Tick})
	h.jobs.Add(job.Job{Name: "suggestions", Every: time.Minute, Local: true, Run: h.suggestion.Tick})
	if h.cfg.Wechat.Official.AppID != "" {
		h.jobs.Add(job.Job{Name: "followers", Every: 2 * time.Second, Local: true, Run: h.official.LookUp})
		h.jobs.Add(job.Job{Name: "followers-listed", Every: 10 * time.Minute, Lease: 30 * time.Minute, Run: h.official.Sync})
	}
	h.jobs.Add(job.Job{Name: "signin-failures", Every: 10 * time.Minute, Lease: 5 * time.Minute, Run: h.signin.TellFailures})
	h.jobs.Add(job.Job{Name: "retention", At: "03:50", Lease: 30 * time.Minute, Run: h.privacy.Retention})
	if h.cfg.Backup.At != "" {
		h.jobs.Add(job.Job{Name: "backup", At: h.cfg.Backup.At, Lease: 2 * time.Hour, Run: h.backup})
	}
	h.jobs.Add(job.Job{Name: "prune", At: "03:30", Lease: 10 * time.Minute, Run: h.prune})
}

// watchReplica has the read replica used while it is well, and says when that changes.
func (h *house) watchReplica(ctx context.Context) error {
	before := h.store.Replica().Used
	err := h.store.WatchReplica(ctx)
	if r := h.store.Replica(); r.Used != before {
		h.log.WarnContext(ctx, "read replica", "used", r.Used, "lag_ms", r.Lag.Milliseconds(), "cause", r.Cause)
	}
	return err
}

// prune forgets, once a night, what has served its time.
func (h *house) prune(ctx context.Context) error {
	now := h.clock()
	for _, forget := range []func() error{
		func() error { return h.store.PruneChanges(ctx, now.Add(-time.Hour)) },
		func() error { return h.store.PruneReplays(ctx, now.Add(-24*time.Hour)) },
		func() error { return h.signin.Prune(ctx) },
		func() error { return h.push.Prune(ctx) },
		func() error { _, err := h.upload.Prune(ctx); return err },
		func() error { return h.reminder.Replan(ctx) },
	} {
		if err := forget(); err != nil {
			return err
		}
	}
	return nil
}
