package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"zhibu/model"
)

// AddPush writes a push unless its dedupe key is taken, and reports whether it was written.
func (s *Store) AddPush(ctx context.Context, p *model.Push) (bool, error) {
	if p.DedupeKey != nil {
		// Asked first, since a failed insert would spoil nothing but is the rarer case.
		var n int64
		if err := s.read(ctx).Model(&model.Push{}).Where("dedupe_key = ?", *p.DedupeKey).Count(&n).Error; err != nil || n > 0 {
			return false, fault(err)
		}
	}
	return s.insertOnce(ctx, p)
}

// PushOf reads one push.
func (s *Store) PushOf(ctx context.Context, id string) (*model.Push, error) {
	return one[model.Push](s.read(ctx).Where("id = ?", id), "这条推送")
}

// PushByKey finds a push by its dedupe key.
func (s *Store) PushByKey(ctx context.Context, key string) (*model.Push, error) {
	return one[model.Push](s.read(ctx).Where("dedupe_key = ?", key), "这条推送")
}

// PushesByID reads the pushes of these ids, keyed by id.
func (s *Store) PushesByID(ctx context.Context, ids []string) (map[string]model.Push, error) {
	rows, err := many[model.Push](s.read(ctx).Where("id IN ?", ids))
	byID := make(map[string]model.Push, len(rows))
	for _, p := range rows {
		byID[p.ID] = p
	}
	return byID, err
}

// PushesUnder lists the pushes of the subtrees of these paths that are nobody's own, the newest first.
func (s *Store) PushesUnder(ctx context.Context, paths []string, page model.Page) ([]model.Push, string, error) {
	if len(paths) == 0 {
		return []model.Push{}, "", nil
	}
	places := s.read(ctx).Where("org_path LIKE ?", paths[0]+"%")
	for _, path := range paths[1:] {
		places = places.Or("org_path LIKE ?", path+"%")
	}
	q := s.read(ctx).Where(places).Where("private = ?", false).Order("id DESC").Limit(page.Size() + 1)
	var after string
	if ok, err := model.ReadCursor(page.Cursor, "pushes", &after); err != nil {
		return nil, "", err
	} else if ok {
		q = q.Where("id < ?", after)
	}
	rows, err := many[model.Push](q)
	if err != nil {
		return nil, "", err
	}
	rows, next := cut(rows, page, "pushes", func(p model.Push) any { return p.ID })
	return rows, next, nil
}

// DuePushes lists pushes whose time has come and whose audience is not yet all in the ledger, the longest waiting first.
func (s *Store) DuePushes(ctx context.Context, now time.Time, limit int) ([]model.Push, error) {
	return many[model.Push](s.read(ctx).
		Where("state IN ? AND send_at <= ? AND expanded_at IS NULL", []model.PushState{model.PushScheduled, model.PushSending}, now).
		Order("send_at, id").Limit(limit))
}

// AdvancePush moves the cursor of a push that is being expanded, and reports whether it still stood where it was read: of two
// processes that expand the same push only one writes each chunk. A push that is all expanded has its exact number of recipients; until
// then it keeps the number that was counted when it was made.
func (s *Store) AdvancePush(ctx context.Context, p *model.Push, cursor string, wrote int, last bool, now time.Time) (bool, error) {
	set := map[string]any{"state": model.PushSending, "expand_cursor": cursor, "updated_at": now}
	if last {
		var before int64
		if p.ExpandCursor != "" {
			if err := s.read(ctx).Model(&model.Delivery{}).Where("push_id = ?", p.ID).Count(&before).Error; err != nil {
				return false, fault(err)
			}
		}
		set["expanded_at"], set["recipients"] = now, int(before)+wrote
	}
	n, err := changed(s.write(ctx).Model(&model.Push{}).
		Where("id = ? AND state = ? AND expand_cursor = ? AND expanded_at IS NULL", p.ID, p.State, p.ExpandCursor).Updates(set))
	return n > 0, err
}

// CountedPush notes how many a push will have, unless that is known already.
func (s *Store) CountedPush(ctx context.Context, id string, n int) error {
	return fault(s.write(ctx).Model(&model.Push{}).Where("id = ? AND recipients = 0 AND expanded_at IS NULL", id).UpdateColumn("recipients", n).Error)
}

