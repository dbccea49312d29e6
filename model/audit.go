package model

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"time"
)

// AuditKey makes the keyed digests of the audit. The key comes from the installation's secret, which the database does not hold, so that
// somebody with the database's password alone can make none.
type AuditKey struct {
	ID   string // names the secret, so that what an earlier one sealed is told apart from what was forged
	Sign func(text []byte) []byte
}

// AuditBlock seals the entries that were committed since the block before. Its hash covers the roll of its entries and the hash before it.
type AuditBlock struct {
	Number   int64 `gorm:"primaryKey;autoIncrement:false"`
	SealedAt time.Time
	Entries  int
	FirstID  int64
	LastID   int64
	Roll     []byte // each entry's number and the start of its digest; nil once the entries have served their time
	RollHash string
	PrevHash string
	KeyID    string
	Hash     string
	PrunedAt *time.Time // when retention removed the entries
	// PrunedMAC proves that it was retention that removed them.
	PrunedMAC string `gorm:"column:pruned_mac"`
}

// AuditAnchor is what the end of the chain was at some time, kept outside the database: in a log, in a file, on paper.
type AuditAnchor struct {
	Block    int64     `json:"block"`
	Hash     string    `json:"hash"`
	SealedAt time.Time `json:"sealed_at"`
}

// RollLine is one entry as a block's roll has it.
type RollLine struct {
	ID     int64
	Digest [rollDigest]byte
}

const (
	rollDigest = 16
	rollLine   = 8 + rollDigest
)

// SigningText is what an entry's digest covers: everything in it but its number, which is the database's to give.
func (e *AuditEntry) SigningText() []byte {
	detail := ""
	if len(e.Detail) > 0 {
		if b, err := json.Marshal(e.Detail); err == nil { // a map of texts always can be
			detail = string(b)
		}
	}
	return signingText("entry", millis(e.At), e.Nonce, e.ActorID, e.Action, e.Object, e.OrgID, detail, e.RequestID)
}

// SignedBy reports whether the entry is as it was written.
func (e *AuditEntry) SignedBy(key AuditKey) bool {
	return e.MAC != "" && e.MAC == hex.EncodeToString(key.Sign(e.SigningText()))
}

// RollLine is the entry's line in the roll of its block. One that was written before there were digests is adopted: it gets one here.
func (e *AuditEntry) RollLine(key AuditKey, adopt bool) RollLine {
	l := RollLine{ID: e.ID}
	switch {
	case e.MAC != "":
		sum, err := hex.DecodeString(e.MAC)
		if err == nil {
			copy(l.Digest[:], sum)
		}
	case adopt:
		copy(l.Digest[:], key.Sign(signingText("adopted", number(e.ID), string(e.SigningText()))))
	}
	return l
}

// NewAuditBlock seals entries, which are in the order of their numbers, after the block before, nil for the first. The first block adopts
// what was written before there were digests; no later one does.
func NewAuditBlock(key AuditKey, prev *AuditBlock, entries []AuditEntry, now time.Time) *AuditBlock {
	b := &AuditBlock{Number: 1, SealedAt: now, Entries: len(entries), KeyID: key.ID, FirstID: entries[0].ID, LastID: entries[len(entries)-1].ID}
	if prev != nil {
		b.Number, b.PrevHash = prev.Number+1, prev.Hash
	}
	b.Roll = make([]byte, 0, len(entries)*rollLine)
	for i := range entries {
		l := entries[i].RollLine(key, prev == nil)
		b.Roll = binary.BigEndian.AppendUint64(b.Roll, uint64(l.ID)) //nolint:gosec // numbers of rows are never negative
		b.Roll = append(b.Roll, l.Digest[:]...)
	}
	b.RollHash = rollHash(b.Roll)
	b.Hash = b.sum(key)
	return b
}

func rollHash(roll []byte) string {
	sum := sha256.Sum256(roll)
	return hex.EncodeToString(sum[:])
}

func (b *AuditBlock) sum(key AuditKey) string {
	return hex.EncodeToString(key.Sign(signingText("block", number(b.Number), millis(b.SealedAt), number(int64(b.Entries)), number(b.FirstID), number(b.LastID),
		b.RollHash, b.PrevHash, b.KeyID)))
}

// Whole reports whether the block is as it was sealed; its roll is another question.
func (b *AuditBlock) Whole(key AuditKey) bool { return b.Hash == b.sum(key) }

// RollWhole reports whether the roll is the one that was sealed.
func (b *AuditBlock) RollWhole() bool {
	return len(b.Roll)%rollLine == 0 && rollHash(b.Roll) == b.RollHash
}

// Lines are the entries of the roll.
func (b *AuditBlock) Lines() []RollLine {
	lines := make([]RollLine, 0, len(b.Roll)/rollLine)
	for r := b.Roll; len(r) >= rollLine; r = r[rollLine:] {
		l := RollLine{ID: int64(binary.BigEndian.Uint64(r))} //nolint:gosec // what was put in above
		copy(l.Digest[:], r[8:rollLine])
		lines = append(lines, l)
	}
	return lines
}

// Matches reports whether the line is this entry's.
func (l RollLine) Matches(e *AuditEntry, key AuditKey, adopted bool) bool {
	own := e.RollLine(key, adopted)
	return l.ID == own.ID && bytes.Equal(l.Digest[:], own.Digest[:])
}

// Prune takes the roll out of a block whose entries have served their time, and leaves the proof that it was retention.
func (b *AuditBlock) Prune(key AuditKey, now time.Time) {
	b.Roll, b.PrunedAt = nil, &now
	b.PrunedMAC = b.pruned(key)
}

func (b *AuditBlock) pruned(key AuditKey) string {
	return hex.EncodeToString(key.Sign(signingText("pruned", b.Hash, millis(*b.PrunedAt))))
}

// PrunedRightly reports whether retention removed the block's entries, and nobody else.
func (b *AuditBlock) PrunedRightly(key AuditKey) bool {
	return b.PrunedAt != nil && b.PrunedMAC == b.pruned(key)
}

// Anchor is the end of a chain whose last block this is.
func (b *AuditBlock) Anchor() AuditAnchor {
	return AuditAnchor{Block: b.Number, Hash: b.Hash, SealedAt: b.SealedAt}
}

// MinAuditDays is how long entries are kept at the least, whatever the profile says.
const MinAuditDays = 180

// AuditDays is how long this profile keeps audit entries.
func (p *Policy) AuditDays() int { return max(p.Retention.Audit, MinAuditDays) }

// signingText joins parts so that no two lists of parts give the same text.
func signingText(parts ...string) []byte {
	n := 0
	for _, p := range parts {
		n += 8 + len(p)
	}
	out := make([]byte, 0, n)
	for _, p := range parts {
		out = binary.BigEndian.AppendUint64(out, uint64(len(p)))
		out = append(out, p...)
	}
	return out
}

func number(n int64) string { return string(binary.BigEndian.AppendUint64(nil, uint64(n))) } //nolint:gosec // its bits, of whatever sign

func millis(t time.Time) string { return number(t.UnixMilli()) }
