package privacy

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// Withdraw takes the actor's consent back: they are unbound and their data is erased. Nobody can refuse it, whatever they hold; the office is told
// which post is vacant. Errors: not_found.
func (s *Service) Withdraw(ctx context.Context, actor *model.Actor) (*model.Erasure, error) {
	return s.erase(ctx, actor, actor.MemberID, model.ErasureWithdrawn)
}

// Erase erases a person at their request, made otherwise than in the program. Errors: not_found, forbidden.
func (s *Service) Erase(ctx context.Context, actor *model.Actor, id string) (*model.Erasure, error) {
	return s.erase(ctx, actor, id, model.ErasureOffice)
}

// leaving is a person on the way out, with what must be remembered until it is done. It is in memory alone.
type leaving struct {
	*store.Erased
	member *model.Member
	phone  string
	places []model.Membership
	held   []model.Grant
	row    *model.Erasure
}

func (s *Service) erase(ctx context.Context, actor *model.Actor, id string, cause model.ErasureCause) (*model.Erasure, error) {
	now := s.clock()
	var who *leaving
	err := s.store.Tx(ctx, func(tx *store.Store) (err error) {
		if who, err = s.leaving(ctx, tx, actor, id, cause, now); err != nil {
			return err
		}
		return s.forget(ctx, tx, actor, who, now)
	})
	if err != nil {
		return nil, err
	}
	// What follows is outside the transaction: files, and a walk through all texts. It must not stop because the client has gone away.
	ctx = context.WithoutCancel(ctx)
	if err := s.sweep(ctx, who); err != nil { // the person is erased all the same, and must not be told otherwise
		s.log.ErrorContext(ctx, "erasure not swept to its end", "erasure", who.row.ID, "cause", err)
		who.row.Report.Kept = append(who.row.Report.Kept, model.ErasureLine{What: "文件和文字的核对", Why: "没有全部完成，请党办联系系统运维人员检查日志。"})
	}
	err = s.store.SaveErasureReport(ctx, who.row)
	s.log.InfoContext(ctx, "member erased", "member", id, "erasure", who.row.ID, "cause", string(cause), "erased", total(who.row.Report.Erased), "kept", total(who.row.Report.Kept))
	return who.row, err
}

func total(lines []model.ErasureLine) (n int) {
	for _, l := range lines {
		n += l.Count
	}
	return n
}

// leaving reads the person, and decides whether the actor may erase them.
func (s *Service) leaving(ctx context.Context, tx *store.Store, actor *model.Actor, id string, cause model.ErasureCause, now time.Time) (*leaving, error) {
	m, err := tx.Member(ctx, id)
	if err != nil {
		return nil, err
	}
	if m.ErasedAt != nil {
		return nil, model.NotFound("该成员")
	}
	who := &leaving{member: m, row: &model.Erasure{ID: store.NewID(), MemberID: id, Cause: cause, ErasedAt: now}}
	if who.places, err = tx.Memberships(ctx, id); err != nil {
		return nil, err
	}
	if who.held, err = tx.Grants(ctx, id); err != nil {
		return nil, err
	}
	if cause == model.ErasureOffice {
		who.row.ByID = actor.MemberID
		if err := mayErase(actor, who); err != nil {
			return nil, err
		}
	}
	if who.Erased, err = tx.KnownAs(ctx, m); err != nil {
		return nil, err
	}
	if who.SuggestionIndexes, err = s.names.SuggestionIndexes(ctx, tx, id); err != nil {
		return nil, err
	}
	if m.PhoneIndex != nil {
		if who.phone, err = s.vault.Open(m.PhoneCipher, m.PhoneKeyID, s.names.PhonePlace(id)); err != nil {
			s.log.WarnContext(ctx, "phone number of an erased member not opened: no mark is left, texts are not searched for it", "member", id, "cause", err)
			who.phone = ""
		}
	}
	return who, nil
}

// mayErase: for each place of the person one rule; who has none is within the reach of those whose power is everywhere.
func mayErase(actor *model.Actor, who *leaving) error {
	seen := len(who.places) == 0 && actor.Has(model.RoleStaff, model.EverywherePath)
	paths := []string{}
	for _, p := range who.places {
		seen = seen || model.CanSeeRoster(actor, p.OrgPath)
		paths = append(paths, p.OrgPath)
	}
	if !seen {
		return model.NotFound("该成员")
	}
	if len(paths) == 0 {
		paths = []string{model.EverywherePath}
	}
	for _, p := range paths {
		if !model.CanEraseMember(actor, p, who.held) {
			return model.Forbidden("注销成员须由管理其全部所在组织的党办办理，成员本人也可以在小程序中自行注销。")
		}
	}
	return nil
}

