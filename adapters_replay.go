package main

import (
	"context"
	"encoding/json"
	"time"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/vault"
)

// sealedReplays keeps the answers to creating requests so that a reader of the database learns nothing from them: some hold an invitation's code
// or a phone number, and one that names an anonymous suggestion must not stand beside its author. Body and headers are sealed. The caller's name
// is another one with each key, or what a caller did elsewhere under their name would tell who it is; and the hash is keyed, or whoever guesses
// a request, as from the row that it made, could find it here.
type sealedReplays struct {
	store *store.Store
	vault *vault.Vault
}

func (r sealedReplays) caller(id, key string) string {
	return r.vault.Index("replay:" + id + ":" + key)
}

func (r sealedReplays) hash(row *model.Replay) string {
	return r.vault.Index("replay-hash:" + row.Caller + ":" + row.Hash)
}

func (r sealedReplays) place(caller, key string) string { return "replays/" + caller + "/" + key }

// sealedAnswer is what is sealed of an answer.
type sealedAnswer struct {
	Header map[string]string
	Body   []byte
}

// BeginReplay claims a key, or gives the answer that was kept before.
func (r sealedReplays) BeginReplay(ctx context.Context, row *model.Replay, stale time.Time) (*model.Replay, error) {
	hidden := *row
	hidden.Caller, hidden.Hash = r.caller(row.Caller, row.Key), r.hash(row)
	before, err := r.store.BeginReplay(ctx, &hidden, stale)
	if err != nil || before == nil {
		return before, err
	}
	if before.Hash == hidden.Hash {
		before.Hash = row.Hash
	}
	if before.Status == 0 {
		return before, nil
	}
	sealed, err := r.vault.Open(before.Body, r.vault.KeyID(), r.place(before.Caller, before.Key))
	if err != nil { // the installation's key was changed meanwhile
		return nil, model.Conflict("此前的提交已经处理，请刷新查看结果。").Because(err)
	}
	var answer sealedAnswer
	if err := json.Unmarshal([]byte(sealed), &answer); err != nil {
		return nil, err
	}
	before.Header, before.Body = answer.Header, answer.Body
	return before, nil
}

// EndReplay keeps the answer.
func (r sealedReplays) EndReplay(ctx context.Context, row *model.Replay) error {
	answer, err := json.Marshal(sealedAnswer{row.Header, row.Body})
	if err != nil {
		return err
	}
	hidden := *row
	hidden.Caller, hidden.Header = r.caller(row.Caller, row.Key), nil
	if hidden.Body, err = r.vault.Seal(string(answer), r.place(hidden.Caller, row.Key)); err != nil {
		return err
	}
	return r.store.EndReplay(ctx, &hidden)
}

// DropReplay frees a key.
func (r sealedReplays) DropReplay(ctx context.Context, caller, key string) error {
	return r.store.DropReplay(ctx, r.caller(caller, key), key)
}
