package push

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"zhibu/model"
	"zhibu/model/store"
)

// Phones opens a member's sealed number. How numbers are sealed is not this room's matter.
type Phones interface {
	Phone(m *model.Member) (string, error)
}

// phoneRow is one person to be phoned. The rest is read when the line is written.
type phoneRow struct {
	member         string
	rank           int    // of the place in the order of the tree
	place          string // the branch, and the group within it
	reason, advice string
	seen, whole    bool // the actor leads a place of the person, and may see the whole number
}

// PhoneList is who must be phoned about a push, ready to be written.
type PhoneList struct {
	FileName string
	People   int // on the list
	Numbers  int // of them with the whole number

	push  *Service
	title string
	note  string
	rows  []phoneRow
}

// phoneColumns fill a sheet of A4 laid across.
var phoneColumns = []column{
	{"姓名", 12, styleMiddle}, {"支部/党小组", 26, styleText}, {"单位", 28, styleText}, {"职务", 14, styleText},
	{"手机号", 16, styleMiddle}, {"情况", 38, styleText}, {"建议", 38, styleText},
}

const phoneSheet = "电话名单"

// advicePattern is the end of a reason that advises to phone; on the list the next column does.
var advicePattern = regexp.MustCompile(`[，；]建议电话(通知|确认)$`)

// PhoneList lists whom neither WeChat nor the inbox has reached, in the order of the tree and then of the names. Whole numbers are for those
// who may look them up one by one; everybody else who leads the organisation sees them masked. Each list that is made is in the audit.
// Errors: those of Get, conflict where the audience tells who has not read something.
func (s *Service) PhoneList(ctx context.Context, actor *model.Actor, id string) (*PhoneList, error) {
	p, err := s.visible(ctx, s.store, actor, id)
	if err != nil {
		return nil, err
	}
	if p.NamesNobody() {
		return nil, model.Conflict("这条推送只发给尚未读过某篇文章的成员，为了不让人知道谁没有读，不提供电话名单。需要全员知晓的事，请另发一条不按阅读情况筛选的推送。")
	}
	org, err := s.store.Org(ctx, p.OrgID)
	if err != nil {
		return nil, err
	}
	now := s.now()
	l := &PhoneList{push: s, title: phoneSheet + "：" + p.Title, FileName: phoneSheet + "-" + fileWord(p.Title) + "-" + string(model.DateOf(now)) + ".xlsx"}
	if err := l.fill(ctx, actor, p); err != nil {
		return nil, err
	}
	lines, err := s.lines(ctx, []model.Push{*p})
	if err != nil {
		return nil, err
	}
	l.note = phoneNote(org, &lines[0], l.People, now)
	err = s.store.Tx(ctx, func(tx *store.Store) error {
		return tx.Audit(ctx, now, actor, "push.phone_list", "push:"+p.ID, p.OrgID, map[string]string{"people": strconv.Itoa(l.People), "numbers": strconv.Itoa(l.Numbers)})
	})
	if err != nil {
		return nil, err
	}
	return l, nil
}

// fill decides who is on the list, and in which order.
func (l *PhoneList) fill(ctx context.Context, actor *model.Actor, p *model.Push) error {
	from := l.push.store
	lines, err := from.PhoneLines(ctx, p.ID)
	if err != nil {
		return err
	}
	cards, err := from.DigestLines(ctx, p.ID)
	if err != nil {
		return err
	}
	orgs, err := from.Orgs(ctx)
	if err != nil {
		return err
	}
	tree := newTree(orgs)
	for chunk := range slices.Chunk(lines, chunkSize) {
		ids := make([]string, len(chunk))
		for i, line := range chunk {
			ids[i] = line.MemberID
		}
		places, err := from.MembershipsOf(ctx, ids)
		if err != nil {
			return err
		}
		for _, line := range chunk {
			reason, must := mustPhone(line, cards)
			if !must {
				continue
			}
			at := places[line.MemberID]
			row := phoneRow{member: line.MemberID, reason: advicePattern.ReplaceAllString(reason, ""), seen: mayAt(actor, at, model.CanSeeRoster)}
			row.whole = line.HasPhone && l.push.options.Phones != nil && mayAt(actor, at, model.CanRevealPhone)
			row.rank, row.place = tree.place(at,
				func(path string) bool { return model.Within(path, p.OrgPath) }, func(path string) bool { return model.CanSeeRoster(actor, path) })
			row.advice = advise(&model.Delivery{State: line.State, Reason: reason}, true)
			if !line.HasPhone {
				row.advice = "没有登记手机号，请通过其单位或党小组转告，并请书记补登。"
			}
			if row.whole {
				l.Numbers++
			}
			l.rows = append(l.rows, row)
		}
	}
	l.People = len(l.rows)
	slices.SortStableFunc(l.rows, func(a, b phoneRow) int { return cmp.Compare(a.rank, b.rank) }) // they came in the order of the names
	return nil
}

