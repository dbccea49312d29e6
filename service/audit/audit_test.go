package audit_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
	"zhibu/service/audit"
)

func TestMain(m *testing.M) { storetest.Main(m) }

type house struct {
	*audit.Service
	t     *testing.T
	store *store.Store
	now   time.Time
	days  int
	file  string
}

func (h *house) PolicyAt(time.Time) *model.Policy {
	p := model.DefaultPolicy()
	p.Retention.Audit = h.days
	return p
}

func keyOf(secret string) model.AuditKey {
	return model.AuditKey{ID: secret, Sign: func(text []byte) []byte {
		m := hmac.New(sha256.New, []byte(secret))
		m.Write(text)
		return m.Sum(nil)
	}}
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, now: storetest.Now(), days: 365, file: filepath.Join(t.TempDir(), "audit.anchors")}
	h.store = storetest.Open(t)
	h.store.SignAudit(keyOf("a"))
	h.Service = h.room("a")
	return h
}

// room is a replica's room, or that of an installation with another secret.
func (h *house) room(secret string) *audit.Service {
	return audit.New(h.store, keyOf(secret), h, h.file, func() time.Time { return h.now }, slog.New(slog.DiscardHandler))
}

func (h *house) write(action string) {
	h.t.Helper()
	err := h.store.Tx(context.Background(), func(tx *store.Store) error {
		return tx.Audit(context.Background(), h.now, &model.Actor{MemberID: "m1"}, action, "member:m2", "", map[string]string{"fields": "name"})
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) seal() {
	h.t.Helper()
	if err := h.Seal(context.Background()); err != nil {
		h.t.Fatal(err)
	}
}

var office = &model.Actor{MemberID: "boss", Powers: []model.Power{{Path: model.EverywherePath, Role: model.RoleStaff}}}

func (h *house) verify() *audit.Report {
	h.t.Helper()
	r, err := h.Verify(context.Background(), office, model.AuditAnchor{})
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

func (h *house) green(entries, unsealed int) {
	h.t.Helper()
	if r := h.verify(); !r.OK || r.Entries != entries || r.Unsealed != unsealed {
		h.t.Errorf("%+v, want %d entries and %d unsealed, all well", r, entries, unsealed)
	}
}

func TestEntriesAreSealedOnce(t *testing.T) {
	h := newHouse(t)
	h.seal() // nothing yet
	h.write("member.add")
	h.green(0, 1)
	h.seal()
	h.write("member.update")
	h.write("member.update")
	h.seal()
	h.seal()
	h.green(3, 0)
	if r := h.verify(); r.Last.Block != 2 || r.Anchors != 1 {
		t.Errorf("%+v, want two blocks and an anchor", r)
	}
}

// TestALateCommitIsSealed: of two transactions the one with the lower number commits after the other's entry was sealed. Where the database has
// one writer only there is no such order, and they come one after the other.
func TestALateCommitIsSealed(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	if h.store.Dialect() == store.SQLite {
		h.write("late.one")
		h.write("early.one")
		h.seal()
		h.green(2, 0)
		return
	}
	written, commit := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- h.store.Tx(ctx, func(tx *store.Store) error {
			err := tx.Audit(ctx, h.now, nil, "late.one", "member:m1", "", nil)
			close(written)
			<-commit
			return err
		})
	}()
	<-written
	h.write("early.one")
	h.seal()
	h.green(1, 0)
	close(commit)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	h.green(1, 1)
	h.seal()
	h.green(2, 0)
	if b, err := h.store.AuditBlock(ctx, 2); err != nil || b.LastID > 1 {
		t.Errorf("the late one is not in the second block: %+v %v", b, err)
	}
}

func TestReplicasSealAtOnce(t *testing.T) {
	h := newHouse(t)
	var writers, sealers sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		room := h.room("a")
		sealers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if err := room.Seal(context.Background()); err != nil && model.CodeOf(err) != model.CodeUnavailable {
					t.Error(err)
				}
			}
		})
	}
	for range 4 {
		writers.Go(func() {
			for range 25 {
				h.write("member.add")
			}
		})
	}
	writers.Wait()
	close(stop)
	sealers.Wait()
	h.seal()
	h.green(100, 0)
}

func TestRetentionLeavesTheChainWhole(t *testing.T) {
	h := newHouse(t)
	h.days = 30 // the profile may say what it likes
	for range 3 {
		h.write("member.add")
		h.seal()
		h.now = h.now.AddDate(0, 0, 100)
	}
	n, err := h.Prune(context.Background())
	if err != nil || n != 2 {
		t.Fatalf("%d entries went (%v), want those of 300 and of 200 days ago", n, err)
	}
	h.green(1, 0)
	if r := h.verify(); r.Pruned != 2 || r.Blocks != 3 {
		t.Errorf("%+v", r)
	}
	if n, err := h.Prune(context.Background()); n != 0 || err != nil {
		t.Errorf("again: %d %v", n, err)
	}
}

