// Package suggestion is the whole life of a suggestion (意见建议): it always gets an answer in time, and an anonymous author stays unknown to
// everybody but this room.
package suggestion

import (
	"context"
	"fmt"
	"slices"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Vault seals the author of an anonymous suggestion, and makes the index by which the author finds it again.
type Vault interface {
	Seal(text, place string) ([]byte, error)
	Open(sealed []byte, keyID, place string) (string, error)
	KeyID() string
	Index(text string) string
}

// Files knows the uploaded files.
type Files interface {
	// Mine is an error naming attachment_ids unless all the files are the actor's own uploads.
	Mine(ctx context.Context, actor *model.Actor, ids []string) error
	// Describe tells what a client shows of the files, in the order of the ids; what is gone is left out.
	Describe(ctx context.Context, ids []string) ([]model.FileRef, error)
	// Unname makes copies of pictures that tell neither who uploaded them nor when nor under which name. They are kept by Swap alone.
	Unname(ctx context.Context, ids []string) ([]model.Upload, error)
	// Swap puts the copies in the place of the files, in the transaction.
	Swap(ctx context.Context, tx *store.Store, ids []string, copies []model.Upload) error
}

// Outbox tells people something, in the transaction of the cause.
type Outbox interface {
	Push(ctx context.Context, tx *store.Store, p *model.Push) error
	// Drop cancels the pushes of the subject that have not been sent.
	Drop(ctx context.Context, tx *store.Store, subject, reason string) error
}

// Calendars tells the working calendar in force.
type Calendars interface {
	Calendar(ctx context.Context) (model.Calendar, error)
}

// Service is the room.
type Service struct {
	store     *store.Store
	vault     Vault
	files     Files
	outbox    Outbox
	calendars Calendars
	policies  model.Policies
	clock     model.Clock
}

// New makes the room.
func New(s *store.Store, v Vault, f Files, o Outbox, c Calendars, p model.Policies, clock model.Clock) *Service {
	return &Service{store: s, vault: v, files: f, outbox: o, calendars: c, policies: p, clock: clock}
}

// clocks are the working days in force.
func (s *Service) clocks(now time.Time) model.SuggestionClocks {
	return s.policies.PolicyAt(now).Suggestions
}

// sealPlace binds a sealed author to its row, so that it does not open in another.
func sealPlace(id string) string { return "suggestions.author:" + id }

// isAuthor reports whether the actor wrote the suggestion.
func (s *Service) isAuthor(actor *model.Actor, m *model.Suggestion) bool {
	if !actor.Bound() {
		return false
	}
	if m.Anonymous {
		author, err := s.author(m)
		return err == nil && author == actor.MemberID
	}
	return m.AuthorID == actor.MemberID
}

// author is the member who wrote the suggestion, to know them again and to tell them, and for nothing else.
func (s *Service) author(m *model.Suggestion) (string, error) {
	if !m.Anonymous {
		return m.AuthorID, nil
	}
	id, err := s.vault.Open(m.AuthorSealed, m.AuthorKeyID, sealPlace(m.ID))
	if err != nil {
		return "", model.Fail(model.CodeInternal, "系统密钥与这条匿名意见建议不符，无法通知提出人，请联系管理员核对系统密钥。").Because(err)
	}
	return id, nil
}

// Draft is what a member sends in.
type Draft struct {
	ToOrgID       string
	Title         string
	Content       string
	Anonymous     bool
	AttachmentIDs []string
}

// Check finds the faults that Submit would find with a draft, and submits nothing. Errors: validation_failed.
func (s *Service) Check(ctx context.Context, actor *model.Actor, d Draft) error {
	return s.clean(ctx, actor, &d)
}

// clean brings a draft into the form in which it is kept, or names every fault.
func (s *Service) clean(ctx context.Context, actor *model.Actor, d *Draft) error {
	var v model.Invalid
	if d.ToOrgID == "" {
		v.Add("to_org_id", "required", "请选择提给哪个组织。")
	}
	d.Title, d.Content = model.SingleLine(d.Title), model.CleanText(d.Content)
	checkText(&v, "title", d.Title, model.MaxSuggestionTitle, "请填写标题。", "标题不能超过 %d 个字。")
	checkText(&v, "content", d.Content, model.MaxSuggestionContent, "请填写内容。", "内容不能超过 %d 个字。")
	switch ids := slices.Compact(slices.Sorted(slices.Values(d.AttachmentIDs))); {
	case len(d.AttachmentIDs) > model.MaxSuggestionFiles:
		v.Add("attachment_ids", "too_many", "附件最多 9 个。")
	case len(ids) < len(d.AttachmentIDs):
		v.Add("attachment_ids", "duplicate", "列表中有重复的项。")
	case len(ids) > 0:
		if err := v.With(s.files.Mine(ctx, actor, d.AttachmentIDs)); err != nil || !d.Anonymous {
			return err
		}
		return s.onlyPictures(ctx, d.AttachmentIDs)
	}
	return v.Err()
}

// onlyPictures: of a picture only what is seen is kept, but a document says in many places who wrote it.
func (s *Service) onlyPictures(ctx context.Context, ids []string) error {
	refs, err := s.files.Describe(ctx, ids)
	if err != nil {
		return err
	}
	var v model.Invalid
	for i, f := range refs {
		if !model.IsPicture(f.MIME) {
			v.Add(fmt.Sprintf("attachment_ids[%d]", i), "names_author", "匿名提交时只能附图片：文档内往往记有作者姓名，无法可靠去除。请改附截图，或将内容写入正文。")
		}
	}
	return v.Err()
}

// Submit hands a suggestion to one of the author's organisations or one above them, and tells its secretaries.
// Errors: not_bound, not_found for an organisation the author does not belong under, validation_failed.
func (s *Service) Submit(ctx context.Context, actor *model.Actor, d Draft) (*Detail, error) {
	if !actor.Bound() {
		return nil, model.Fail(model.CodeNotBound, "请先完成身份绑定。")
	}
	if err := s.clean(ctx, actor, &d); err != nil {
		return nil, err
	}
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	now := s.clock()
	var copies []model.Upload
	if d.Anonymous && len(d.AttachmentIDs) > 0 { // copies that nothing comes to refer to are cleared away at night
		if copies, err = s.files.Unname(ctx, d.AttachmentIDs); err != nil {
			return nil, err
		}
	}
	var m *model.Suggestion
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		org, err := s.mayReceive(ctx, tx, actor, d.ToOrgID)
		if err != nil {
			return err
		}
		if m, err = s.newSuggestion(ctx, tx, actor, org, d, now); err != nil {
			return err
		}
		if len(copies) > 0 {
			if m.AttachmentIDs, err = swapped(copies), s.files.Swap(ctx, tx, d.AttachmentIDs, copies); err != nil {
				return err
			}
		}
		m.StartClock(cal, s.clocks(now), m.CreatedAt)
		step := &model.SuggestionStep{Action: model.SuggestionSubmit, OrgID: org.ID, At: m.CreatedAt}
		s.sign(step, actor, m, model.SideAuthor)
		if err := tx.AddSuggestion(ctx, m, step); err != nil || m.Anonymous {
			return err
		}
		if err := s.note(ctx, tx, actor, m, model.SuggestionSubmit, model.SideAuthor, now); err != nil {
			return err
		}
		return s.tellDesk(ctx, tx, m, bellNew, now)
	})
	if err != nil {
		return nil, err
	}
	return s.detail(ctx, actor, m, cal, now)
}

