package upload

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// MediaChecker shows a picture to WeChat, which tells its verdict later, under the trace.
type MediaChecker interface {
	CheckMedia(ctx context.Context, openID, address string) MediaAnswer
}

// MediaAnswer is what came of showing a picture.
type MediaAnswer struct {
	TraceID string
	Err     error         // it was not taken
	Again   bool          // the same may be taken later
	Wait    time.Duration // how long to leave it
}

// Outbox tells people something, in the transaction of its cause.
type Outbox interface {
	Push(ctx context.Context, tx *store.Store, p *model.Push) error
}

const (
	// verdictPatience is within what WeChat promises its verdict; a picture without one is shown to it once more.
	verdictPatience = 30 * time.Minute
	// maxAsked is how often a picture is shown to WeChat.
	maxAsked = 2
	// askingEnds is when to stop asking a WeChat that does not answer; it wants its user to have been there within two hours.
	askingEnds = 2 * time.Hour
	// maxMedia is the largest picture that WeChat takes, in bytes.
	maxMedia = 10 << 20
	// mediaAtOnce is how many pictures one turn of the job takes.
	mediaAtOnce = 20
)

// await says what a new picture waits for.
func (s *Service) await(u *model.Upload) {
	switch {
	case !model.IsPicture(u.MIME):
	case s.options.Media != nil:
		u.Media, u.MediaDue = model.MediaWaiting, &u.CreatedAt
	case s.options.Hold:
		u.Media, u.MediaHeld = model.MediaHeld, model.HeldUnchecked
	}
}

