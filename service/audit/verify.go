package audit

import (
	"context"
	"fmt"
	"time"

	"zhibu/model"
)

// FaultKind says what was done to the audit by hand.
type FaultKind string

// The kinds.
const (
	EntryChanged  FaultKind = "entry_changed"
	EntryRemoved  FaultKind = "entry_removed"
	EntryInserted FaultKind = "entry_inserted"
	EntryMoved    FaultKind = "entry_moved"
	EntryCopied   FaultKind = "entry_copied"
	BlockChanged  FaultKind = "block_changed"
	BlockRemoved  FaultKind = "block_removed"
	BlockInserted FaultKind = "block_inserted"
	TailCut       FaultKind = "tail_cut"
	AnchorChanged FaultKind = "anchor_changed"
	OtherKey      FaultKind = "other_key"
	SealingLate   FaultKind = "sealing_late"
)

// Fault names one thing that is not as it was sealed.
type Fault struct {
	Kind   FaultKind
	Entry  int64 // 0 where it is about a block
	Block  int64 // 0 where it is about no block
	Detail string
}

// Report is what a verification found. Only the first faults are named, and all are counted.
type Report struct {
	OK        bool
	At        time.Time
	Blocks    int
	Entries   int // looked at
	Pruned    int // blocks whose entries served their time
	Unsealed  int // committed since the last block
	Anchors   int // held against the chain
	Last      model.AuditAnchor
	Faults    []Fault
	FaultsAll int
}

const (
	mostFaults  = 200
	blockChunk  = 100
	lateSealing = 10 * time.Minute
)

func (r *Report) add(faults ...Fault) {
	for _, f := range faults {
		r.FaultsAll++
		if len(r.Faults) < mostFaults {
			r.Faults = append(r.Faults, f)
		}
	}
}

// Verify holds every entry and every block against the chain, and the chain against the anchors: those of this process's file, and one that the
// caller kept elsewhere, with a zero Block for none. Errors: forbidden, conflict while another verification runs.
func (s *Service) Verify(ctx context.Context, actor *model.Actor, kept model.AuditAnchor) (*Report, error) {
	if !model.CanReadAudit(actor) {
		return nil, model.Forbidden("审计记录供党办工作人员查看。")
	}
	if !s.verifying.TryLock() {
		return nil, model.Conflict("另一次核验正在进行，请稍后再试。")
	}
	defer s.verifying.Unlock()
	r := &Report{At: s.clock()}
	anchors, foreign, err := s.anchors.read()
	if err != nil {
		return nil, model.Fail(model.CodeInternal, "封存锚点文件无法读取，请联系系统管理员。").Because(err)
	}
	if foreign > 0 {
		r.add(Fault{Kind: AnchorChanged, Detail: fmt.Sprintf("本机的封存锚点文件有 %d 行被改动过，或属于另一个密钥。", foreign)})
	}
	last, err := s.store.LastAuditBlock(ctx)
	if err != nil {
		return nil, err
	}
	if last != nil {
		r.Last = last.Anchor()
	}
	if err := s.verifyChain(ctx, r, r.Last.Block); err != nil {
		return nil, err
	}
	if kept.Block > 0 {
		anchors = append(anchors, kept)
	}
	if err := s.verifyAnchors(ctx, r, anchors); err != nil {
		return nil, err
	}
	if err := s.verifyLoose(ctx, r, r.Last.Block); err != nil {
		return nil, err
	}
	r.OK = r.FaultsAll == 0
	return r, nil
}

// verifyChain walks the blocks in order, up to the last one there was at the start.
func (s *Service) verifyChain(ctx context.Context, r *Report, last int64) error {
	odd, err := s.store.AuditBlocksBelow(ctx, 1)
	if err != nil {
		return err
	}
	for _, b := range odd {
		r.add(Fault{Kind: BlockInserted, Block: b.Number, Detail: fmt.Sprintf("第 %d 块不是系统封存的。", b.Number)})
	}
	number, prev := int64(0), ""
	for number < last {
		blocks, err := s.store.AuditBlocksAfter(ctx, number, blockChunk)
		if err != nil || len(blocks) == 0 {
			return err
		}
		for i := range blocks {
			b := &blocks[i]
			if b.Number > last {
				return nil
			}
			linked := b.Number == number+1
			if !linked {
				r.add(Fault{Kind: BlockRemoved, Block: number + 1, Detail: removedBlocks(number+1, b.Number-1)})
			}
			faults, err := s.examine(ctx, b)
			if err != nil {
				return err
			}
			if linked && b.PrevHash != prev && len(faults) == 0 {
				faults = append(faults, Fault{Kind: BlockChanged, Block: b.Number, Detail: fmt.Sprintf("第 %d 块与它前面的一块不衔接：前一块被替换过。", b.Number)})
			}
			r.add(faults...)
			r.Blocks++
			if b.PrunedAt != nil {
				r.Pruned++
			} else {
				r.Entries += b.Entries
			}
			number, prev = b.Number, b.Hash
		}
	}
	return nil
}