// mayReceive is the organisation to which the actor wants to write.
func (s *Service) mayReceive(ctx context.Context, from *store.Store, actor *model.Actor, id string) (*model.Org, error) {
	org, err := from.Org(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case model.CanSuggest(actor, org.Path):
		return org, nil
	case model.CanSeeOrg(actor, org.Path):
		return nil, model.Forbidden("意见建议请提给您所在的组织或其上级组织。")
	}
	return nil, model.NotFound("该组织")
}

func swapped(copies []model.Upload) []string {
	ids := make([]string, len(copies))
	for i, u := range copies {
		ids[i] = u.ID
	}
	return ids
}

func (s *Service) newSuggestion(ctx context.Context, tx *store.Store, actor *model.Actor, org *model.Org, d Draft, now time.Time) (*model.Suggestion, error) {
	m := &model.Suggestion{
		ID: store.NewID(), ToOrgID: org.ID, ToOrgPath: org.Path, OrgID: org.ID, OrgPath: org.Path, Title: d.Title, Content: d.Content,
		Anonymous: d.Anonymous, AttachmentIDs: d.AttachmentIDs, State: model.SuggestionSubmitted, StateAt: now, CreatedAt: now, UpdatedAt: now,
	}
	if !d.Anonymous {
		m.AuthorID, m.AuthorOrgID = actor.MemberID, homeUnder(actor, org.Path)
		return m, nil
	}
	m.ID = store.NewQuietID()
	at := model.QuietAt(now, time.Time{})
	m.StateAt, m.CreatedAt, m.UpdatedAt = at, at, at
	s.hush(m, now)
	var err error
	if _, m.AuthorIndex, err = s.indexes(ctx, tx, actor.MemberID); err != nil {
		return nil, err
	}
	m.AuthorSealed, err = s.vault.Seal(actor.MemberID, sealPlace(m.ID))
	m.AuthorKeyID = s.vault.KeyID()
	return m, err
}

