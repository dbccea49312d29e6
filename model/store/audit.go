package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"gorm.io/gorm"

	"zhibu/model"
)

// auditKey is shared by the stores of all transactions.
type auditKey struct{ key model.AuditKey }

// SignAudit has every audit entry that is written from now on carry a digest under the key. Call it before the program serves.
func (s *Store) SignAudit(key model.AuditKey) { s.audit.key = key }

// Audit writes who did what into the transaction of the act. Object is "noun:id". The entry carries its own digest and no link to the one
// before it, so that transactions never wait for each other; blocks link what is committed, a moment later.
func (s *Store) Audit(ctx context.Context, now time.Time, actor *model.Actor, action, object, orgID string, detail map[string]string) error {
	e := model.AuditEntry{At: now.Truncate(time.Millisecond), Action: action, Object: object, OrgID: orgID, Detail: detail, RequestID: model.RequestID(ctx)}
	if actor != nil {
		e.ActorID = actor.MemberID
	}
	if s.audit != nil && s.audit.key.Sign != nil {
		var nonce [8]byte
		if _, err := rand.Read(nonce[:]); err != nil {
			return fault(err)
		}
		e.Nonce = hex.EncodeToString(nonce[:])
		e.MAC = hex.EncodeToString(s.audit.key.Sign(e.SigningText()))
	}
	return fault(s.write(ctx).Create(&e).Error)
}

// AuditFilter narrows the list of audit entries; empty fields do not.
type AuditFilter struct {
	Actor, Action, Object string
	OrgID                 string
	OrgIDs                []string // nil for all; the part of the tree that the reader leads
	From, To              time.Time
}

