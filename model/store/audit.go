package store

import (
	"context"
	"time"

	"zhibu/model"
)

// Audit writes who did what into the transaction of the act. Object is "noun:id".
func (s *Store) Audit(ctx context.Context, now time.Time, actor *model.Actor, action, object, orgID string, detail map[string]string) error {
	e := model.AuditEntry{At: now, Action: action, Object: object, OrgID: orgID, Detail: detail, RequestID: model.RequestID(ctx)}
	if actor != nil {
		e.ActorID = actor.MemberID
	}
	return fault(s.write(ctx).Create(&e).Error)
}

// AuditFilter narrows the list of audit entries; empty fields do not.
type AuditFilter struct{ Actor, Action, Object string }

// AuditEntries lists entries, newest first.
func (s *Store) AuditEntries(ctx context.Context, f AuditFilter, page model.Page) ([]model.AuditEntry, string, error) {
	q := s.read(ctx).Order("id DESC").Limit(page.Size() + 1)
	if f.Actor != "" {
		q = q.Where("actor_id = ?", f.Actor)
	}
	if f.Action != "" {
		q = q.Where("action = ?", f.Action)
	}
	if f.Object != "" {
		q = q.Where("object = ?", f.Object)
	}
	var after int64
	if ok, err := model.ReadCursor(page.Cursor, "audit", &after); err != nil {
		return nil, "", err
	} else if ok {
		q = q.Where("id < ?", after)
	}
	rows, err := many[model.AuditEntry](q)
	if err != nil {
		return nil, "", err
	}
	rows, next := cut(rows, page, "audit", func(e model.AuditEntry) any { return e.ID })
	return rows, next, nil
}

// cut trims the one row too many that tells there is a next page, and packs the cursor to it.
func cut[T any](rows []T, page model.Page, list string, keys func(T) any) ([]T, string) {
	if len(rows) <= page.Size() {
		return rows, ""
	}
	rows = rows[:page.Size()]
	return rows, model.Cursor(list, keys(rows[len(rows)-1]))
}