func removedBlocks(from, to int64) string {
	if from == to {
		return fmt.Sprintf("第 %d 块被删除。", from)
	}
	return fmt.Sprintf("第 %d 至 %d 块被删除。", from, to)
}

// examine looks at one block and its entries. What looks wrong is read once more: retention may have been at it meanwhile.
func (s *Service) examine(ctx context.Context, b *model.AuditBlock) ([]Fault, error) {
	faults, err := s.faultsOf(ctx, b)
	if err != nil || len(faults) == 0 {
		return nil, err
	}
	again, err := s.store.AuditBlock(ctx, b.Number)
	if model.IsNotFound(err) {
		return []Fault{{Kind: BlockRemoved, Block: b.Number, Detail: removedBlocks(b.Number, b.Number)}}, nil
	}
	if err != nil {
		return nil, err
	}
	return s.faultsOf(ctx, again)
}

func (s *Service) faultsOf(ctx context.Context, b *model.AuditBlock) (faults []Fault, err error) {
	entries, err := s.store.EntriesOfBlocks(ctx, b.Number, b.Number)
	if err != nil {
		return nil, err
	}
	fault := func(format string) {
		faults = append(faults, Fault{Kind: BlockChanged, Block: b.Number, Detail: fmt.Sprintf(format, b.Number)})
	}
	switch {
	case b.KeyID != s.key.ID:
		return []Fault{{Kind: OtherKey, Block: b.Number, Detail: fmt.Sprintf("第 %d 块是用另一个密钥封存的，用现在的密钥无法核验；如果没有更换过密钥，说明它被改动过。", b.Number)}}, nil
	case !b.Whole(s.key):
		fault("第 %d 块的封存信息被改动过，或不是系统封存的。")
	case b.PrunedAt != nil && !b.PrunedRightly(s.key):
		fault("第 %d 块被标成已到保存期，但不是系统按保存期清理的。")
	case b.PrunedAt != nil:
		for _, e := range entries {
			faults = append(faults, inserted(&e))
		}
		return faults, nil
	case !b.RollWhole():
		fault("第 %d 块的记录清单被改动过。")
	}
	return s.entryFaults(ctx, b, entries, faults)
}

// entryFaults holds the entries of a block against its roll.
func (s *Service) entryFaults(ctx context.Context, b *model.AuditBlock, entries []model.AuditEntry, faults []Fault) ([]Fault, error) {
	byID := make(map[int64]*model.AuditEntry, len(entries))
	for i := range entries {
		byID[entries[i].ID] = &entries[i]
	}
	adopts := b.Number == 1
	var missing []int64
	for _, l := range b.Lines() {
		e := byID[l.ID]
		delete(byID, l.ID)
		switch {
		case e == nil:
			missing = append(missing, l.ID)
		case !l.Matches(e, s.key, adopts):
			faults = append(faults, changed(e))
		case e.MAC == "" && !adopts:
			faults = append(faults, inserted(e))
		case e.MAC != "" && !e.SignedBy(s.key):
			faults = append(faults, changed(e))
		}
	}
	for i := range entries {
		if byID[entries[i].ID] != nil {
			faults = append(faults, inserted(&entries[i]))
		}
	}
	for start := 0; start < len(missing); start += 500 {
		ids := missing[start:min(start+500, len(missing))]
		elsewhere, err := s.store.EntriesByID(ctx, ids)
		if err != nil {
			return nil, err
		}
		moved := map[int64]bool{}
		for _, e := range elsewhere {
			moved[e.ID] = true
		}
		for _, id := range ids {
			f := Fault{Kind: EntryRemoved, Entry: id, Block: b.Number, Detail: fmt.Sprintf("第 %d 条记录被删除（封存于第 %d 块，%s）。", id, b.Number, shown(b.SealedAt))}
			if moved[id] {
				f.Kind, f.Detail = EntryMoved, fmt.Sprintf("第 %d 条记录被移出第 %d 块。", id, b.Number)
			}
			faults = append(faults, f)
		}
	}
	return faults, nil
}