// forget is the part of an erasure that is one transaction.
func (s *Service) forget(ctx context.Context, tx *store.Store, actor *model.Actor, who *leaving, now time.Time) error {
	if err := s.dropComments(ctx, tx, who, now); err != nil {
		return err
	}
	if err := s.dropReplays(ctx, tx, who); err != nil {
		return err
	}
	for _, k := range s.keepers {
		lines, err := k.Forget(ctx, tx, who.MemberID)
		if err != nil {
			return err
		}
		who.row.Report.Erased = append(who.row.Report.Erased, lines...)
	}
	lines, err := tx.EraseMember(ctx, who.Erased, now)
	if err != nil {
		return err
	}
	who.row.Report.Erased = append(who.row.Report.Erased, lines...)
	if err := tx.AddErasure(ctx, who.row, s.marks(who)); err != nil {
		return err
	}
	if err := s.vacancies(ctx, tx, who, now); err != nil {
		return err
	}
	if err := tx.Audit(ctx, now, actor, "member.erase", "member:"+who.MemberID, "", map[string]string{"cause": string(who.row.Cause)}); err != nil {
		return err
	}
	for _, topic := range []string{model.TopicOrg, model.TopicFeed} { // names stand in copies of rights, feeds and articles
		if err := tx.Changed(ctx, now, topic, "erased"); err != nil {
			return err
		}
	}
	return tx.Changed(ctx, now, model.TopicSession, model.MemberChange(who.MemberID))
}

// Keeper is another room that holds something about people in tables of its own.
type Keeper interface {
	// Forget takes a person out of it, in the transaction, and tells what there was.
	Forget(ctx context.Context, tx *store.Store, memberID string) ([]model.ErasureLine, error)
}

// Ask has an erasure ask this room too. Call it before the program serves.
func (s *Service) Ask(k Keeper) { s.keepers = append(s.keepers, k) }

func (s *Service) marks(who *leaving) []string {
	var marks []string
	if who.phone != "" {
		marks = append(marks, s.vault.Index(model.ErasedPhone(who.phone)))
	}
	for _, id := range slices.Concat(who.OpenIDs, who.UnionIDs) {
		marks = append(marks, s.vault.Index(model.ErasedOpenID(id)))
	}
	return marks
}

// dropComments removes what the person said below articles; answers of others stay.
func (s *Service) dropComments(ctx context.Context, tx *store.Store, who *leaving, now time.Time) error {
	comments, err := tx.CommentsBy(ctx, who.MemberID)
	if err != nil || len(comments) == 0 {
		return err
	}
	for i := range comments {
		c := &comments[i]
		for _, subject := range []string{"comment:" + c.ID, "comment:" + c.ID + ":report"} {
			if err := s.outbox.Drop(ctx, tx, subject, "评论已删除"); err != nil {
				return err
			}
		}
		if _, err := tx.DropComment(ctx, c); err != nil {
			return err
		}
		if err := tx.Changed(ctx, now, model.TopicArticle, c.ArticleID); err != nil {
			return err
		}
	}
	who.row.Report.Erased = append(who.row.Report.Erased, model.ErasureLine{What: "评论", Count: len(comments)})
	return nil
}

// dropReplays removes the kept answers to the person's own requests. They are sealed, and their caller has another name under each key.
func (s *Service) dropReplays(ctx context.Context, tx *store.Store, who *leaving) error {
	rows, err := tx.RecentReplays(ctx)
	if err != nil {
		return err
	}
	callers := append([]string{who.MemberID}, who.Identities...)
	n := 0
	for _, r := range rows {
		for _, id := range callers {
			if s.names.ReplayCaller(id, r.Key) != r.Caller {
				continue
			}
			if err := tx.DropReplay(ctx, r.Caller, r.Key); err != nil {
				return err
			}
			n++
		}
	}
	if n > 0 {
		who.row.Report.Erased = append(who.row.Report.Erased, model.ErasureLine{What: "近期提交的应答留底", Count: n})
	}
	return nil
}

