package store_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"testing"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

// BenchmarkAudit compares a transaction that writes one entry with a digest to one that writes it plainly.
func BenchmarkAudit(b *testing.B) {
	key := model.AuditKey{ID: "k", Sign: func(text []byte) []byte {
		m := hmac.New(sha256.New, []byte("a key of thirty-two bytes, no less"))
		m.Write(text)
		return m.Sum(nil)
	}}
	for _, kind := range []struct {
		name string
		key  model.AuditKey
	}{{"plain", model.AuditKey{}}, {"signed", key}} {
		b.Run(kind.name, func(b *testing.B) {
			s, ctx := storetest.Open(b), context.Background()
			s.SignAudit(kind.key)
			for b.Loop() {
				err := s.Tx(ctx, func(tx *store.Store) error {
					return tx.Audit(ctx, storetest.Now(), &model.Actor{MemberID: "m"}, "member.update", "member:m", "o", map[string]string{"fields": "name"})
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
