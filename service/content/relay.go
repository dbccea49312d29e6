package content

import (
	"context"
	"fmt"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// Relay is how an organisation passed an article on.
type Relay = store.Relay

// CheckRelay finds fault with a relay's sentence. Errors: validation_failed.
func (s *Service) CheckRelay(note string) error {
	if utf8.RuneCountInString(model.SingleLine(note)) > model.MaxNote {
		return model.BadField("note", "too_long", fmt.Sprintf("转发语不能超过 %d 个字。", model.MaxNote))
	}
	return nil
}

// Relay passes a published article on to an organisation's own people, with a sentence of its own (转发). It is no copy: in their feed the article stands
// once, where it was passed on, and only for those who may see it. Passed on again it keeps its place and has the new sentence.
// Errors: not_found (the article or the organisation), forbidden, conflict (not published, the organisation's own, nobody there may see it),
// validation_failed.
func (s *Service) Relay(ctx context.Context, actor *model.Actor, id, orgID, note string) (*Relay, error) {
	note = model.SingleLine(note)
	if err := s.CheckRelay(note); err != nil {
		return nil, err
	}
	now := s.now()
	var out *Relay
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		a, err := readable(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		org, err := relayOrg(ctx, tx, actor, orgID)
		if err != nil {
			return err
		}
		switch {
		case a.OrgID == org.ID:
			return model.Conflict("这是本组织自己发布的文章，不需要转发。")
		case !model.RelayReaches(a, org.Path):
			return model.Conflict("这篇文章的可见范围不包括本组织的成员，转发后他们也看不到。")
		}
		row, err := tx.PutRelay(ctx, &model.ArticleRelay{ArticleID: id, OrgID: org.ID, OrgPath: org.Path, Note: note, AuthorID: actor.MemberID, CreatedAt: now})
		if err != nil {
			return err
		}
		out = &Relay{ArticleID: id, OrgID: org.ID, OrgName: org.Name, Note: note, CreatedAt: row.CreatedAt}
		if err := tx.Changed(ctx, now, model.TopicFeed, ""); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "article.relay", "article:"+id, org.ID, nil)
	})
	return out, err
}

// Unrelay takes a relay back; where there is none nothing happens.
// Errors: not_found (the organisation), forbidden.
func (s *Service) Unrelay(ctx context.Context, actor *model.Actor, id, orgID string) error {
	now := s.now()
	return s.store.Tx(ctx, func(tx *store.Store) error {
		org, err := relayOrg(ctx, tx, actor, orgID)
		if err != nil {
			return err
		}
		dropped, err := tx.DropRelay(ctx, id, org.ID)
		if err != nil || !dropped {
			return err
		}
		if err := tx.Changed(ctx, now, model.TopicFeed, ""); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "article.unrelay", "article:"+id, org.ID, nil)
	})
}

// relayOrg is an organisation for which the actor may pass articles on.
func relayOrg(ctx context.Context, tx *store.Store, actor *model.Actor, orgID string) (*model.Org, error) {
	org, err := tx.Org(ctx, orgID)
	switch {
	case err != nil:
		return nil, err
	case model.CanRelay(actor, org):
		return org, nil
	case model.CanSeeOrg(actor, org.Path):
		return nil, model.Forbidden("只有该组织的书记、支委、党小组组长及上级工作人员可以转发。")
	}
	return nil, model.NotFound("该组织")
}
