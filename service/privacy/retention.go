package privacy

import (
	"context"
	"strconv"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Retention removes what has served its time, by the profile in force, and writes a report of the night. What fails does not keep the rest from
// going; the first fault is returned, so that the job runs again.
func (s *Service) Retention(ctx context.Context) error {
	now := s.clock()
	keep := s.policies.PolicyAt(now).Retention
	run := &model.RetentionRun{Day: string(model.DateOf(now)), At: now}
	var first error
	for _, k := range s.kinds(keep, s.policies.PolicyAt(now).AuditDays()) {
		line := model.RetentionLine{Kind: k.kind, What: k.what, Days: k.days}
		if k.days > 0 {
			var err error
			if line.Removed, err = k.remove(ctx, now.AddDate(0, 0, -k.days)); err != nil {
				line.Fault = string(model.CodeOf(err))
				s.log.ErrorContext(ctx, "retention", "kind", k.kind, "cause", err)
				if first == nil {
					first = err
				}
			}
		}
		run.Report = append(run.Report, line)
	}
	if err := s.clean(ctx, now); err != nil && first == nil {
		first = err
	}
	return s.report(ctx, run, first)
}

// agedKind is one kind of data that has its days.
type agedKind struct {
	kind, what string
	days       int
	remove     func(ctx context.Context, before time.Time) (int, error)
}

func (s *Service) kinds(keep model.RetentionPolicy, audit int) []agedKind {
	return []agedKind{
		{"audit", "审计记录", audit, func(ctx context.Context, _ time.Time) (int, error) { return s.pruneAudit(ctx) }},
		{"notices", "站内信与推送", keep.Notices, s.store.RemoveOldPushes},
		{"deliveries", "推送台账中的微信标识", keep.Deliveries, s.store.ForgetOldDestinations},
		{"sessions", "已结束的登录", keep.Sessions, s.store.RemoveSessions},
		{"reads", "阅读记录", keep.Reads, s.store.RemoveOldReads},
		{"drafts", "无人修改的草稿", keep.Drafts, s.store.RemoveOldDrafts},
		{"marks", "注销标记", keep.Marks, s.store.RemoveOldMarks},
	}
}

func (s *Service) pruneAudit(ctx context.Context) (int, error) {
	if s.audit == nil {
		return 0, nil
	}
	return s.audit.Prune(ctx)
}

// clean ends what a crash left of an erasure, and makes the embedded database anew where somebody was erased lately, so that nothing
// of them is left in pages that are not in use.
func (s *Service) clean(ctx context.Context, now time.Time) error {
	left, err := s.store.UploadsOfErased(ctx)
	if err != nil {
		return err
	}
	for _, id := range left {
		if _, _, err := s.files.Erase(ctx, id); err != nil {
			return err
		}
	}
	erased, err := s.store.ErasedSince(ctx, now.AddDate(0, 0, -2)) // two nights, should one fail
	if err != nil || !erased {
		return err
	}
	return s.store.Vacuum(ctx)
}

func (s *Service) report(ctx context.Context, run *model.RetentionRun, failure error) error {
	detail := map[string]string{}
	for _, l := range run.Report {
		detail[l.Kind] = strconv.Itoa(l.Removed)
	}
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		if err := tx.PutRetentionRun(ctx, run); err != nil {
			return err
		}
		return tx.Audit(ctx, run.At, nil, "privacy.retention", "retention:"+run.Day, "", detail)
	})
	if err != nil {
		return err
	}
	args := []any{"day", run.Day}
	for _, l := range run.Report {
		args = append(args, l.Kind, l.Removed)
	}
	s.log.InfoContext(ctx, "retention", args...)
	return failure
}

// Runs are the reports of the last nights, the newest first. Errors: forbidden.
func (s *Service) Runs(ctx context.Context, actor *model.Actor) ([]model.RetentionRun, error) {
	if !model.CanReadAudit(actor) {
		return nil, model.Forbidden("数据清理报告供党办工作人员查看。")
	}
	return s.store.RetentionRuns(ctx, 31)
}

// Erasures are what was erased lately, without who it was. Errors: forbidden.
func (s *Service) Erasures(ctx context.Context, actor *model.Actor) ([]model.Erasure, error) {
	if !model.CanReadAudit(actor) {
		return nil, model.Forbidden("注销记录供党办工作人员查看。")
	}
	return s.store.Erasures(ctx, 100)
}