// homeUnder is the author's own organisation in the subtree to which the suggestion goes.
func homeUnder(actor *model.Actor, path string) string {
	for _, p := range actor.Places {
		if model.Within(p.Path, path) {
			return p.OrgID
		}
	}
	for _, p := range actor.Powers {
		if p.OrgID != "" && model.Within(p.Path, path) {
			return p.OrgID
		}
	}
	return ""
}

// Forget cuts, in the transaction, the tie between a member who leaves the program and their anonymous suggestions: nobody at all can tell from
// then on who wrote them.
func (s *Service) Forget(ctx context.Context, tx *store.Store, memberID string) error {
	own, _, err := s.indexes(ctx, tx, memberID)
	if err != nil {
		return err
	}
	return tx.ForgetAuthor(ctx, own)
}

// note writes the audit entry of a step. What an anonymous author does is noted without a person, and without the request's id,
// by which the entry could be laid beside other records.
func (s *Service) note(ctx context.Context, tx *store.Store, actor *model.Actor, m *model.Suggestion, action model.SuggestionAction, side model.SuggestionSide, now time.Time) error {
	detail := map[string]string{"state": string(m.State)}
	if side == model.SideAuthor && m.Anonymous {
		actor, ctx = nil, model.WithRequestID(ctx, "")
		detail["anonymous"] = "true"
	}
	return tx.Audit(ctx, now, actor, "suggestion."+string(action), "suggestion:"+m.ID, m.OrgID, detail)
}

// sign writes into a step who took it and in which capacity; an anonymous author leaves no name.
func (s *Service) sign(step *model.SuggestionStep, actor *model.Actor, m *model.Suggestion, side model.SuggestionSide) {
	switch side {
	case model.SideAuthor:
		if m.Anonymous {
			return
		}
		step.ByRole = "提出人"
	case model.SideAssignee:
		step.ByRole = "经办人"
	case model.SideHandler:
		step.ByRole = roleLabel(actor.Highest(m.OrgPath))
	}
	step.ByID = actor.MemberID
}

// roleLabel leaves out of which body somebody is the secretary: it may be one above the holder.
func roleLabel(r model.Role) string {
	if r == model.RoleSecretary {
		return "书记"
	}
	return r.Label()
}
