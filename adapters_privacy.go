package main

import (
	"context"
	"io"

	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/blob"
	"zhibu/service/member"
	"zhibu/service/suggestion"
	"zhibu/service/upload"
	"zhibu/service/vault"
)

// hiddenNames are the keyed names under which rooms hide a person, so that an erasure finds them.
type hiddenNames struct {
	vault       *vault.Vault
	suggestions *suggestion.Service
}

// PhonePlace is where a member's number is sealed.
func (hiddenNames) PhonePlace(memberID string) string { return member.PhonePlace(memberID) }

// SuggestionIndexes are the author's names in anonymous suggestions.
func (n hiddenNames) SuggestionIndexes(ctx context.Context, tx *store.Store, memberID string) ([]string, error) {
	return n.suggestions.OwnIndexes(ctx, tx, memberID)
}

// ReplayCaller is the caller's name in the answers that are kept.
func (n hiddenNames) ReplayCaller(id, key string) string {
	return sealedReplays{vault: n.vault}.caller(id, key)
}

// ownFiles are what a person has uploaded.
type ownFiles struct {
	*upload.Service
	bytes blob.Store
}

// Bytes reads one file whole.
func (f ownFiles) Bytes(ctx context.Context, u *model.Upload) (_ []byte, err error) {
	r, err := f.bytes.Open(ctx, u.BlobKey)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }() // it was only read
	return io.ReadAll(r)
}

// meetingTexts are what was written by and about a person in meetings and minutes.
type meetingTexts struct{}

// Forget takes them out.
func (meetingTexts) Forget(ctx context.Context, tx *store.Store, memberID string) ([]model.ErasureLine, error) {
	if err := tx.EraseMeetingTexts(ctx, memberID); err != nil {
		return nil, err
	}
	return []model.ErasureLine{{What: "请假理由、忙时标记与日历订阅", Count: 1}}, tx.EraseMinutes(ctx, memberID)
}