func describe(e *model.AuditEntry) string {
	return fmt.Sprintf("第 %d 条记录（%s，%s，%s）", e.ID, shown(e.At), model.AuditWords(e.Action), e.Object)
}

func changed(e *model.AuditEntry) Fault {
	return Fault{Kind: EntryChanged, Entry: e.ID, Block: blockOf(e), Detail: describe(e) + "的内容与写入时不符，被改动过。"}
}

func inserted(e *model.AuditEntry) Fault {
	return Fault{Kind: EntryInserted, Entry: e.ID, Block: blockOf(e), Detail: describe(e) + "不是系统写入的。"}
}

func blockOf(e *model.AuditEntry) int64 {
	if e.BlockNo == nil {
		return 0
	}
	return *e.BlockNo
}

// verifyAnchors finds a chain whose end was cut off, or that was made anew.
func (s *Service) verifyAnchors(ctx context.Context, r *Report, anchors []model.AuditAnchor) error {
	for _, a := range anchors {
		r.Anchors++
		b, err := s.store.AuditBlock(ctx, a.Block)
		switch {
		case model.IsNotFound(err) && a.Block > r.Last.Block:
			r.add(Fault{Kind: TailCut, Block: a.Block, Detail: fmt.Sprintf("封存链到第 %d 块为止，但锚点证明曾经封存到第 %d 块：末尾被截去。", r.Last.Block, a.Block)})
		case model.IsNotFound(err): // named as removed before
		case err != nil:
			return err
		case b.Hash != a.Hash:
			r.add(Fault{Kind: TailCut, Block: a.Block, Detail: fmt.Sprintf("第 %d 块与锚点不符：从这一块或更早的地方起，封存链被截去后重做过。", a.Block)})
		}
	}
	return nil
}

// verifyLoose looks at the entries that stand in no block of the chain.
func (s *Service) verifyLoose(ctx context.Context, r *Report, last int64) error {
	waiting, err := s.store.UnsealedEntries(ctx, adoptMost)
	if err != nil {
		return err
	}
	r.Unsealed = len(waiting)
	late := 0
	for i := range waiting {
		e := &waiting[i]
		switch {
		case e.MAC == "" && last == 0: // written by an older program, and adopted by the first block to come
		case e.MAC == "":
			r.add(inserted(e))
		case !e.SignedBy(s.key):
			r.add(changed(e))
		}
		if r.At.Sub(e.At) > lateSealing {
			late++
		}
	}
	if late > 0 {
		r.add(Fault{Kind: SealingLate, Detail: fmt.Sprintf("有 %d 条记录超过 10 分钟没有封存，请检查后台任务（audit-seal）是否在运行。", late)})
	}
	outside, err := s.store.EntriesOutside(ctx, 1, last)
	if err != nil {
		return err
	}
	if now, err := s.store.LastAuditBlock(ctx); err != nil {
		return err
	} else if now != nil && now.Number > last { // sealed while this was running
		last = now.Number
	}
	for i := range outside {
		e := &outside[i]
		switch n := *e.BlockNo; {
		case n >= 1 && n <= last:
		case n > last && e.SignedBy(s.key):
			r.add(Fault{Kind: BlockRemoved, Entry: e.ID, Block: n, Detail: describe(e) + fmt.Sprintf("所在的第 %d 块被删除。", n)})
		default:
			r.add(inserted(e))
		}
	}
	copies, err := s.store.CopiedEntries(ctx)
	if err != nil {
		return err
	}
	for i := 1; i < len(copies); i++ {
		if copies[i].MAC == copies[i-1].MAC {
			r.add(Fault{Kind: EntryCopied, Entry: copies[i].ID, Block: blockOf(&copies[i]), Detail: describe(&copies[i]) + fmt.Sprintf("是第 %d 条的复制品。", copies[i-1].ID)})
		}
	}
	return nil
}
