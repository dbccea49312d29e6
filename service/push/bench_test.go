package push

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// BenchmarkExpand writes a push into the inboxes and the ledger of as many members as it is told, each with a grant that is reserved.
func BenchmarkExpand(b *testing.B) {
	h := newHouse(b)
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error {
		for i := range b.N {
			id := store.NewID()
			openID := fmt.Sprintf("oABCDEFGHIJKLMNOPQRS%08x", uint32(i)*2654435761)
			for _, err := range []error{
				tx.AddMember(h.ctx, &model.Member{ID: id, Name: id}),
				tx.AddMembership(h.ctx, &model.Membership{ID: store.NewID(), MemberID: id, OrgID: "heart", OrgPath: h.orgs["heart"].Path}),
				tx.AddIdentity(h.ctx, &model.Identity{ID: store.NewID(), OpenID: openID, MemberID: &id}),
				tx.OpenQuota(h.ctx, openID, meetingTemplate, model.QuotaOneTime, h.clock.now()),
			} {
				if err != nil {
					return err
				}
			}
			if _, err := tx.MoveQuotas(h.ctx, model.QuotaGrant, meetingTemplate, []string{openID}, h.clock.now()); err != nil {
				return err
			}
		}
		return nil
	}))
	p := meetingPush()
	p.Audience = model.Audience{OrgID: "heart"}
	at := h.clock.now().AddDate(0, 0, 1)
	p.SendAt = at
	h.push(p)
	h.clock.set(at)
	before := processorTime(b)
	b.ResetTimer()
	h.must(h.svc.expandDue(h.ctx))
	b.StopTimer()
	b.ReportMetric(float64(processorTime(b)-before)/float64(b.N), "cpu-ns/op")
	if c := h.counts(p.ID); c.Queued != b.N {
		b.Fatalf("%+v", c)
	}
}

// processorTime is what this process has used so far: a figure that other programs on the machine hardly change.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
