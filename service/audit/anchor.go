package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"zhibu/model"
)

// anchorFile keeps, one a line, the last end of the chain of each day and the present one. It is outside the database, so that a chain that was
// cut or made anew does not fit it. Each line is signed: one that was changed by hand is seen.
type anchorFile struct {
	path string
	key  model.AuditKey
	mu   sync.Mutex
}

type anchorLine struct {
	model.AuditAnchor
	KeyID string `json:"key_id"`
	MAC   string `json:"mac"`
}

func (f *anchorFile) sign(a model.AuditAnchor) string {
	return hex.EncodeToString(f.key.Sign(fmt.Appendf(nil, "anchor\n%d\n%s\n%d", a.Block, a.Hash, a.SealedAt.UnixMilli())))
}

// read gives the anchors in order, and how many lines were not ours.
func (f *anchorFile) read() (anchors []model.AuditAnchor, foreign int, err error) {
	data, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		var l anchorLine
		if json.Unmarshal(lines.Bytes(), &l) != nil || l.MAC != f.sign(l.AuditAnchor) {
			foreign++
			continue
		}
		anchors = append(anchors, l.AuditAnchor)
	}
	return anchors, foreign, nil
}

// write puts the anchors in the place of those before, whole or not at all.
func (f *anchorFile) write(anchors []model.AuditAnchor) error {
	var b bytes.Buffer
	for _, a := range anchors {
		line, err := json.Marshal(anchorLine{AuditAnchor: a, KeyID: f.key.ID, MAC: f.sign(a)})
		if err != nil {
			return err
		}
		b.Write(append(line, '\n'))
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return err
	}
	next := f.path + ".part"
	if err := os.WriteFile(next, b.Bytes(), 0o600); err != nil {
		return err
	}
	return os.Rename(next, f.path)
}

// KeepAnchor notes the present end of the chain in this process's file. Every replica does, whoever sealed. Where the chain no longer leads
// through what the file says, nothing is written over it: the old anchor is the evidence.
func (s *Service) KeepAnchor(ctx context.Context) error {
	s.anchors.mu.Lock()
	defer s.anchors.mu.Unlock()
	last, err := s.store.LastAuditBlock(ctx)
	if err != nil {
		return err
	}
	anchors, foreign, err := s.anchors.read()
	if err != nil {
		return err
	}
	if foreign > 0 {
		s.log.ErrorContext(ctx, "audit: the file of anchors was changed by hand or belongs to another secret", "file", s.anchors.path, "lines", foreign)
		return nil
	}
	if len(anchors) > 0 {
		newest := anchors[len(anchors)-1]
		if last != nil && last.Number == newest.Block && last.Hash == newest.Hash {
			return nil
		}
		held, err := s.holds(ctx, newest)
		if err != nil {
			return err
		}
		if !held {
			s.log.ErrorContext(ctx, "audit: the chain was cut or made anew; see /audit/verify", "anchor_block", newest.Block, "anchor_hash", newest.Hash)
			return nil
		}
		if last != nil && model.DateOf(newest.SealedAt) == model.DateOf(last.SealedAt) {
			anchors = anchors[:len(anchors)-1]
		}
	}
	if last == nil {
		return nil
	}
	return s.anchors.write(append(anchors, last.Anchor()))
}

// holds reports whether the chain still leads through an anchor.
func (s *Service) holds(ctx context.Context, a model.AuditAnchor) (bool, error) {
	b, err := s.store.AuditBlock(ctx, a.Block)
	if model.IsNotFound(err) {
		return false, nil
	}
	return err == nil && b.Hash == a.Hash, err
}

// Anchor is the present end of the chain, to be kept elsewhere; a zero Block where nothing is sealed yet. Errors: forbidden.
func (s *Service) Anchor(ctx context.Context, actor *model.Actor) (model.AuditAnchor, error) {
	if !model.CanReadAudit(actor) {
		return model.AuditAnchor{}, model.Forbidden("审计记录供党办工作人员查看。")
	}
	last, err := s.store.LastAuditBlock(ctx)
	if err != nil || last == nil {
		return model.AuditAnchor{}, err
	}
	return last.Anchor(), nil
}

// shown is an instant as the office reads it.
func shown(t time.Time) string { return t.In(model.Zone).Format("2006-01-02 15:04:05") }
