package signin

import (
	"context"
	"html"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"zhibu/model"
	"zhibu/model/store"
)

// builtInNotices came with the program, the oldest first. A new text of a new meaning is added at the end and asks again.
func builtInNotices() []model.ConsentNotice {
	return []model.ConsentNotice{{Version: ConsentVersion, Title: "个人信息处理告知书", BodyHTML: consentHTML}}
}

// noticesChanged is the key of the settings' topic under which a new notice travels.
const noticesChanged = "consent"

// notices keeps all versions in memory, since every write of a member asks whether theirs still holds.
type notices struct {
	mu      sync.Mutex
	known   []model.ConsentNotice // nil when they must be read
	changes int
}

func (n *notices) forget(key string) {
	if key != noticesChanged {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.known, n.changes = nil, n.changes+1
}

func (s *Service) allNotices(ctx context.Context) ([]model.ConsentNotice, error) {
	s.notices.mu.Lock()
	known, read := s.notices.known, s.notices.changes
	s.notices.mu.Unlock()
	if known != nil {
		return known, nil
	}
	rows, err := s.store.ConsentNotices(ctx)
	if err != nil {
		return nil, err
	}
	known = append(builtInNotices(), rows...)
	s.notices.mu.Lock()
	defer s.notices.mu.Unlock()
	if s.notices.changes == read {
		s.notices.known = known
	}
	return known, nil
}

// inForce are the versions that have begun to hold, the oldest first; the last is the notice in force.
func inForce(all []model.ConsentNotice, now time.Time) []model.ConsentNotice {
	return slices.DeleteFunc(slices.Clone(all), func(n model.ConsentNotice) bool { return n.HoldsFrom.After(now) })
}

// ConsentNow is the privacy notice in force.
func (s *Service) ConsentNow(ctx context.Context) (Notice, error) {
	all, err := s.allNotices(ctx)
	if err != nil {
		return Notice{}, err
	}
	held := inForce(all, s.clock())
	last := held[len(held)-1]
	return Notice{Version: last.Version, Title: last.Title, BodyHTML: last.BodyHTML}, nil
}

// Consent is the privacy notice in force, for pages that show something in any case: the one that came with the program when the database is away.
func (s *Service) Consent() Notice {
	n, err := s.ConsentNow(context.Background())
	if err != nil {
		return Notice{Version: ConsentVersion, Title: "个人信息处理告知书", BodyHTML: consentHTML}
	}
	return n
}

// ConsentHolds reports whether what a member agreed to still covers what is done. Who never agreed to anything, such as an account made at the
// command line, has nothing to renew.
func (s *Service) ConsentHolds(ctx context.Context, version string) (bool, error) {
	all, err := s.allNotices(ctx)
	if err != nil || version == "" || len(all) == 1 {
		return err == nil, err
	}
	held := inForce(all, s.clock())
	from := 0
	for i, n := range held {
		if n.AsksAgain {
			from = i
		}
	}
	if from == 0 {
		return true, nil
	}
	return slices.ContainsFunc(held[from:], func(n model.ConsentNotice) bool { return n.Version == version }), nil
}

// consentRequired asks for the consent to the notice in force.
func consentRequired(version string) error {
	e := model.Fail(model.CodeConsent, "请先阅读并同意最新的《个人信息处理告知书》。")
	e.Fields = []model.Field{{Field: "consent_version", Code: "consent_required", Detail: "当前版本为 " + version + "。"}}
	return e
}

// RequireConsent is an error while the actor's consent is to an older notice whose meaning was another. Errors: consent_required.
func (s *Service) RequireConsent(ctx context.Context, actor *model.Actor) error {
	ok, err := s.ConsentHolds(ctx, actor.Consent)
	if err != nil || ok {
		return err
	}
	n, err := s.ConsentNow(ctx)
	if err != nil {
		return err
	}
	return consentRequired(n.Version)
}

// Agree notes that a member agrees to the notice in force. Errors: consent_required for another version.
func (s *Service) Agree(ctx context.Context, actor *model.Actor, version string) (*Me, error) {
	n, err := s.ConsentNow(ctx)
	if err != nil {
		return nil, err
	}
	if version != n.Version {
		return nil, consentRequired(n.Version)
	}
	now := s.clock()
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		m, err := tx.Member(ctx, actor.MemberID)
		if err != nil || m.ConsentVersion == version {
			return err
		}
		m.ConsentVersion, m.ConsentAt, m.UpdatedAt = version, &now, now
		if err := tx.SaveMember(ctx, m); err != nil {
			return err
		}
		if err := tx.Audit(ctx, now, actor, "member.consent", "member:"+m.ID, "", map[string]string{"consent": version}); err != nil {
			return err
		}
		return tx.Changed(ctx, now, model.TopicSession, model.MemberChange(m.ID))
	})
	if err != nil {
		return nil, err
	}
	own := *actor
	own.Consent = version
	return s.Me(ctx, &own)
}

// NoticeDraft is a new version of the notice. Body is plain text: an empty line begins a paragraph, # a heading, - a point of a list.
type NoticeDraft struct {
	Version, Title, Body string
	AsksAgain            bool
	HoldsFrom            time.Time // zero: at once
}