// StoppedPushes lists pushes that were stopped and still have deliveries that wait, as a crash in the middle of closing them leaves.
func (s *Store) StoppedPushes(ctx context.Context) ([]string, error) {
	ids := []string{}
	waiting := s.read(ctx).Table("deliveries d").Select("1").Where("d.push_id = pushes.id AND d.state IN ?", []model.DeliveryState{model.DeliveryQueued, model.DeliveryHeld})
	err := s.read(ctx).Model(&model.Push{}).Where("stop_reason <> '' AND EXISTS (?)", waiting).Pluck("id", &ids).Error
	return ids, fault(err)
}

// ReopenPush puts a push back to sending, with so many recipients more.
func (s *Store) ReopenPush(ctx context.Context, id string, more int, now time.Time) error {
	return fault(s.write(ctx).Model(&model.Push{}).Where("id = ?", id).
		Updates(map[string]any{"state": model.PushSending, "recipients": gormExpr("recipients + ?", more), "updated_at": now}).Error)
}

// EndPush sets how a push ended early, and reports whether it was still in the state that was read. What was not expanded never will be.
func (s *Store) EndPush(ctx context.Context, id string, from, to model.PushState, reason string, now time.Time) (bool, error) {
	n, err := changed(s.write(ctx).Model(&model.Push{}).Where("id = ? AND state = ?", id, from).
		Updates(map[string]any{"state": to, "stop_reason": reason, "expanded_at": now, "updated_at": now}))
	return n > 0, err
}

// LivePushesOf lists the pushes of a subject that are not at their end.
func (s *Store) LivePushesOf(ctx context.Context, subject string) ([]model.Push, error) {
	return many[model.Push](s.locked(s.read(ctx)).Where("subject = ? AND state IN ?", subject, []model.PushState{model.PushScheduled, model.PushSending}).Order("id"))
}

// CloseDonePushes notes on the pushes of a subject that are done why they are not to be sent again.
func (s *Store) CloseDonePushes(ctx context.Context, subject, reason string) error {
	return fault(s.write(ctx).Model(&model.Push{}).Where("subject = ? AND state = ? AND stop_reason = ''", subject, model.PushDone).UpdateColumn("stop_reason", reason).Error)
}

// FinishPushes marks as done what is expanded and has no open delivery, and reports how many it marked.
func (s *Store) FinishPushes(ctx context.Context, now time.Time) (int64, error) {
	open := s.read(ctx).Table("deliveries d").Select("1").
		Where("d.push_id = pushes.id AND d.state IN ?", []model.DeliveryState{model.DeliveryQueued, model.DeliveryHeld, model.DeliverySending})
	doubt := s.read(ctx).Table("deliveries d").Select("1").Where("d.push_id = pushes.id AND d.state = ? AND (d.due_at IS NOT NULL OR d.owner <> '')", model.DeliveryInDoubt)
	return changed(s.write(ctx).Model(&model.Push{}).
		Where("state = ? AND expanded_at IS NOT NULL AND NOT EXISTS (?) AND NOT EXISTS (?)", model.PushSending, open, doubt).
		Updates(map[string]any{"state": model.PushDone, "updated_at": now}))
}

// PushCounts counts the deliveries of pushes as shown at now, keyed by push. The states are counted by an index alone; only what waits is looked at.
func (s *Store) PushCounts(ctx context.Context, ids []string, now time.Time) (map[string]model.Tally, error) {
	type group struct {
		PushID string
		State  model.DeliveryState
		N      int
	}
	waiting := []model.DeliveryState{model.DeliveryQueued, model.DeliveryHeld}
	q := func() *gorm.DB {
		return s.read(ctx).Model(&model.Delivery{}).Select("push_id, state, COUNT(*) AS n").Where("push_id IN ?", padded(ids)).Group("push_id, state")
	}
	var rows, later []group
	if err := q().Scan(&rows).Error; err != nil {
		return nil, fault(err)
	}
	if slices.ContainsFunc(rows, func(g group) bool { return slices.Contains(waiting, g.State) }) {
		if err := q().Where("state IN ? AND not_before > ?", waiting, now).Scan(&later).Error; err != nil {
			return nil, fault(err)
		}
	}
	counts := map[string]model.Tally{}
	for _, r := range rows {
		c := counts[r.PushID]
		c.Recipients += r.N
		*c.Of(r.State) += r.N
		counts[r.PushID] = c
	}
	for _, r := range later {
		c := counts[r.PushID]
		c.Queued -= r.N
		c.Deferred += r.N
		counts[r.PushID] = c
	}
	return counts, nil
}