// AuditEntries lists entries, newest first.
func (s *Store) AuditEntries(ctx context.Context, f AuditFilter, page model.Page) ([]model.AuditEntry, string, error) {
	q := auditEntries(s.read(ctx), f).Limit(page.Size() + 1)
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

// AuditEntriesBelow is a chunk of the list for an export: those with numbers below the one given, 0 for the first chunk. It may be some seconds old.
func (s *Store) AuditEntriesBelow(ctx context.Context, f AuditFilter, below int64, limit int) ([]model.AuditEntry, error) {
	q := auditEntries(s.readLate(ctx), f).Limit(limit)
	if below > 0 {
		q = q.Where("id < ?", below)
	}
	return many[model.AuditEntry](q)
}

func auditEntries(q *gorm.DB, f AuditFilter) *gorm.DB {
	q = q.Order("id DESC")
	for _, c := range [][2]string{{"actor_id", f.Actor}, {"action", f.Action}, {"object", f.Object}, {"org_id", f.OrgID}} {
		if c[1] != "" {
			q = q.Where(c[0]+" = ?", c[1])
		}
	}
	if f.OrgIDs != nil {
		q = q.Where("org_id IN ?", append([]string{"-"}, f.OrgIDs...))
	}
	if !f.From.IsZero() {
		q = q.Where("at >= ?", f.From)
	}
	if !f.To.IsZero() {
		q = q.Where("at < ?", f.To)
	}
	return q
}

// UnsealedEntries are committed entries that no block holds yet, in the order of their numbers; one that was committed late is among them.
func (s *Store) UnsealedEntries(ctx context.Context, limit int) ([]model.AuditEntry, error) {
	return many[model.AuditEntry](s.read(ctx).Where("block_no IS NULL").Order("id").Limit(limit))
}

// LastAuditBlock is the end of the chain, nil where there is none.
func (s *Store) LastAuditBlock(ctx context.Context) (*model.AuditBlock, error) {
	rows, err := many[model.AuditBlock](s.read(ctx).Order("number DESC").Limit(1))
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &rows[0], nil
}

// AuditBlock reads one block.
func (s *Store) AuditBlock(ctx context.Context, number int64) (*model.AuditBlock, error) {
	return one[model.AuditBlock](s.read(ctx).Where("number = ?", number), "这个审计区块")
}

// AuditBlocksAfter is a chunk of the chain, in order.
func (s *Store) AuditBlocksAfter(ctx context.Context, number int64, limit int) ([]model.AuditBlock, error) {
	return many[model.AuditBlock](s.read(ctx).Where("number > ?", number).Order("number").Limit(limit))
}

// AuditBlocksBelow are the numbers that no block can have, which only a hand in the database gives.
func (s *Store) AuditBlocksBelow(ctx context.Context, number int64) ([]model.AuditBlock, error) {
	return many[model.AuditBlock](s.read(ctx).Where("number < ?", number).Order("number").Limit(100))
}

// AddAuditBlock writes a block and marks its entries as sealed, all of them or none. Of two who seal at once the second gets a conflict.
func (s *Store) AddAuditBlock(ctx context.Context, b *model.AuditBlock) error {
	if err := s.write(ctx).Create(b).Error; err != nil {
		return fault(err)
	}
	lines, sealed := b.Lines(), int64(0)
	for start := 0; start < len(lines); start += 500 {
		part := lines[start:min(start+500, len(lines))]
		ids := make([]int64, len(part))
		for i, l := range part {
			ids[i] = l.ID
		}
		n, err := changed(s.write(ctx).Model(&model.AuditEntry{}).Where("id IN ? AND block_no IS NULL", ids).Update("block_no", b.Number))
		if err != nil {
			return err
		}
		sealed += n
	}
	if sealed != int64(len(lines)) {
		return model.Conflict("审计记录正在由另一个进程封存。")
	}
	return nil
}

// EntriesOfBlocks reads the entries that stand in a range of blocks.
func (s *Store) EntriesOfBlocks(ctx context.Context, from, to int64) ([]model.AuditEntry, error) {
	return many[model.AuditEntry](s.read(ctx).Where("block_no BETWEEN ? AND ?", from, to).Order("block_no, id"))
}

// EntriesOutside are entries that claim a block which is not there: below the first or above the last.
func (s *Store) EntriesOutside(ctx context.Context, first, last int64) ([]model.AuditEntry, error) {
	return many[model.AuditEntry](s.read(ctx).Where("block_no < ? OR block_no > ?", first, last).Order("id").Limit(500))
}

// EntriesByID reads entries by their numbers.
func (s *Store) EntriesByID(ctx context.Context, ids []int64) ([]model.AuditEntry, error) {
	return many[model.AuditEntry](s.read(ctx).Where("id IN ?", ids))
}

// CopiedEntries are the digests that more than one entry has: each is made once, so that the later ones are copies.
func (s *Store) CopiedEntries(ctx context.Context) ([]model.AuditEntry, error) {
	twice := s.read(ctx).Model(&model.AuditEntry{}).Select("mac").Where("mac <> ''").Group("mac").Having("COUNT(*) > 1").Limit(100)
	macs := []string{}
	if err := twice.Pluck("mac", &macs).Error; err != nil || len(macs) == 0 {
		return nil, fault(err)
	}
	return many[model.AuditEntry](s.read(ctx).Where("mac IN ?", macs).Order("mac, id"))
}

// PrunableBlocks are blocks sealed before the instant that still have their entries, the oldest first.
func (s *Store) PrunableBlocks(ctx context.Context, before time.Time, after int64, limit int) ([]model.AuditBlock, error) {
	return many[model.AuditBlock](s.read(ctx).Where("sealed_at < ? AND pruned_at IS NULL AND number > ?", before, after).Order("number").Limit(limit))
}

// PruneAuditBlock removes the entries of a block and writes the block as it is without them. It tells how many there were.
func (s *Store) PruneAuditBlock(ctx context.Context, b *model.AuditBlock) (int64, error) {
	n, err := changed(s.write(ctx).Where("block_no = ?", b.Number).Delete(&model.AuditEntry{}))
	if err != nil {
		return 0, err
	}
	return n, fault(s.write(ctx).Model(&model.AuditBlock{}).Where("number = ?", b.Number).Select("roll", "pruned_at", "pruned_mac").Updates(b).Error)
}

// cut trims the one row too many that tells there is a next page, and packs the cursor to it.
func cut[T any](rows []T, page model.Page, list string, keys func(T) any) ([]T, string) {
	if len(rows) <= page.Size() {
		return rows, ""
	}
	rows = rows[:page.Size()]
	return rows, model.Cursor(list, keys(rows[len(rows)-1]))
}
