package suggestion

import (
	"context"
	"slices"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// PublicationRequest is one step about publishing an answer. The texts come with asking: left out, they are the suggestion's own.
type PublicationRequest struct {
	Action                  model.PublicationAction
	Title, Question, Answer string
	Version                 int // with agree: of the suggestion that the author has read, so that nobody agrees to words they have not seen
}

var publicationNotes = map[model.PublicationAction]string{
	model.PublicationAsk:    "征求提出人意见：拟公开问题和答复，不含提出人。",
	model.PublicationAgree:  "提出人同意公开问题和答复。",
	model.PublicationRefuse: "提出人不同意公开。",
	model.PublicationEnd:    "不再公开问题和答复。",
}

// Publish takes one step about publishing question and answer: the handler asks, the author agrees or not, either takes it back.
// Errors: not_found, forbidden, conflict, edit_conflict when the words have changed since the author read them, validation_failed.
func (s *Service) Publish(ctx context.Context, actor *model.Actor, id string, r PublicationRequest) (*Detail, error) {
	cal, err := s.calendars.Calendar(ctx)
	if err != nil {
		return nil, err
	}
	now := s.clock()
	var m *model.Suggestion
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		if m, err = s.visible(ctx, tx, actor, id); err != nil {
			return err
		}
		sides := model.SidesOf(actor, m, s.isAuthor(actor, m))
		side := model.SideHandler
		if _, err := m.CheckPublication(r.Action, sides&model.SideAuthor); err == nil {
			side = model.SideAuthor // what an anonymous author does must not bear a name
		}
		to, err := m.CheckPublication(r.Action, sides)
		if err != nil {
			return err
		}
		if err := r.put(m); err != nil {
			return err
		}
		at := instant(m, side, now)
		m.Publication, m.UpdatedAt, m.PublicAt = to, at, nil
		if to == model.PublicationShown {
			m.PublicAt = &at
		}
		step := &model.SuggestionStep{Action: model.SuggestionPublication, OrgID: m.OrgID, Note: publicationNotes[r.Action], At: at}
		s.sign(step, actor, m, side)
		return s.published(ctx, tx, actor, m, r.Action, step, side, now)
	})
	if err != nil {
		return nil, err
	}
	return s.detail(ctx, actor, m, cal, now)
}

func (s *Service) published(ctx context.Context, tx *store.Store, actor *model.Actor, m *model.Suggestion, did model.PublicationAction, step *model.SuggestionStep, side model.SuggestionSide, now time.Time) error {
	told := model.SuggestionAction("")
	if did == model.PublicationAsk {
		told = model.SuggestionPublication
	}
	s.later(m, told, side, now)
	if err := tx.SaveSuggestion(ctx, m, m.State, step); err != nil {
		return err
	}
	if !(m.Anonymous && side == model.SideAuthor) {
		if err := s.note(ctx, tx, actor, m, model.SuggestionPublication, side, now); err != nil {
			return err
		}
	}
	return s.tellAuthor(ctx, tx, m, told, "", now)
}

// put writes the words that are to be shown, or checks that they are those that the author has read.
func (r *PublicationRequest) put(m *model.Suggestion) error {
	if r.Action == model.PublicationAgree && r.Version != m.Version {
		return model.Fail(model.CodeEditConflict, "拟公开的文字可能已有修改，请刷新并看过之后再同意。")
	}
	if r.Action != model.PublicationAsk {
		return nil
	}
	or := func(text, own string) string {
		if text == "" {
			return own
		}
		return text
	}
	title, question, answer := or(model.SingleLine(r.Title), m.Title), or(model.CleanText(r.Question), m.Content), or(model.CleanText(r.Answer), m.Reply)
	var v model.Invalid
	checkText(&v, "title", title, model.MaxSuggestionTitle, "", "标题不能超过 %d 个字。")
	checkText(&v, "question", question, model.MaxSuggestionContent, "", "内容不能超过 %d 个字。")
	checkText(&v, "answer", answer, model.MaxSuggestionText, "", "答复不能超过 %d 个字。")
	m.PublicTitle, m.PublicQuestion, m.PublicAnswer = title, &question, &answer
	return v.Err()
}

// Published is a question with its answer, as everybody in the organisation may read it. Nothing in it leads to the author.
type Published struct {
	ID       string
	Title    string
	Question string
	Answer   string
	Org      model.Org
	At       time.Time
}

// Published lists, the newest first, the published answers of one organisation, or without one of all that the actor belongs to and those
// above them. Errors: not_found for an organisation of others.
func (s *Service) Published(ctx context.Context, actor *model.Actor, orgID string, page model.Page) ([]Published, string, error) {
	orgs, err := s.store.Orgs(ctx)
	if err != nil {
		return nil, "", err
	}
	byID := map[string]model.Org{}
	var ids []string
	for _, o := range orgs {
		byID[o.ID] = o
		if model.CanSeePublished(actor, o.Path) {
			ids = append(ids, o.ID)
		}
	}
	if orgID != "" {
		if !slices.Contains(ids, orgID) {
			return nil, "", model.NotFound("该组织")
		}
		ids = []string{orgID}
	}
	rows, next, err := s.store.PublishedSuggestions(ctx, ids, page)
	if err != nil {
		return nil, "", err
	}
	out := make([]Published, len(rows))
	for i, m := range rows {
		out[i] = Published{ID: m.ID, Title: m.PublicTitle, Question: *m.PublicQuestion, Answer: *m.PublicAnswer, Org: byID[m.OrgID], At: model.QuietAt(*m.PublicAt, time.Time{})}
	}
	return out, next, nil
}
