package main

import (
	"context"
	"slices"

	"zhibu/model"
	"zhibu/service/push"
)

// shortOf tells of which kinds of WeChat messages a member can get none at present.
type shortOf struct{ h *house }

// Short looks at the member's subscriptions. Who has not bound a WeChat is short of all.
func (s shortOf) Short(ctx context.Context, memberID string) ([]model.PushKind, error) {
	books := []push.Book{}
	identity, err := s.h.store.IdentityOf(ctx, memberID)
	if err == nil {
		books, err = s.h.push.Books(ctx, &model.Actor{MemberID: memberID, IdentityID: identity.ID, OpenID: identity.OpenID})
	}
	if err != nil && !model.IsNotFound(err) {
		return nil, err
	}
	kinds := []model.PushKind{}
	for _, k := range []model.PushKind{model.PushMeeting, model.PushSuggestion, model.PushAnnouncement} {
		t, used := s.h.cfg.Wechat.Templates[string(k)]
		if used && !slices.ContainsFunc(books, func(b push.Book) bool { return b.TemplateID == t.ID && b.Remaining > 0 }) {
			kinds = append(kinds, k)
		}
	}
	return kinds, nil
}
