package content

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"zhibu/model"
)

// Assessment is what an editor should know of an article while writing it. Nothing of it is kept.
type Assessment struct {
	Chars    int
	Minutes  int
	Digest   string
	DocNo    string // as it would be written
	HTML     string // the body, cleaned
	Faults   []model.Field
	Warnings []string
	Similar  []Similar
	Budget   model.StudyBudget
}

// Assess looks at an article that is being written for an organisation: how long it takes to read, how it will look, what is wrong with it, what there
// is of the kind already, and how much of the month's study time is left. articleID is the article itself where it is kept already; else empty.
// Errors: not_found (the organisation or the article), forbidden.
func (s *Service) Assess(ctx context.Context, actor *model.Actor, orgID, articleID string, in Input) (*Assessment, error) {
	org, err := s.store.Org(ctx, orgID)
	if err != nil {
		return nil, err
	}
	a := &model.Article{OrgID: org.ID, OrgPath: org.Path, OrgKind: org.Kind, Visibility: model.VisibleMembers, DigestMade: true, MinutesMade: true}
	set(&a.Category, in.Category)
	if org.Kind == model.OrgGroup && a.Category == "" {
		a.Category = model.CategoryNews // a group's leader has not said yet what it will be
	}
	if err := mayWrite(actor, a, org); err != nil {
		return nil, err
	}
	if articleID != "" {
		if a, err = editable(ctx, s.store, actor, articleID); err != nil {
			return nil, err
		}
	}
	var v model.Invalid
	body, err := s.bodyOf(&in)
	if f, ok := faultFields(err); ok {
		v.Add(f.Field, f.Code, f.Detail)
	} else if err != nil {
		return nil, err
	}
	if body == nil {
		body = &text{}
	}
	compose(a, &in, body.plain, s.study(), &v)
	out := &Assessment{Chars: model.CountChars(body.plain), Minutes: a.ReadingMinutes, Digest: a.Digest, DocNo: a.DocNo}
	var f *model.Error
	if errors.As(v.Err(), &f) {
		out.Faults = f.Fields
	}
	if out.HTML, err = s.preview(ctx, body); err != nil {
		return nil, err
	}
	if out.Budget, err = s.budget(ctx, org, articleID); err != nil {
		return nil, err
	}
	if out.Similar, err = s.similar(ctx, actor, Likely{Title: a.Title, DocNo: a.DocNo, Plain: body.plain, Except: articleID}); err != nil {
		return nil, err
	}
	for i, o := range out.Similar {
		out.Similar[i].Relayable = o.State == model.ArticlePublished && o.OrgID != org.ID && model.RelayReaches(&o.Article, org.Path) && model.CanRelay(actor, org)
	}
	out.Warnings = s.warnings(a, body, out)
	return out, nil
}

// preview is a body with the present addresses of its files.
func (s *Service) preview(ctx context.Context, body *text) (string, error) {
	refs, err := s.describe(ctx, body.files)
	return showPasted(withAddresses(body.html, refs), body.pasted), err
}

// budget is what an organisation asks of a member's time this month, an article left out.
func (s *Service) budget(ctx context.Context, org *model.Org, except string) (model.StudyBudget, error) {
	now := s.clock().In(model.Zone)
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, model.Zone)
	from, to := first.UTC(), first.AddDate(0, 1, 0).UTC()
	b := model.StudyBudget{Month: first.Format("2006-01"), Minutes: s.study().MonthlyMinutes}
	var err error
	if b.Own, err = s.store.MinutesAsked(ctx, org.ID, from, to, except); err != nil {
		return b, err
	}
	line := model.PathIDs(org.Path)
	b.Above, err = s.store.MinutesRequired(ctx, line[:len(line)-1], from, to)
	return b, err
}

// warnings say in words what an editor may want to mend; none of it stands in the way.
func (s *Service) warnings(a *model.Article, body *text, as *Assessment) []string {
	var list []string
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if as.Minutes > s.study().LongMinutes {
		say("读完约需 %d 分钟，超过 %d 分钟。建议精简正文，把最重要的写成要点，全文可作为附件。", as.Minutes, s.study().LongMinutes)
	}
	if len(a.KeyPoints) == 0 && as.Minutes > 1 {
		say("还没有要点。写 1 至 %d 条，让只有一分钟的同志也能看明白。", s.study().KeyPoints)
	}
	if left := as.Budget.Left() - as.Minutes; left < 0 {
		say("本月学习时间预算 %d 分钟，已安排 %d 分钟；加上这篇将超出 %d 分钟，可考虑下月再发或改为选读。", as.Budget.Minutes, as.Budget.Used(), -left)
	}
	if now := s.clock(); a.DueAt != nil && a.DueAt.Before(now) {
		say("截止时间已经过去，请核对。")
	} else if a.Required && a.DueAt == nil {
		say("必学内容还没有截止时间，读者不知道何时之前要学完。")
	}
	if model.ClassifiedName(a.Title) || model.ClassifiedName(a.DocNo) {
		say("标题或文号带有涉密、内部资料的字样，请先核实能否上网。")
	}
	list = append(list, body.lost.notes()...)
	if n := len(body.remote); n > 0 && s.pictures != nil {
		say("正文有 %d 张外部图片，保存时会自动取回并存到本站，取不到的会去掉并告诉您。", n)
	}
	if n := len(body.remote); n > maxRemote {
		say("外部图片最多自动取回 %d 张，其余请单独上传。", maxRemote)
	}
	for _, o := range as.Similar {
		hint := "请确认是否重复。"
		if o.Relayable {
			hint = "可以转发并附上一句话，不必再发一遍。"
		}
		say("已有同类内容：《%s》（%s，%s）。%s", o.Title, o.OrgName, strings.Join(o.Why, "，"), hint)
	}
	return list
}
