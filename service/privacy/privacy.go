// Package privacy is what a person may ask of those who keep their data: to see it, to take it along, to have it erased; what they agreed to;
// and how long each kind is kept.
package privacy

import (
	"context"
	"log/slog"

	"zhibu/model"
	"zhibu/model/store"
)

// Vault opens phone numbers and makes keyed digests.
type Vault interface {
	Open(sealed []byte, keyID, place string) (string, error)
	Index(text string) string
}

// Files are what members have uploaded.
type Files interface {
	// Erase clears away a person's files, and disowns those that are used.
	Erase(ctx context.Context, memberID string) (gone, kept int, err error)
	// Bytes reads one file whole.
	Bytes(ctx context.Context, u *model.Upload) ([]byte, error)
}

// Outbox tells people something, in the transaction of its cause, and takes back what was not sent yet.
type Outbox interface {
	Push(ctx context.Context, tx *store.Store, p *model.Push) error
	Drop(ctx context.Context, tx *store.Store, subject, reason string) error
}

// Names are the keyed names under which other rooms hide a person, and where they seal the phone.
type Names interface {
	PhonePlace(memberID string) string
	// SuggestionIndexes are the names under which anonymous suggestions know a person.
	SuggestionIndexes(ctx context.Context, tx *store.Store, memberID string) ([]string, error)
	// ReplayCaller is the caller of a kept answer under an idempotency key.
	ReplayCaller(id, key string) string
}

// Audit removes its entries by itself, since they are chained.
type Audit interface {
	Prune(ctx context.Context) (int, error)
}

// Service is the room.
type Service struct {
	store    *store.Store
	vault    Vault
	names    Names
	files    Files
	outbox   Outbox
	policies model.Policies
	clock    model.Clock
	log      *slog.Logger
	keepers  []Keeper
	audit    Audit
}

// New makes the room.
func New(s *store.Store, v Vault, n Names, f Files, o Outbox, p model.Policies, a Audit, clock model.Clock, log *slog.Logger) *Service {
	return &Service{store: s, vault: v, names: n, files: f, outbox: o, policies: p, audit: a, clock: clock, log: log}
}
