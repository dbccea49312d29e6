package store

import (
	"context"
	"time"

	"zhibu/model"
)

// PushGates are the gates that are shut at now.
func (s *Store) PushGates(ctx context.Context, now time.Time) ([]model.PushGate, error) {
	return many[model.PushGate](s.read(ctx).Where("until > ?", now))
}

// ShutGate shuts a gate until the instant, and reports whether it was open. One that is shut stays so for the longer of the two times.
func (s *Store) ShutGate(ctx context.Context, name string, until time.Time, why string, now time.Time) (bool, error) {
	why = model.CutRunes(why, 300)
	set := map[string]any{"until": until, "why": why, "updated_at": now}
	if n, err := changed(s.write(ctx).Model(&model.PushGate{}).Where("name = ? AND until <= ?", name, now).Updates(set)); err != nil || n > 0 {
		return n > 0, err
	}
	first, err := s.insertOnce(ctx, &model.PushGate{Name: name, Until: until, Why: why, UpdatedAt: now})
	if err != nil || first {
		return first, err
	}
	return false, fault(s.write(ctx).Model(&model.PushGate{}).Where("name = ? AND until < ?", name, until).Updates(set).Error)
}

// OpenGateOf opens a gate again that was shut for a reason that begins so, and reports whether it was shut.
func (s *Store) OpenGateOf(ctx context.Context, name, why string, now time.Time) (bool, error) {
	n, err := changed(s.write(ctx).Model(&model.PushGate{}).Where("name = ? AND until > ? AND why LIKE ?", name, now, why+"%").Updates(map[string]any{"until": now, "updated_at": now}))
	return n > 0, err
}

// TakeRate takes up to want of the messages that all processes together may send in the second of now, and reports how many it got.
func (s *Store) TakeRate(ctx context.Context, name string, want, perSecond int, now time.Time) (int, error) {
	got := 0
	err := s.Tx(ctx, func(tx *Store) error {
		got = 0
		slot := now.Unix()
		gate, err := one[model.PushGate](tx.locked(tx.read(ctx)).Where("name = ?", name), "")
		if model.IsNotFound(err) {
			if _, err := tx.insertOnce(ctx, &model.PushGate{Name: name, Until: now, UpdatedAt: now}); err != nil {
				return err
			}
			gate, err = one[model.PushGate](tx.locked(tx.read(ctx)).Where("name = ?", name), "")
		}
		if err != nil {
			return err
		}
		taken := 0
		if gate.Slot == slot {
			taken = gate.Taken
		}
		if got = min(want, perSecond-taken); got <= 0 {
			got = 0
			return nil
		}
		return fault(tx.write(ctx).Model(&model.PushGate{}).Where("name = ?", name).Updates(map[string]any{"slot": slot, "taken": taken + got, "updated_at": now}).Error)
	})
	return got, err
}