// mustPhone decides whether somebody whom no bell of this push has reached is to be phoned, and says why. What became part of an evening card
// stands with the card; what is over is nothing to phone about.
func mustPhone(line store.PhoneLine, cards map[string]model.Delivery) (reason string, must bool) {
	if strings.Contains(line.Reason, matterOver) {
		return "", false
	}
	card, folded := cards[line.MemberID]
	if !folded || !strings.HasPrefix(line.Reason, foldedWord) {
		return line.Reason, true
	}
	ended := card.State == model.DeliveryFailed || card.State == model.DeliveryInboxOnly || (card.State == model.DeliveryInDoubt && card.DueAt == nil && card.Owner == "")
	if card.ReadAt != nil || !ended || strings.Contains(card.Reason, matterOver) {
		return "", false
	}
	return "摘要没有送达：" + card.Reason, true
}

// phoneNote stands below the title.
func phoneNote(org *model.Org, l *Line, people int, now time.Time) string {
	at := func(t time.Time) string { return t.In(model.Zone).Format("2006年1月2日 15:04") }
	note := fmt.Sprintf("%s　发送时间：%s　名单截至：%s　共 %d 人", org.Name, at(l.SendAt), at(now), people)
	if n := l.Queued + l.Deferred; n > 0 {
		note += fmt.Sprintf("　另有 %d 人还在等待发送", n)
	}
	if people == 0 {
		note += "　没有需要电话通知的人"
	}
	return note + l.noteOfStop()
}

func (l *Line) noteOfStop() string {
	if l.StopReason == "" {
		return ""
	}
	return "　" + strings.TrimSuffix(l.stopped(), "。")
}

// Write writes the list as an .xlsx, reading the people as it goes.
func (l *PhoneList) Write(ctx context.Context, w io.Writer) error {
	out := newSheet(w, phoneSheet, l.title, l.note, phoneColumns)
	for chunk := range slices.Chunk(l.rows, chunkSize) {
		ids := make([]string, len(chunk))
		for i, r := range chunk {
			ids[i] = r.member
		}
		people, err := l.push.store.MembersByID(ctx, ids)
		if err != nil {
			return err
		}
		for _, r := range chunk {
			m, ok := people[r.member]
			if !ok || m.ErasedAt != nil { // erased since the list was made
				continue
			}
			out.line(0, l.cells(ctx, r, &m), func(i int) int { return phoneColumns[i].style })
		}
		if out.err != nil {
			return out.err
		}
	}
	return out.close(len(phoneColumns), "号码仅供本次通知使用，用后请妥善销毁")
}

// cells is one line. Of somebody who has left the actor's part of the tree only the name is shown, as the ledger does.
func (l *PhoneList) cells(ctx context.Context, r phoneRow, m *model.Member) []string {
	if !r.seen {
		return []string{m.Name, r.place, "", "", "", r.reason, "已不在您负责的组织，请联系党办转告。"}
	}
	number := m.PhoneMask
	if r.whole {
		whole, err := l.push.options.Phones.Phone(m)
		if err != nil { // sealed with another key: the rest of the list is as good as before
			l.push.log.ErrorContext(ctx, "phone number not opened", "member", m.ID, "cause", err)
		} else {
			number = whole
		}
	}
	if number == "" {
		number = "未登记"
	}
	return []string{m.Name, r.place, m.Employer, m.Title, number, r.reason, r.advice}
}

// fileWord is a title as a part of a file's name.
func fileWord(title string) string {
	safe := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`\/:*?"<>|`, r) {
			return '_'
		}
		return r
	}, model.SingleLine(title))
	return strings.Trim(model.CutRunes(safe, 40), ". ")
}

// tree knows the order in which organisations stand: each before those below it, brothers as they were made.
type tree struct {
	rank map[string]int // by path
	name map[string]string
}

func newTree(orgs []model.Org) tree {
	below := map[string][]model.Org{}
	for _, o := range orgs {
		parent := strings.TrimSuffix(o.Path, o.ID+"/")
		below[parent] = append(below[parent], o)
	}
	t := tree{rank: map[string]int{}, name: map[string]string{}}
	var walk func(parent, branch string)
	walk = func(parent, branch string) {
		for _, o := range below[parent] {
			name := o.Name
			if o.Kind == model.OrgGroup && branch != "" {
				name = branch + " · " + o.Name
			}
			t.rank[o.Path], t.name[o.Path] = len(t.rank), name
			inner := ""
			if o.Kind == model.OrgBranch {
				inner = o.Name
			}
			walk(o.Path, inner)
		}
	}
	walk(model.EverywherePath, "")
	return t
}

// place is where a person stands on a list: at the first of the places that count, and there as deep as they go. The later conditions are for
// those whom the earlier ones leave without a place; who has none stands last.
func (t tree) place(places []model.Membership, counts ...func(path string) bool) (int, string) {
	for _, count := range counts {
		best := ""
		for _, m := range places {
			if rank, known := t.rank[m.OrgPath]; known && count(m.OrgPath) && (best == "" || rank < t.rank[best]) {
				best = m.OrgPath
			}
		}
		if best == "" {
			continue
		}
		for _, m := range places {
			if _, known := t.rank[m.OrgPath]; known && model.Within(m.OrgPath, best) {
				best = m.OrgPath
			}
		}
		return t.rank[best], t.name[best]
	}
	return len(t.rank), ""
}