// vacancies tells the office which posts nobody holds any more. It does not say who left.
func (s *Service) vacancies(ctx context.Context, tx *store.Store, who *leaving, now time.Time) error {
	for _, g := range who.held {
		switch {
		case g.Role == model.RoleAdmin && g.OrgPath == model.EverywherePath:
			left, err := tx.Rulers(ctx)
			if err != nil {
				return err
			}
			if len(left) == 0 {
				s.log.WarnContext(ctx, "the last administrator was erased: make another with zhibu admin create")
				if err := s.tellOffice(ctx, tx, "系统已没有管理员", "最后一位系统管理员已注销。请系统运维人员用 zhibu admin create 创建新的管理账号。", now); err != nil {
					return err
				}
			}
		case g.Role == model.RoleSecretary && g.OrgID != "":
			org, err := tx.Org(ctx, g.OrgID)
			if model.IsNotFound(err) {
				continue
			}
			if err != nil {
				return err
			}
			others, err := tx.GrantsUnder(ctx, g.OrgPath)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(others, func(o model.Grant) bool { return o.OrgPath == g.OrgPath && o.Role == model.RoleSecretary }) {
				continue
			}
			text := org.Name + "目前没有支部书记：原书记已注销账号。请尽快指定新的书记，由其接手未办结的会议、意见建议和督办事项。"
			if err := s.tellOffice(ctx, tx, org.Name+"需要指定新书记", text, now); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) tellOffice(ctx context.Context, tx *store.Store, title, text string, now time.Time) error {
	to, err := tx.OfficeIDs(ctx)
	if err != nil || len(to) == 0 {
		return err
	}
	return s.outbox.Push(ctx, tx, &model.Push{
		Kind: model.PushAnnouncement, Title: model.CutRunes(title, 100), Body: text, Hours: model.HoursOrdinary, Private: true, Subject: "privacy:vacancy",
		Fields:   map[string]string{"title": model.CutRunes(title, 20), "from": "系统", "time": now.In(model.Zone).Format("2006-01-02 15:04"), "note": "请尽快办理"},
		Audience: model.Audience{MemberIDs: to},
	})
}

// sweep clears away what is outside the transaction's reach: files, and the person's numbers in texts of whatever table, new ones included. A name
// may be somebody else's, or a plain word: texts of others that hold it are counted, and the office decides about them.
func (s *Service) sweep(ctx context.Context, who *leaving) error {
	r := &who.row.Report
	gone, kept, err := s.files.Erase(ctx, who.MemberID)
	if err != nil {
		return err
	}
	if gone > 0 {
		r.Erased = append(r.Erased, model.ErasureLine{What: "上传的文件", Count: gone})
	}
	if kept > 0 {
		r.Kept = append(r.Kept, model.ErasureLine{What: "已用于文章或意见建议的文件", Count: kept, Why: "属于组织的内容，已不再记录上传者；文件里的文字请党办核对。"})
	}
	for _, number := range slices.Concat([]string{who.phone}, who.OpenIDs, who.UnionIDs) {
		if number == "" {
			continue
		}
		found, err := s.store.Mentions(ctx, number)
		if err != nil {
			return err
		}
		if err := s.store.BlotOut(ctx, number, strings.Repeat("*", len(number)), found); err != nil {
			return err
		}
		for _, f := range found {
			r.Erased = append(r.Erased, model.ErasureLine{What: "文字中的号码（" + f.Table + "." + f.Column + "）", Count: f.Rows})
		}
	}
	if err := s.sweepName(ctx, who); err != nil {
		return err
	}
	r.Kept = append(r.Kept,
		model.ErasureLine{What: "会议出席、表决与督办的人次", Why: "人数统计和已签署的会议记录以此为依据，只留编号，姓名显示为“已注销成员”。"},
		model.ErasureLine{What: "审计记录", Why: "依法留存，其中只有编号，没有姓名和号码。"})
	return nil
}

// ownTexts are written by the program itself, from a person's name.
func ownTexts(m store.Mention) bool { return m.Table == "pushes" || m.Table == "deliveries" }

func (s *Service) sweepName(ctx context.Context, who *leaving) error {
	name := who.Name
	runes := utf8.RuneCountInString(name)
	if runes < 2 {
		return nil
	}
	found, err := s.store.Mentions(ctx, name)
	if err != nil || len(found) == 0 {
		return err
	}
	same, err := s.store.Namesakes(ctx, name, who.MemberID)
	if err != nil {
		return err
	}
	r := &who.row.Report
	var written []store.Mention
	for _, f := range found {
		if same == 0 && runes > 2 && ownTexts(f) { // two characters are too often a plain word
			written = append(written, f)
			r.Erased = append(r.Erased, model.ErasureLine{What: "通知文字中的姓名", Count: f.Rows})
			continue
		}
		why := "是他人或组织写的文字，由党办核对后更正。"
		if same > 0 {
			why = "还有同名成员，可能是另一个人，由党办核对。"
		}
		r.Kept = append(r.Kept, model.ErasureLine{What: "文字中出现同样的姓名（" + f.Table + "." + f.Column + "）", Count: f.Rows, Why: why})
	}
	return s.store.BlotOut(ctx, name, strings.Repeat("某", runes), written)
}