// TestOldEntriesAreAdopted: what an older program wrote has no digest. The first block takes it in as it is; later ones do not.
func TestOldEntriesAreAdopted(t *testing.T) {
	h := newHouse(t)
	h.store.SignAudit(model.AuditKey{})
	h.write("member.add")
	h.green(0, 1)
	h.seal()
	h.green(1, 0)
	h.write("member.forged")
	for _, when := range []string{"before", "after"} {
		if r := h.verify(); r.OK || len(r.Faults) != 1 || r.Faults[0].Kind != audit.EntryInserted || r.Faults[0].Entry != 2 {
			t.Errorf("%s the seal: %+v", when, r)
		}
		h.seal()
	}
}

func TestAnotherSecretIsNamed(t *testing.T) {
	h := newHouse(t)
	h.write("member.add")
	h.seal()
	r, err := h.room("b").Verify(context.Background(), office, model.AuditAnchor{})
	if err != nil || r.OK || r.Faults[0].Kind != audit.AnchorChanged || r.Faults[1].Kind != audit.OtherKey {
		t.Errorf("%+v %v", r, err)
	}
}

func TestAnAnchorKeptElsewhere(t *testing.T) {
	h := newHouse(t)
	h.write("member.add")
	h.seal()
	for hash, ok := range map[string]bool{h.verify().Last.Hash: true, strings.Repeat("0", 64): false} {
		if r, err := h.Verify(context.Background(), office, model.AuditAnchor{Block: 1, Hash: hash}); err != nil || r.OK != ok {
			t.Errorf("%s: %+v %v", hash, r, err)
		}
	}
	if r, err := h.Verify(context.Background(), office, model.AuditAnchor{Block: 9, Hash: "x"}); err != nil || r.OK || r.Faults[0].Kind != audit.TailCut {
		t.Errorf("%+v %v", r, err)
	}
}

func TestAnchorsOfEachDayStay(t *testing.T) {
	h := newHouse(t)
	for day := range 3 {
		for range 2 {
			h.write("member.add")
			h.seal()
		}
		if r := h.verify(); r.Anchors != day+1 || !r.OK {
			t.Errorf("day %d: %+v", day, r)
		}
		h.now = h.now.AddDate(0, 0, 1)
	}
}

func TestExportIsHarmless(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	m := &model.Member{ID: "m1", Name: "=cmd|'/c calc'!A1", PartyStatus: model.PartyFull, CreatedAt: h.now, UpdatedAt: h.now}
	if err := h.store.AddMember(ctx, m); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		h.write(fmt.Sprintf("article.%d", i))
	}
	h.write("member.reveal_phone")
	file, err := h.Export(ctx, office, audit.Filter{Actor: "m1"})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := file.Write(ctx, &b); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 5 || rows[1][4] != "查看完整手机号" || !strings.HasPrefix(rows[1][2], "'=") {
		t.Errorf("%v %q", err, rows)
	}
	if _, err := h.Export(ctx, &model.Actor{MemberID: "m1"}, audit.Filter{}); model.CodeOf(err) != model.CodeForbidden {
		t.Errorf("a member exports: %v", err)
	}
}

// TestWhoLeadsAPartSeesThePart: the office of one society reads what was done in it.
func TestWhoLeadsAPartSeesThePart(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	root := &model.Org{ID: "root", Kind: model.OrgAssociation, Name: "协会", Path: "/root/", CreatedAt: h.now, UpdatedAt: h.now}
	part := &model.Org{ID: "part", ParentID: &root.ID, Kind: model.OrgSociety, Name: "学会", Path: "/root/part/", CreatedAt: h.now, UpdatedAt: h.now}
	for _, o := range []*model.Org{root, part} {
		if err := h.store.AddOrg(ctx, o); err != nil {
			t.Fatal(err)
		}
		if err := h.store.Audit(ctx, h.now, nil, "org.create", "org:"+o.ID, o.ID, nil); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]int{"/root/": 2, "/root/part/": 1} {
		actor := &model.Actor{MemberID: "x", Powers: []model.Power{{OrgID: "x", Path: path, Role: model.RoleStaff}}}
		rows, _, err := h.List(ctx, actor, audit.Filter{}, model.Page{})
		if err != nil || len(rows) != want {
			t.Errorf("%s: %d entries (%v), want %d", path, len(rows), err, want)
		}
	}
}