var noticeVersion = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]{0,19}$`)

// PublishNotice puts a new version of the notice in, to hold from an instant on. What was agreed to is never changed: a version is written once.
// Errors: forbidden, validation_failed, conflict where the version is there already.
func (s *Service) PublishNotice(ctx context.Context, actor *model.Actor, d NoticeDraft) (*model.ConsentNotice, error) {
	if !model.CanPublishNotice(actor) {
		return nil, model.Forbidden("告知书由管理整个学会的党办发布。")
	}
	now := s.clock()
	row, err := d.check(now)
	if err != nil {
		return nil, err
	}
	row.CreatedBy, row.CreatedAt = actor.MemberID, now
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		all, err := tx.ConsentNotices(ctx)
		if err != nil {
			return err
		}
		for _, n := range append(builtInNotices(), all...) {
			if n.Version == row.Version {
				return model.Conflict("版本 " + row.Version + " 已经发布过，请换一个版本号。")
			}
			if n.HoldsFrom.After(row.HoldsFrom) {
				return model.BadField("holds_from", "too_early", "已有更晚生效的版本 "+n.Version+"，新版本应在它之后生效。")
			}
		}
		if err := tx.AddConsentNotice(ctx, row); err != nil {
			return err
		}
		detail := map[string]string{"holds_from": row.HoldsFrom.In(model.Zone).Format(time.RFC3339)}
		if row.AsksAgain {
			detail["asks_again"] = "true"
		}
		if err := tx.Audit(ctx, now, actor, "privacy.notice", "consent:"+row.Version, "", detail); err != nil {
			return err
		}
		return tx.Changed(ctx, now, model.TopicSetting, noticesChanged)
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}

func (d NoticeDraft) check(now time.Time) (*model.ConsentNotice, error) {
	var v model.Invalid
	if !noticeVersion.MatchString(d.Version) {
		v.Add("version", "invalid", "版本号用字母、数字、点和横线，最多 20 个字符，例如 2027-01。")
	}
	title := model.SingleLine(d.Title)
	if n := utf8.RuneCountInString(title); n == 0 || n > 100 {
		v.Add("title", "invalid", "标题应为 1 到 100 个字。")
	}
	body := model.CleanText(d.Body)
	if n := utf8.RuneCountInString(body); n < 20 || n > 20000 {
		v.Add("body", "invalid", "正文应为 20 到 20000 个字。")
	}
	from := d.HoldsFrom
	if from.IsZero() {
		from = now
	}
	if from.Before(now.Add(-time.Minute)) {
		v.Add("holds_from", "past", "生效时间不能早于现在。")
	}
	return &model.ConsentNotice{Version: d.Version, Title: title, BodyHTML: noticeHTML(body), AsksAgain: d.AsksAgain, HoldsFrom: from.UTC().Truncate(time.Millisecond)}, v.Err()
}

// noticeHTML makes paragraphs, headings and lists of plain text; nothing in it can be markup of its own.
func noticeHTML(body string) string {
	var b strings.Builder
	listed := false
	list := func(on bool) {
		if on != listed {
			b.WriteString(map[bool]string{true: "<ul>\n", false: "</ul>\n"}[on])
			listed = on
		}
	}
	for line := range strings.Lines(body) {
		line = strings.TrimSpace(line)
		text, point := strings.CutPrefix(line, "- ")
		list(point)
		switch head, is := strings.CutPrefix(line, "# "); {
		case line == "":
		case point:
			b.WriteString("<li>" + html.EscapeString(text) + "</li>\n")
		case is:
			b.WriteString("<h3>" + html.EscapeString(head) + "</h3>\n")
		default:
			b.WriteString("<p>" + html.EscapeString(line) + "</p>\n")
		}
	}
	list(false)
	return b.String()
}

// Notices are all versions, the oldest first, those that will hold later too. Errors: forbidden.
func (s *Service) Notices(ctx context.Context, actor *model.Actor) ([]model.ConsentNotice, error) {
	if !model.CanReadAudit(actor) {
		return nil, model.Forbidden("告知书的各个版本供党办工作人员查看。")
	}
	return s.allNotices(ctx)
}

// lift ends the marks of an erasure when the person comes back by their own will, so that rosters know them again.
func (s *Service) lift(ctx context.Context, tx *store.Store, identity *model.Identity, m *model.Member, now time.Time) error {
	marks := []string{s.vault.Index(model.ErasedOpenID(identity.OpenID))}
	if identity.OfficialOpenID != "" {
		marks = append(marks, s.vault.Index(model.ErasedOpenID(identity.OfficialOpenID)))
	}
	if identity.UnionID != "" {
		marks = append(marks, s.vault.Index(model.ErasedOpenID(identity.UnionID)))
	}
	lifted, err := tx.LiftErasure(ctx, marks)
	if err != nil || !lifted {
		return err
	}
	return tx.Audit(ctx, now, &model.Actor{MemberID: m.ID}, "member.rejoin", "member:"+m.ID, "", nil)
}