// Gate makes those who spend the week's budget wait for each other until the transaction ends, so that no two of them count the same room.
func (s *Store) Gate(ctx context.Context, name string, now time.Time) error {
	if s.dialect == SQLite { // the one writer is the gate
		return nil
	}
	take := func() (int64, error) {
		return changed(s.write(ctx).Model(&model.Setting{}).Where("name = ?", "gate."+name).Update("updated_at", now))
	}
	if n, err := take(); err != nil || n > 0 {
		return err
	}
	if _, err := s.insertOnce(ctx, &model.Setting{Name: "gate." + name, UpdatedAt: now}); err != nil {
		return err
	}
	_, err := take()
	return err
}

// AnySending reports whether any push is on its way.
func (s *Store) AnySending(ctx context.Context) (bool, error) {
	ids := []string{}
	err := s.read(ctx).Model(&model.Push{}).Where("state = ?", model.PushSending).Limit(1).Pluck("id", &ids).Error
	return len(ids) > 0, fault(err)
}

// DoneAt lists the pushes that were marked as done at this instant.
func (s *Store) DoneAt(ctx context.Context, now time.Time) ([]string, error) {
	ids := []string{}
	err := s.read(ctx).Model(&model.Push{}).Where("state = ? AND updated_at = ?", model.PushDone, now).Pluck("id", &ids).Error
	return ids, fault(err)
}

// OldPushes lists pushes that ended and were to be sent before the instant.
func (s *Store) OldPushes(ctx context.Context, before time.Time, limit int) ([]string, error) {
	ids := []string{}
	err := s.read(ctx).Model(&model.Push{}).Where("state IN ? AND send_at < ?", []model.PushState{model.PushDone, model.PushCancelled}, before).
		Order("send_at").Limit(limit).Pluck("id", &ids).Error
	return ids, fault(err)
}

// PrunePush deletes up to limit lines of a push, and the push itself once it has none. It reports whether there is more to delete.
func (s *Store) PrunePush(ctx context.Context, id string, limit int) (more bool, err error) {
	var lines []int64
	if err := s.read(ctx).Model(&model.Delivery{}).Where("push_id = ?", id).Limit(limit).Pluck("id", &lines).Error; err != nil {
		return false, fault(err)
	}
	if len(lines) == 0 {
		return false, fault(s.write(ctx).Where("id = ?", id).Delete(&model.Push{}).Error)
	}
	return true, fault(s.write(ctx).Where("id IN ?", padded(lines)).Delete(&model.Delivery{}).Error)
}

// QueueFigures are how the queue and the books stand.
type QueueFigures struct {
	Waiting   int64            // due now and not yet taken
	Sending   int64            // in some sender's hands
	OldestDue time.Duration    // how long the first of those waiting has been due
	GrantsOf  map[string]int64 // one-time grants left, by template
	PushesIn  map[model.PushState]int64
}

// QueueFigures counts by indexes alone, as far as there are any.
func (s *Store) QueueFigures(ctx context.Context, now time.Time) (QueueFigures, error) {
	f := QueueFigures{GrantsOf: map[string]int64{}, PushesIn: map[model.PushState]int64{}}
	var in []struct {
		State model.PushState
		N     int64
	}
	if err := s.read(ctx).Model(&model.Push{}).Select("state, COUNT(*) AS n").Group("state").Scan(&in).Error; err != nil {
		return f, fault(err)
	}
	for _, p := range in {
		f.PushesIn[p.State] = p.N
	}
	for _, lane := range model.Lanes() {
		var n int64
		var due []time.Time
		q := func() *gorm.DB {
			return s.read(ctx).Model(&model.Delivery{}).Where("lane = ? AND due_at <= ?", lane, now)
		}
		if err := q().Count(&n).Error; err != nil {
			return f, fault(err)
		}
		if err := q().Order("due_at").Limit(1).Pluck("due_at", &due).Error; err != nil {
			return f, fault(err)
		}
		f.Waiting += n
		if len(due) > 0 {
			f.OldestDue = max(f.OldestDue, now.Sub(due[0]))
		}
	}
	if err := s.read(ctx).Model(&model.Delivery{}).Where("busy IS NOT NULL").Count(&f.Sending).Error; err != nil {
		return f, fault(err)
	}
	var left []struct {
		TemplateID string
		N          int64
	}
	err := s.read(ctx).Model(&model.Quota{}).Select("template_id, SUM(available) AS n").Where("kind = ?", model.QuotaOneTime).Group("template_id").Scan(&left).Error
	for _, l := range left {
		f.GrantsOf[l.TemplateID] = l.N
	}
	return f, fault(err)
}
