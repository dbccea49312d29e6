// Package audit keeps what was done by whom: it seals the entries that every transaction writes into a chain of blocks, tells what was changed,
// removed or put in by hand, and shows the entries to the office.
package audit

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Service is the room.
type Service struct {
	store    *store.Store
	key      model.AuditKey
	policies model.Policies
	anchors  *anchorFile
	clock    model.Clock
	log      *slog.Logger

	verifying sync.Mutex // one at a time: it reads everything
}

// New makes the room. The file is where this process keeps the ends of the chain that it has seen, outside the database.
func New(s *store.Store, key model.AuditKey, policies model.Policies, file string, clock model.Clock, log *slog.Logger) *Service {
	return &Service{store: s, key: key, policies: policies, anchors: &anchorFile{path: file, key: key}, clock: clock, log: log}
}

// Filter narrows the list; empty fields do not. To is not included.
type Filter struct {
	Actor, Action, Object, OrgID string
	From, To                     time.Time
}

// Entry is one line of the audit as the office reads it.
type Entry struct {
	model.AuditEntry
	Actor string // the name of who did it; 系统 for the program itself
	Org   string
	Words string // the action in Chinese
}

// List shows entries, the newest first. Who leads a part of the tree sees what was done in it, who leads all of it everything.
// Errors: forbidden, validation_failed.
func (s *Service) List(ctx context.Context, actor *model.Actor, f Filter, page model.Page) ([]Entry, string, error) {
	q, err := s.filter(ctx, actor, f)
	if err != nil {
		return nil, "", err
	}
	rows, next, err := s.store.AuditEntries(ctx, q, page)
	if err != nil {
		return nil, "", err
	}
	list, err := s.named(ctx, rows)
	return list, next, err
}

func (s *Service) filter(ctx context.Context, actor *model.Actor, f Filter) (store.AuditFilter, error) {
	q := store.AuditFilter{Actor: f.Actor, Action: f.Action, Object: f.Object, OrgID: f.OrgID, From: f.From, To: f.To}
	if !model.CanReadAudit(actor) {
		return q, model.Forbidden("审计记录供党办工作人员查看。")
	}
	for name, at := range map[string]time.Time{"from": f.From, "to": f.To} {
		if !at.IsZero() && !model.Keepable(at) {
			return q, model.BadField(name, "invalid", "时间应在 1900 年至 9998 年之间。")
		}
	}
	if !f.From.IsZero() && !f.To.IsZero() && !f.From.Before(f.To) {
		return q, model.BadField("to", "invalid", "截止时间应晚于开始时间。")
	}
	orgs, err := s.store.Orgs(ctx)
	if err != nil {
		return q, err
	}
	whole := actor.Has(model.RoleStaff, model.EverywherePath)
	led := []string{}
	for _, o := range orgs {
		switch {
		case !actor.Has(model.RoleStaff, o.Path):
		case o.ParentID == nil:
			whole = true
		default:
			led = append(led, o.ID)
		}
	}
	if !whole {
		q.OrgIDs = led
	}
	return q, nil
}

// named completes entries with names. Names are read, never kept: who was erased has none any more.
func (s *Service) named(ctx context.Context, rows []model.AuditEntry) ([]Entry, error) {
	var members, orgs []string
	for _, e := range rows {
		if e.ActorID != "" {
			members = append(members, e.ActorID)
		}
		if e.OrgID != "" {
			orgs = append(orgs, e.OrgID)
		}
	}
	people, err := s.store.MembersByID(ctx, members)
	if err != nil {
		return nil, err
	}
	places, err := s.store.OrgsByID(ctx, orgs)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, o := range places {
		names[o.ID] = o.Name
	}
	list := make([]Entry, len(rows))
	for i, e := range rows {
		list[i] = Entry{AuditEntry: e, Org: names[e.OrgID], Words: model.AuditWords(e.Action), Actor: "系统"}
		if e.ActorID == "" {
			continue
		}
		list[i].Actor = model.ErasedName
		if m, ok := people[e.ActorID]; ok && m.ErasedAt == nil {
			list[i].Actor = m.Name
		}
	}
	return list, nil
}

// Prune removes the entries of blocks that have served their time, by the profile and never under 180 days. The blocks stay, without entries, so
// that the chain holds. A block that was tampered with keeps its entries: they are evidence. It tells how many entries went.
func (s *Service) Prune(ctx context.Context) (int, error) {
	now := s.clock()
	before := now.AddDate(0, 0, -s.policies.PolicyAt(now).AuditDays())
	gone, after := 0, int64(0)
	for {
		blocks, err := s.store.PrunableBlocks(ctx, before, after, pruneChunk)
		if err != nil || len(blocks) == 0 {
			return gone, err
		}
		for i := range blocks {
			b := &blocks[i]
			after = b.Number
			if faults, err := s.examine(ctx, b); err != nil {
				return gone, err
			} else if len(faults) > 0 {
				s.log.ErrorContext(ctx, "audit block not pruned: it was tampered with", "block", b.Number, "fault", faults[0].Kind)
				continue
			}
			b.Prune(s.key, now)
			err := s.store.Tx(ctx, func(tx *store.Store) error {
				n, err := tx.PruneAuditBlock(ctx, b)
				gone += int(n)
				return err
			})
			if err != nil {
				return gone, err
			}
		}
	}
}

const pruneChunk = 50
