package content

import (
	"context"
	"strconv"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// publishAhead is how far ahead an article may be scheduled; a later date is a slip of the finger.
const publishAhead = 366 * 24 * time.Hour

// dueAtOnce is how many articles one run of the job reads at a time.
const dueAtOnce = 50

// Publish lets an article of the given version, 0 for whichever it is, out now or at a time to come. With notify it is pushed to those it is meant for,
// when it is out.
// Errors: not_found, forbidden, edit_conflict, conflict, validation_failed.
func (s *Service) Publish(ctx context.Context, actor *model.Actor, id string, version int, at *time.Time, notify bool) (*Full, error) {
	now := s.now()
	next := model.ArticlePublished
	if at != nil && at.After(now) {
		next = model.ArticleScheduled
	}
	if err := s.CheckPublish(at); err != nil {
		return nil, err
	}
	err := s.step(ctx, actor, id, version, next, now, func(a *model.Article) {
		a.Notify = notify
		if next == model.ArticleScheduled {
			a.PublishAt, a.WithdrawnAt = utc(at), nil
		}
	})
	if err != nil {
		return nil, err
	}
	return s.read(ctx, id)
}

// CheckPublish finds fault with the time of a publication. Errors: validation_failed.
func (s *Service) CheckPublish(at *time.Time) error {
	if at != nil && at.Sub(s.now()) > publishAhead {
		return model.BadField("at", "too_late", "定时发布的时间不能超过一年。")
	}
	return nil
}

// Withdraw takes an article out of every feed and out of the search at once, and drops what was to be pushed about it.
// Errors: not_found, forbidden, edit_conflict, conflict.
func (s *Service) Withdraw(ctx context.Context, actor *model.Actor, id string, version int) (*Full, error) {
	if err := s.step(ctx, actor, id, version, model.ArticleWithdrawn, s.now(), func(*model.Article) {}); err != nil {
		return nil, err
	}
	return s.read(ctx, id)
}

func (s *Service) read(ctx context.Context, id string) (*Full, error) {
	a, err := s.store.Article(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.full(ctx, a)
}

// step takes an article to the next state for an editor.
func (s *Service) step(ctx context.Context, actor *model.Actor, id string, version int, next model.ArticleState, now time.Time, apply func(*model.Article)) error {
	return s.store.Tx(ctx, func(tx *store.Store) error {
		a, err := editable(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if version != anyVersion && version != a.Version {
			return store.EditedMeanwhile()
		}
		if !a.State.May(next) {
			return model.Conflict("这篇文章" + a.State.Label() + "，不能进行此操作，请刷新后再试。")
		}
		apply(a)
		taken, err := s.enter(ctx, tx, actor, a, next, now)
		if err == nil && !taken {
			err = model.Conflict("这篇文章刚被他人修改，请刷新后再试。")
		}
		return err
	})
}

// enter writes a new state with all that follows from it, and reports whether the article still was as it had been read.
func (s *Service) enter(ctx context.Context, tx *store.Store, actor *model.Actor, a *model.Article, next model.ArticleState, now time.Time) (bool, error) {
	from, action := a.State, "article.schedule"
	a.State = next
	switch next {
	case model.ArticlePublished:
		action = "article.publish"
		a.PublishedAt, a.PublishAt, a.WithdrawnAt = &now, nil, nil
	case model.ArticleWithdrawn:
		action = "article.withdraw"
		a.WithdrawnAt, a.PublishAt = &now, nil
	}
	taken, err := tx.StepArticle(ctx, a, from)
	if err != nil || !taken {
		return false, err
	}
	switch next {
	case model.ArticlePublished:
		err = s.goneOut(ctx, tx, a, now)
	case model.ArticleWithdrawn:
		err = s.takenBack(ctx, tx, a)
	}
	if err != nil {
		return false, err
	}
	if err := tx.Changed(ctx, now, model.TopicFeed, ""); err != nil {
		return false, err
	}
	if err := tx.Changed(ctx, now, model.TopicArticle, a.ID); err != nil {
		return false, err
	}
	return true, tx.Audit(ctx, now, actor, action, "article:"+a.ID, a.OrgID, map[string]string{"from": string(from)})
}

// goneOut makes a published article findable, and tells those it is meant for where that was asked.
func (s *Service) goneOut(ctx context.Context, tx *store.Store, a *model.Article, now time.Time) error {
	if err := index(ctx, tx, a); err != nil {
		return err
	}
	if err := tx.CarryClaims(ctx, a.ID, a.DocKey); err != nil {
		return err
	}
	if !a.Notify {
		return nil
	}
	org, err := tx.Org(ctx, a.OrgID)
	if err != nil {
		return err
	}
	p := s.push(a, org, now)
	key := "article:" + a.ID + ":published:" + strconv.FormatInt(now.UnixMilli(), 36)
	p.DedupeKey = &key
	return s.outbox.Push(ctx, tx, p)
}

func (s *Service) takenBack(ctx context.Context, tx *store.Store, a *model.Article) error {
	if err := tx.DropRelays(ctx, a.ID); err != nil {
		return err
	}
	if err := tx.IndexArticle(ctx, a.ID, nil); err != nil {
		return err
	}
	return s.outbox.Drop(ctx, tx, "article:"+a.ID, "文章已撤回")
}

// push is what an article's audience is told. Required reading asks with its date; everything else announces itself.
func (s *Service) push(a *model.Article, org *model.Org, now time.Time) *model.Push {
	p := &model.Push{
		OrgID: a.OrgID, OrgPath: a.OrgPath, Kind: model.PushAnnouncement, Title: a.Title, Body: a.Digest,
		Fields: map[string]string{"title": a.Title, "from": org.Name, "time": momentText(now), "note": a.Digest},
		Page:   "pages/article/detail?id=" + a.ID, Audience: model.ArticleAudience(a), Hours: model.HoursOrdinary, Counted: true,
		Subject: "article:" + a.ID, SendAt: now, CreatedBy: a.AuthorID,
	}
	if a.Required {
		p.Kind, p.Fields = model.PushStudy, s.studyFields(a, now)
	}
	return p
}

// studyFields fill a study card. Where nothing is due the card proposes a day, since its field must hold a real time, and says that it is a proposal.
func (s *Service) studyFields(a *model.Article, now time.Time) map[string]string {
	minutes := strconv.Itoa(a.ReadingMinutes)
	if a.DueAt == nil {
		days := s.study().ProposedDays
		proposed := model.DateOf(now).Add(days).Start().Add(21 * time.Hour)
		return map[string]string{"title": a.Title, "due": momentText(proposed), "note": "约" + minutes + "分钟，建议" + strconv.Itoa(days) + "天内读，无硬性期限"}
	}
	return map[string]string{"title": a.Title, "due": momentText(*a.DueAt), "note": "约" + minutes + "分钟，单位已学可直接标记"}
}

// momentText is an instant as notices write it.
func momentText(t time.Time) string { return t.In(model.Zone).Format("2006年1月2日 15:04") }

// PublishDue lets out every scheduled article whose time has come, and reports how many. Several replicas may run it at once:
// each article is taken by one, because the step is conditional. One article that fails does not hold up the others.
func (s *Service) PublishDue(ctx context.Context) (int, error) {
	now := s.now()
	ids, err := s.store.DueArticles(ctx, now, dueAtOnce)
	if err != nil {
		return 0, err
	}
	out := 0
	var failed error
	for _, id := range ids {
		var taken bool
		err := s.store.Tx(ctx, func(tx *store.Store) error {
			taken = false
			a, err := tx.Article(ctx, id)
			if err != nil {
				return err
			}
			if a.State != model.ArticleScheduled || a.PublishAt == nil || a.PublishAt.After(now) {
				return nil
			}
			taken, err = s.enter(ctx, tx, model.SystemActor(), a, model.ArticlePublished, now)
			return err
		})
		switch {
		case err != nil:
			failed = err
		case taken:
			out++
		}
	}
	return out, failed
}

// Reach counts how far an article has got with those it is meant for; all is nil where they are fewer than the profile asks for.
type Reach struct{ Audience, Read, Claimed, Unread *int }

// Reach is for those who lead the organisation of the article; it tells counts and never names. Who read and claimed counts as having read.
// Errors: not_found, forbidden.
func (s *Service) Reach(ctx context.Context, actor *model.Actor, id string) (Reach, error) {
	a, err := reachable(ctx, s.store, actor, id)
	if err != nil {
		return Reach{}, err
	}
	n, err := s.store.ArticleReach(ctx, a)
	if err != nil || n.Audience < s.crowd() {
		return Reach{}, err
	}
	unread := n.Audience - n.Read - n.Claimed
	return Reach{Audience: &n.Audience, Read: &n.Read, Claimed: &n.Claimed, Unread: &unread}, nil
}

// reachable reads a published article for one who leads its organisation.
func reachable(ctx context.Context, tx *store.Store, actor *model.Actor, id string) (*model.Article, error) {
	a, err := readable(ctx, tx, actor, id)
	if err == nil && !model.CanSeeReach(actor, a) {
		err = model.Forbidden("只有发布单位的工作人员可以查看传达情况。")
	}
	return a, err
}

// Remind pushes a published article once more to those who have neither read nor claimed it. Once: reminding is not chasing.
// Errors: not_found, forbidden, conflict.
func (s *Service) Remind(ctx context.Context, actor *model.Actor, id string) error {
	now := s.now()
	return s.store.Tx(ctx, func(tx *store.Store) error {
		a, err := reachable(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		first, err := tx.MarkReminded(ctx, id, now)
		if err != nil {
			return err
		}
		if !first {
			return model.Conflict("这篇文章已提醒过一次，为减少打扰不再重复提醒。")
		}
		key := "article:" + id + ":remind"
		p := &model.Push{
			OrgID: a.OrgID, OrgPath: a.OrgPath, Kind: model.PushStudy, Title: "提醒：" + a.Title, Body: a.Digest, Fields: s.studyFields(a, now),
			Page: "pages/article/detail?id=" + id, Audience: model.ArticleAudience(a), Hours: model.HoursOrdinary, Counted: true,
			Subject: "article:" + id, DedupeKey: &key, SendAt: now, CreatedBy: actor.MemberID,
		}
		if err := s.outbox.Push(ctx, tx, p); err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "article.remind", "article:"+id, a.OrgID, nil)
	})
}
