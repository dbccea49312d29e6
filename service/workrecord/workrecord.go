// Package workrecord is the room of the work record (工作纪实), which writes itself from what happened: nobody types a line. Made again it is the same
// but for what was changed since, and what was recorded late says so. The progress report is the same facts for the office.
package workrecord

import (
	"context"
	"fmt"
	"strings"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Service makes records.
type Service struct {
	store    *store.Store
	policies model.Policies
	clock    model.Clock
}

// New makes the room.
func New(s *store.Store, policies model.Policies, clock model.Clock) *Service {
	return &Service{store: s, policies: policies, clock: clock}
}

// Record is the work record of one organisation and period.
type Record struct {
	Org    model.Org
	Period model.RecordPeriod
	Lines  []model.RecordLine
	Note   *Note // nil where nothing was added
}

// Note is the added sentence, and when it was written where that was late.
type Note struct {
	Text   string
	LateOn model.Date
}

// Record makes the record of one organisation: of a branch with its groups, of a committee its own. Errors: not_found, forbidden.
func (s *Service) Record(ctx context.Context, actor *model.Actor, orgID string, p model.RecordPeriod) (*Record, error) {
	o, err := s.org(ctx, s.store, actor, orgID, model.CanSeeRecord, "工作纪实供支部工作人员查看。")
	if err != nil {
		return nil, err
	}
	return s.make(ctx, o, p)
}

func (s *Service) org(ctx context.Context, from *store.Store, actor *model.Actor, id string, may func(*model.Actor, *model.Org) bool, refusal string) (*model.Org, error) {
	o, err := from.Org(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case may(actor, o):
		return o, nil
	case model.CanSeeOrg(actor, o.Path):
		return nil, model.Forbidden(refusal)
	}
	return nil, model.NotFound("该组织")
}

// Progress is the same facts of all the branches that the office answers for, in the order of the tree.
type Progress struct {
	Period  model.RecordPeriod
	Records []Record
}

// Progress makes the progress report (进程反馈表). Errors: forbidden.
func (s *Service) Progress(ctx context.Context, actor *model.Actor, p model.RecordPeriod) (*Progress, error) {
	if !actor.HasAnywhere(model.RoleStaff) {
		return nil, model.Forbidden("进程反馈表供党办工作人员查看。")
	}
	orgs, err := s.store.Orgs(ctx)
	if err != nil {
		return nil, err
	}
	out := &Progress{Period: p, Records: []Record{}}
	for _, o := range model.TreeOrder(orgs) {
		if o.Kind != model.OrgBranch || !actor.Has(model.RoleStaff, o.Path) {
			continue
		}
		r, err := s.make(ctx, &o, p)
		if err != nil {
			return nil, err
		}
		out.Records = append(out.Records, *r)
	}
	return out, nil
}

// PutNote sets the one sentence that people may add to a record; an empty one takes it away. Errors: not_found, forbidden, validation_failed.
func (s *Service) PutNote(ctx context.Context, actor *model.Actor, orgID string, p model.RecordPeriod, text string) (*Record, error) {
	now := s.clock()
	var o *model.Org
	err := s.store.Tx(ctx, func(tx *store.Store) (err error) {
		if o, err = s.org(ctx, tx, actor, orgID, model.CanNoteRecord, "工作纪实的说明由支部书记填写。"); err != nil {
			return err
		}
		clean := model.SingleLine(text)
		if n := len([]rune(clean)); n > model.MaxRecordNote {
			return model.BadField("text", "too_long", fmt.Sprintf("说明请用一句话，不超过 %d 个字。", model.MaxRecordNote))
		}
		before, err := tx.RecordNote(ctx, o.ID, p.Key)
		if err != nil && !model.IsNotFound(err) {
			return err
		}
		switch {
		case before != nil && before.Text == clean, before == nil && clean == "":
			return nil // nothing was changed, so the record stays as it is
		case clean == "":
			err = tx.DropRecordNote(ctx, o.ID, p.Key)
		default:
			err = tx.PutRecordNote(ctx, &model.RecordNote{OrgID: o.ID, Period: p.Key, Text: clean, WrittenBy: actor.MemberID, UpdatedAt: now})
		}
		if err != nil {
			return err
		}
		return tx.Audit(ctx, now, actor, "work_record.note", "org:"+o.ID, o.ID, map[string]string{"period": p.Key})
	})
	if err != nil {
		return nil, err
	}
	return s.make(ctx, o, p)
}

func (s *Service) make(ctx context.Context, o *model.Org, p model.RecordPeriod) (*Record, error) {
	days := s.policies.PolicyAt(p.To()).Records.LateAfterDays
	r := &Record{Org: *o, Period: p, Lines: []model.RecordLine{}}
	scope := store.Scope{OrgID: o.ID, Path: o.Path, Below: o.Kind == model.OrgBranch || o.Kind == model.OrgGroup}
	for _, part := range []func(context.Context, store.Scope, model.RecordPeriod, int) ([]model.RecordLine, error){
		s.meetings, s.articles, s.study, s.suggestions, s.actions, s.pushes,
	} {
		lines, err := part(ctx, scope, p, days)
		if err != nil {
			return nil, err
		}
		r.Lines = append(r.Lines, lines...)
	}
	model.SortRecord(r.Lines)
	note, err := s.store.RecordNote(ctx, o.ID, p.Key)
	if err != nil && !model.IsNotFound(err) {
		return nil, err
	}
	if note != nil {
		r.Note = &Note{Text: note.Text, LateOn: p.LateOn(note.UpdatedAt, days)}
	}
	return r, nil
}

// meetings are the meetings held, with who came and how far their minutes are.
func (s *Service) meetings(ctx context.Context, c store.Scope, p model.RecordPeriod, days int) (lines []model.RecordLine, _ error) {
	rows, err := s.store.RecordedMeetings(ctx, c, p.From(), p.To(), s.clock())
	for _, m := range rows {
		start, end := m.StartsAt.In(model.Zone), m.EndsAt.In(model.Zone)
		if m.Minutes != nil && m.Minutes.BeganAt != nil {
			start = m.Minutes.BeganAt.In(model.Zone)
		}
		if m.Minutes != nil && m.Minutes.EndedAt != nil {
			end = m.Minutes.EndedAt.In(model.Zone)
		}
		text := fmt.Sprintf("%s—%s，%s；应到 %d 人，实到 %d 人", start.Format("15:04"), end.Format("15:04"), where(&m.Meeting), m.Entitled, m.Present)
		if m.Observers > 0 {
			text += fmt.Sprintf("，列席 %d 人", m.Observers)
		}
		if m.OnLeave > 0 {
			text += fmt.Sprintf("，请假 %d 人", m.OnLeave)
		}
		if absent := m.Entitled - m.Present - m.OnLeave; absent > 0 {
			text += fmt.Sprintf("，缺席 %d 人", absent)
		}
		l := model.RecordLine{Kind: model.RecordMeeting, On: model.DateOf(m.StartsAt), Order: m.StartsAt.UTC().Format(time.RFC3339), Title: m.Type.Label() + "：" + m.Topic,
			Text: text + "。" + minutesText(m.Minutes), Path: "/meetings/" + m.ID}
		markMeeting(&l, &m, p, days)
		lines = append(lines, l)
	}
	return lines, err
}

func where(m *model.Meeting) string {
	switch {
	case m.Mode == model.ModeHybrid && m.Place != "":
		return "线上线下结合（" + m.Place + "）"
	case m.Mode.InPlace() && m.Place != "":
		return m.Place
	case m.Mode == model.ModeOnline:
		return "线上"
	}
	return "线下"
}

func minutesText(m *model.Minutes) string {
	if m == nil {
		return "会议记录尚未形成。"
	}
	text := "会议记录起草中。"
	switch m.State {
	case model.MinutesSigned:
		text = "会议记录已有一方签名，待另一方签名。"
	case model.MinutesLocked:
		text = "会议记录已由主持人、记录人签名"
		if m.LockedAt != nil {
			text += "（" + string(model.DateOf(*m.LockedAt)) + "）"
		}
		text += "。"
	case model.MinutesDraft:
	}
	if n := len(m.Resolutions); n > 0 && m.State == model.MinutesLocked {
		text += fmt.Sprintf("形成决议 %d 项。", n)
	}
	return text
}

// markMeeting: a meeting put in after it was over is 补录, and so are minutes that the policy calls late; what came in long after the period is 后补.
func markMeeting(l *model.RecordLine, m *store.RecordedMeeting, p model.RecordPeriod, days int) {
	if m.CreatedAt.After(m.EndsAt) {
		l.Late, l.LateOn = "补录", model.DateOf(m.CreatedAt)
	}
	if m.Minutes != nil && m.Minutes.Late && l.Late == "" {
		l.Late, l.LateOn = "会议记录补录", model.DateOf(m.Minutes.CreatedAt)
	}
	if on := p.LateOn(m.CreatedAt, days); on != "" {
		l.Late, l.LateOn = "后补", on
		return
	}
	if m.Minutes != nil && m.Minutes.LockedAt != nil {
		if on := p.LateOn(*m.Minutes.LockedAt, days); on != "" {
			l.Late, l.LateOn = "会议记录后补", on
		}
	}
}

// articles are what was published.
func (s *Service) articles(ctx context.Context, c store.Scope, p model.RecordPeriod, days int) (lines []model.RecordLine, _ error) {
	rows, err := s.store.RecordedArticles(ctx, c, p.From(), p.To())
	for _, a := range rows {
		text := "已发布。"
		if a.State == model.ArticleWithdrawn {
			text = "已发布，后撤回。"
			if a.WithdrawnAt != nil {
				text = "已发布，" + string(model.DateOf(*a.WithdrawnAt)) + " 撤回。"
			}
		}
		l := model.RecordLine{Kind: model.RecordContent, On: model.DateOf(*a.PublishedAt), Order: a.PublishedAt.UTC().Format(time.RFC3339), Title: a.Category.Label() + "：" + a.Title, Text: text, Path: "/articles/" + a.ID}
		if on := p.LateOn(a.CreatedAt, days); on != "" {
			l.Late, l.LateOn = "后补", on
		}
		lines = append(lines, l)
	}
	return lines, err
}

// study is counted over all, and only where nobody can be told from the figures: a kind with fewer people in it than the profile asks for is not given at all.
func (s *Service) study(ctx context.Context, c store.Scope, p model.RecordPeriod, _ int) ([]model.RecordLine, error) {
	n, err := s.store.RecordedStudy(ctx, c, p.From(), p.To())
	if err != nil {
		return nil, err
	}
	parts, fewest := []string{}, s.policies.PolicyAt(p.To()).Crowd()
	if n.Readers >= fewest {
		parts = append(parts, fmt.Sprintf("读完文章 %d 人次（%d 篇）", n.Read, n.ReadArticles))
	}
	if n.Claimants >= fewest {
		parts = append(parts, fmt.Sprintf("单位已学 %d 人次（%d 篇）", n.Claimed, n.ClaimedArticles))
	}
	if len(parts) == 0 {
		return nil, nil
	}
	text := strings.Join(parts, "，") + "。"
	return []model.RecordLine{{Kind: model.RecordStudy, On: p.End.Add(-1), Title: "线上学习", Text: text, Path: "/articles?org_id=" + c.OrgID + "&status=published"}}, nil
}

// suggestions counts how they were answered.
func (s *Service) suggestions(ctx context.Context, c store.Scope, p model.RecordPeriod, _ int) ([]model.RecordLine, error) {
	n, err := s.store.RecordedSuggestions(ctx, c, p.From(), p.To())
	if err != nil || n.Received+n.Answered == 0 {
		return nil, err
	}
	text := fmt.Sprintf("收到 %d 件，答复 %d 件", n.Received, n.Answered)
	if n.Answered > 0 {
		text += fmt.Sprintf("（其中按期答复 %d 件）", n.InTime)
	}
	return []model.RecordLine{{Kind: model.RecordSuggestion, On: p.End.Add(-1), Title: "意见建议办理", Text: text + "。", Path: "/suggestions?box=inbox"}}, nil
}

// actions are what resolutions asked and what came of it.
func (s *Service) actions(ctx context.Context, c store.Scope, p model.RecordPeriod, days int) (lines []model.RecordLine, _ error) {
	rows, err := s.store.RecordedActions(ctx, c, p.From(), p.To())
	for _, x := range rows {
		given := !x.CreatedAt.Before(p.From()) && x.CreatedAt.Before(p.To())
		closed := x.ClosedAt != nil && !x.ClosedAt.Before(p.From()) && x.ClosedAt.Before(p.To())
		on, parts := model.DateOf(x.CreatedAt), []string{}
		if given {
			parts = append(parts, "新增，要求 "+string(x.DueOn)+" 前完成")
		}
		if closed {
			on = model.DateOf(*x.ClosedAt)
			parts = append(parts, string(on)+" 办结："+x.Closing)
		}
		lines = append(lines, model.RecordLine{Kind: model.RecordAction, On: on, Order: x.ID, Title: x.Content, Text: strings.TrimRight(strings.Join(parts, "；"), "。；") + "。",
			Path: "/actions/" + x.ID})
	}
	return lines, err
}

// pushes are what was sent to many by hand. How many got it is told only where that tells nothing of a single person.
func (s *Service) pushes(ctx context.Context, c store.Scope, p model.RecordPeriod, _ int) (lines []model.RecordLine, _ error) {
	rows, err := s.store.RecordedPushes(ctx, c, p.From(), p.To())
	for _, x := range rows {
		text := "已发送。"
		if x.Recipients >= s.policies.PolicyAt(p.To()).Crowd() && !x.NamesNobody() {
			text = fmt.Sprintf("已发送，收件 %d 人。", x.Recipients)
		}
		lines = append(lines, model.RecordLine{Kind: model.RecordPush, On: model.DateOf(x.SendAt), Order: x.SendAt.UTC().Format(time.RFC3339), Title: x.Title, Text: text, Path: "/pushes/" + x.ID})
	}
	return lines, err
}
