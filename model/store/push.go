package store

import (
	"context"
	"time"

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

// FinishPushes marks as done what is expanded and has no open delivery, and reports how many it marked.
func (s *Store) FinishPushes(ctx context.Context, now time.Time) (int64, error) {
	open := s.read(ctx).Table("deliveries d").Select("1").
		Where("d.push_id = pushes.id AND d.state IN ?", []model.DeliveryState{model.DeliveryQueued, model.DeliveryHeld, model.DeliverySending})
	doubt := s.read(ctx).Table("deliveries d").Select("1").Where("d.push_id = pushes.id AND d.state = ? AND d.due_at IS NOT NULL", model.DeliveryInDoubt)
	return changed(s.write(ctx).Model(&model.Push{}).
		Where("state = ? AND expanded_at IS NOT NULL AND NOT EXISTS (?) AND NOT EXISTS (?)", model.PushSending, open, doubt).
		Updates(map[string]any{"state": model.PushDone, "updated_at": now}))
}

// PushCounts counts the deliveries of pushes as shown at now, keyed by push.
func (s *Store) PushCounts(ctx context.Context, ids []string, now time.Time) (map[string]model.Tally, error) {
	var rows []struct {
		PushID string
		State  model.DeliveryState
		Later  bool
		N      int
	}
	err := s.read(ctx).Model(&model.Delivery{}).Select("push_id, state, (not_before > ?) AS later, COUNT(*) AS n", now).
		Where("push_id IN ?", ids).Group("push_id, state, later").Scan(&rows).Error
	counts := map[string]model.Tally{}
	for _, r := range rows {
		c := counts[r.PushID]
		c.Recipients += r.N
		switch r.State {
		case model.DeliverySent:
			c.Sent += r.N
		case model.DeliveryFailed:
			c.Failed += r.N
		case model.DeliveryInDoubt:
			c.InDoubt += r.N
		case model.DeliveryInboxOnly:
			c.InboxOnly += r.N
		case model.DeliveryCancelled:
			c.Cancelled += r.N
		case model.DeliverySending:
			c.Queued += r.N
		default:
			if r.Later {
				c.Deferred += r.N
			} else {
				c.Queued += r.N
			}
		}
		counts[r.PushID] = c
	}
	return counts, fault(err)
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