// CheckDue shows to WeChat the pictures whose turn has come; several workers share them.
func (s *Service) CheckDue(ctx context.Context) error {
	if s.options.Media == nil {
		return nil
	}
	rows, err := s.store.DueMedia(ctx, s.clock(), mediaAtOnce)
	if err != nil {
		return err
	}
	for i := range rows {
		if err := s.checkOne(ctx, &rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// checkOne takes a picture up, shows it to WeChat outside any transaction, and notes what came of it.
func (s *Service) checkOne(ctx context.Context, u *model.Upload) error {
	now := s.clock()
	taken, err := s.store.TakeMedia(ctx, u, now.Add(verdictPatience))
	if err != nil || !taken {
		return err
	}
	switch {
	case u.MediaAsked >= maxAsked:
		return s.hold(ctx, u, model.HeldNoVerdict, 0)
	case now.Sub(u.CreatedAt) >= askingEnds:
		return s.hold(ctx, u, model.HeldUnchecked, 0)
	}
	address, ok := s.checkURL(u)
	if !ok {
		return s.hold(ctx, u, model.HeldTooLarge, 0)
	}
	openID, err := s.openIDOf(ctx, u.OwnerID)
	if err != nil {
		return err
	}
	if openID == "" {
		return s.hold(ctx, u, model.HeldNoOpenID, 0)
	}
	answer := s.options.Media.CheckMedia(ctx, openID, address)
	switch {
	case answer.Err == nil:
		return s.asked(ctx, u, answer.TraceID)
	case answer.Again:
		s.options.Log.WarnContext(ctx, "picture not checked yet", "upload", u.ID, "cause", answer.Err)
		return s.store.MediaLater(ctx, u.ID, now.Add(max(answer.Wait, time.Minute)))
	}
	s.options.Log.WarnContext(ctx, "picture held: not checked", "upload", u.ID, "cause", answer.Err)
	return s.hold(ctx, u, model.HeldUnchecked, 0)
}

// checkURL is the address under which WeChat fetches the picture, other than any that it was given before; of one that is too large for it the smaller one.
func (s *Service) checkURL(u *model.Upload) (string, bool) {
	address := s.peekURL(u) + "&n=" + strconv.Itoa(u.MediaTries)
	if u.Size <= maxMedia {
		return address, true
	}
	if len(u.Thumbs) == 0 {
		return "", false
	}
	return address + "&w=" + strconv.Itoa(u.Thumbs[len(u.Thumbs)-1]), true
}

// openIDOf is the uploader's; empty for who has none, or is not known any more.
func (s *Service) openIDOf(ctx context.Context, memberID string) (string, error) {
	if memberID == "" {
		return "", nil
	}
	i, err := s.store.IdentityOf(ctx, memberID)
	if model.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return i.MiniOpenID(), nil
}

// asked notes the trace; a verdict that was faster than the answer is taken now.
func (s *Service) asked(ctx context.Context, u *model.Upload, trace string) error {
	return s.store.Tx(ctx, func(tx *store.Store) error {
		if err := tx.MediaAsked(ctx, u.ID, trace); err != nil {
			return err
		}
		v, err := tx.Verdict(ctx, trace)
		if err != nil || v == nil {
			return err
		}
		now := *u
		now.MediaTrace, now.MediaAsked = trace, u.MediaAsked+1
		return s.settle(ctx, tx, &now, &model.WechatMedia{TraceID: trace, Suggest: v.Suggest, Label: v.Label, ErrCode: v.ErrCode})
	})
}

// MediaChecked takes WeChat's verdict on a picture, in the transaction of its event. A verdict whose trace is not known yet is kept.
func (s *Service) MediaChecked(ctx context.Context, tx *store.Store, m *model.WechatMedia) error {
	if m.TraceID == "" || len(m.TraceID) > 100 {
		return nil
	}
	u, err := tx.UploadByTrace(ctx, m.TraceID)
	if model.IsNotFound(err) {
		return tx.KeepVerdict(ctx, &model.MediaVerdict{TraceID: m.TraceID, Suggest: model.CutRunes(m.Suggest, 12), Label: m.Label, ErrCode: m.ErrCode, ReceivedAt: s.clock()})
	}
	if err != nil {
		return err
	}
	return s.settle(ctx, tx, u, m)
}

// settle turns WeChat's verdict into what becomes of the picture. A person who was faster has the last word.
func (s *Service) settle(ctx context.Context, tx *store.Store, u *model.Upload, m *model.WechatMedia) error {
	if u.Media != model.MediaWaiting {
		return nil
	}
	if m.ErrCode != 0 { // WeChat could not fetch it
		if u.MediaAsked < maxAsked {
			return tx.MediaLater(ctx, u.ID, s.clock())
		}
		return s.holdIn(ctx, tx, u, model.HeldUnchecked, m.Label)
	}
	held, refused := (model.Verdict{Suggest: strings.ToLower(m.Suggest), Label: m.Label}).Judge()
	if held != "" {
		return s.holdIn(ctx, tx, u, held, m.Label)
	}
	u.MediaLabel, u.MediaDue, u.Media = m.Label, nil, model.MediaPassed
	if refused {
		u.Media, u.MediaReason = model.MediaRefused, "未通过微信内容安全检测"
		if what := model.CheckLabel(m.Label); what != "" {
			u.MediaReason += "（" + what + "）"
		}
	}
	taken, err := tx.StepMedia(ctx, u, model.MediaWaiting)
	if err != nil || !taken {
		return err
	}
	if err := s.changed(ctx, tx, u); err != nil || !refused {
		return err
	}
	return s.tellRefused(ctx, tx, u, "")
}

// changed tells of the articles that show a picture, or show it no more.
func (s *Service) changed(ctx context.Context, tx *store.Store, u *model.Upload) error {
	articles, err := tx.ArticlesUsing(ctx, u.ID)
	if err != nil || len(articles) == 0 {
		return err
	}
	now := s.clock()
	for _, a := range articles {
		if err := tx.Changed(ctx, now, model.TopicArticle, a.ID); err != nil {
			return err
		}
	}
	return tx.Changed(ctx, now, model.TopicFeed, "")
}

func (s *Service) hold(ctx context.Context, u *model.Upload, why model.HeldBecause, label int) error {
	return s.holdIn(ctx, s.store, u, why, label)
}

// holdIn leaves a picture to a person.
func (s *Service) holdIn(ctx context.Context, tx *store.Store, u *model.Upload, why model.HeldBecause, label int) error {
	u.Media, u.MediaHeld, u.MediaLabel, u.MediaDue = model.MediaHeld, why, label, nil
	_, err := tx.StepMedia(ctx, u, model.MediaWaiting)
	return err
}

// tellRefused tells the uploader, if anybody knows who it was.
func (s *Service) tellRefused(ctx context.Context, tx *store.Store, u *model.Upload, by string) error {
	if u.OwnerID == "" || u.OwnerID == by || s.options.Outbox == nil {
		return nil
	}
	title := "您上传的图片未予公开"
	return s.options.Outbox.Push(ctx, tx, &model.Push{
		Kind: model.PushAnnouncement, Title: title, Body: "您上传的图片“" + model.CutRunes(u.Name, 40) + "”未予公开。原因：" + u.MediaReason + "。如有疑问，请与支部联系。",
		Fields:   map[string]string{"title": title, "from": "图片审核", "time": s.clock().In(model.Zone).Format("2006年1月2日 15:04"), "note": u.MediaReason},
		Audience: model.Audience{MemberIDs: []string{u.OwnerID}}, Hours: model.HoursOrdinary, Counted: true, Private: true, Subject: "upload:" + u.ID, CreatedBy: by,
	})
}

// Queue lists the pictures of a state (held when empty) that the actor looks after, the oldest first. Errors: forbidden, validation_failed.
func (s *Service) Queue(ctx context.Context, actor *model.Actor, state model.MediaState, page model.Page) ([]model.Upload, string, error) {
	if !model.CanModerateAnywhere(actor) {
		return nil, "", model.Forbidden("图片审核由支委及以上人员负责。")
	}
	if state == model.MediaFree {
		state = model.MediaHeld
	}
	return s.store.FileQueue(ctx, model.ModerationPaths(actor), state, page)
}

// HeldFor counts the pictures that wait for the actor's look.
func (s *Service) HeldFor(ctx context.Context, actor *model.Actor) (int, error) {
	return s.store.CountFileQueue(ctx, model.ModerationPaths(actor), model.MediaHeld)
}

// Get reads a file's row for its uploader and for those who look after it. Errors: not_found.
func (s *Service) Get(ctx context.Context, actor *model.Actor, id string) (*model.Upload, error) {
	u, _, err := s.kept(ctx, s.store, actor, id)
	return u, err
}

// kept reads a file for its uploader and for its moderators, and tells which the actor is.
func (s *Service) kept(ctx context.Context, tx *store.Store, actor *model.Actor, id string) (u *model.Upload, moderates bool, err error) {
	if u, err = tx.Upload(ctx, id); err != nil {
		return nil, false, err
	}
	paths, err := tx.FilePaths(ctx, u)
	if err != nil {
		return nil, false, err
	}
	moderates = model.CanModerateFile(actor, paths)
	if !moderates && !(actor.Bound() && actor.MemberID == u.OwnerID) {
		return nil, false, model.NotFound("这个文件")
	}
	return u, moderates, nil
}

// CheckDecision finds fault with a decision and its reason. Errors: validation_failed.
func CheckDecision(decision model.Moderation, reason string) error {
	var v model.Invalid
	if decision.To() == "" {
		v.Add("action", "not_allowed", "只能是以下之一：approve、hide。")
	}
	switch n := utf8.RuneCountInString(model.SingleLine(reason)); {
	case decision == model.ModerationHide && n == 0:
		v.Add("reason", "required", "请说明不予公开的理由，上传者会看到。")
	case n > model.MaxReason:
		v.Add("reason", "too_long", "理由不能超过 200 个字。")
	}
	return v.Err()
}

// Moderate shows or refuses a picture; the uploader is told of a refusal. Errors: not_found, forbidden, validation_failed, conflict.
func (s *Service) Moderate(ctx context.Context, actor *model.Actor, id string, decision model.Moderation, reason string) (*model.Upload, error) {
	now := s.clock()
	var out *model.Upload
	err := s.store.Tx(ctx, func(tx *store.Store) error {
		u, moderates, err := s.kept(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if !moderates {
			return model.Forbidden("图片审核由上传者所在组织的支委及以上人员负责。")
		}
		if err := CheckDecision(decision, reason); err != nil {
			return err
		}
		out = u
		return s.decide(ctx, tx, actor, u, decision, model.SingleLine(reason), now)
	})
	return out, err
}

func (s *Service) decide(ctx context.Context, tx *store.Store, actor *model.Actor, u *model.Upload, decision model.Moderation, reason string, now time.Time) error {
	from, next := u.Media, model.MediaPassed
	if decision == model.ModerationHide {
		next = model.MediaRefused
	}
	if !from.May(next) || !model.IsPicture(u.MIME) {
		return model.Conflict("这张图片" + from.Label() + "，不能这样处理，请刷新后查看。")
	}
	u.Media, u.MediaDue, u.MediaReason, u.ModeratorID, u.ModeratedAt = next, nil, "", actor.MemberID, &now
	if next == model.MediaRefused {
		u.MediaReason = reason
	}
	taken, err := tx.StepMedia(ctx, u, from)
	if err == nil && !taken {
		err = model.Conflict("这张图片刚被处理，请刷新后查看。")
	}
	if err != nil {
		return err
	}
	if err := s.changed(ctx, tx, u); err != nil {
		return err
	}
	if next == model.MediaRefused {
		if err := s.tellRefused(ctx, tx, u, actor.MemberID); err != nil {
			return err
		}
	}
	return tx.Audit(ctx, now, actor, "upload."+string(decision), "upload:"+u.ID, "", map[string]string{"from": string(from)})
}
