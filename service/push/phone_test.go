package push

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"zhibu/model"
	"zhibu/model/store"
)

// openPhones is a vault whose sealed numbers are the numbers.
type openPhones struct{ broken string }

func (o openPhones) Phone(m *model.Member) (string, error) {
	if m.ID == o.broken {
		return "", errors.New("sealed with another key")
	}
	return string(m.PhoneCipher), nil
}

// roster gives a member what a phone list shows; an empty number is none.
func (h *house) roster(id, name, sort, number, employer string) {
	h.t.Helper()
	m, err := h.store.Member(h.ctx, id)
	h.must(err)
	m.Name, m.NameSort, m.Employer, m.Title = name, sort, employer, "主任医师"
	if number != "" {
		m.PhoneCipher, m.PhoneIndex, m.PhoneMask = []byte(number), &number, model.MaskPhone(number)
	}
	h.must(h.store.SaveMember(h.ctx, m))
}

func (h *house) leads(role model.Role, path string) *model.Actor {
	a := &model.Actor{SessionID: "s", MemberID: "sec", Powers: []model.Power{{Path: path, Role: role}}}
	if role.Rank() >= model.RoleSecretary.Rank() { // to whom the office grants numbers
		a.Powers = append(a.Powers, model.Power{Path: path, Role: model.RoleRevealPhone})
	}
	return a
}

// listed is a phone list as a spreadsheet program reads it: without title, note and headings.
func (h *house) listed(actor *model.Actor, pushID string) (*PhoneList, *excelize.File, [][]string) {
	h.t.Helper()
	list, err := h.svc.PhoneList(h.ctx, actor, pushID)
	h.must(err)
	var b bytes.Buffer
	h.must(list.Write(h.ctx, &b))
	for _, f := range unpacked(h.t, b.Bytes()) {
		wellFormed(h.t, f)
	}
	x, err := excelize.OpenReader(&b)
	h.must(err)
	h.t.Cleanup(func() { _ = x.Close() })
	rows, err := x.GetRows(phoneSheet)
	h.must(err)
	if len(rows) < 3 || !slices.Equal(rows[2], []string{"姓名", "支部/党小组", "单位", "职务", "手机号", "情况", "建议"}) {
		h.t.Fatalf("head %q", rows)
	}
	return list, x, rows
}

func unpacked(t testing.TB, data []byte) []*zip.File {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return z.File
}

func wellFormed(t testing.TB, f *zip.File) {
	t.Helper()
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	d := xml.NewDecoder(r)
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
	}
}

// phoneCase is a push to eight people of whom five must be phoned.
func phoneCase(t *testing.T) (*house, *model.Push) {
	t.Helper()
	h := newHouse(t)
	h.svc.options.Phones = openPhones{}
	h.member("sent", "o-sent", 1, "heart")
	h.member("bare", "o-bare", 0, "heart", "heart-1")
	h.member("none", "", 0, "heart")
	h.member("gone", "o-gone", 1, "heart")
	h.member("doubt", "o-doubt", 1, "lung", "heart")
	h.member("opened", "o-opened", 0, "heart")
	h.member("moved", "", 0, "lung")
	h.member("wait", "o-wait", 1, "heart")
	h.roster("bare", "陈一", "chen2", "13800138001", "=协和医院")
	h.roster("none", "安二", "an1", "", "华西医院")
	h.roster("gone", "=丁三", "ding1", "13800138003", "-")
	h.roster("doubt", "白四", "bai2", "13800138004", "")
	h.roster("moved", "王五", "wang2", "13800138005", "湘雅医院")
	h.wire.say("o-gone", VerdictRecipient)
	h.wire.say("o-doubt", VerdictUnknown, VerdictUnknown)
	h.wire.say("o-wait", slices.Repeat([]VerdictKind{VerdictRetry}, 20)...)
	p := h.push(meetingPush("sent", "bare", "none", "gone", "doubt", "opened", "moved", "wait"))
	h.must(h.store.ReadNotice(h.ctx, "opened", p.ID, h.clock.now()))
	h.drain()
	h.clock.add(3 * time.Minute)
	h.drain()
	return h, p
}

func TestPhoneList(t *testing.T) {
	h, p := phoneCase(t)
	var log bytes.Buffer
	h.svc.log = slog.New(slog.NewJSONHandler(&log, nil))
	list, x, rows := h.listed(h.leads(model.RoleSecretary, "/root/heart/"), p.ID)
	if rows[0][0] != "电话名单：支部党员大会" || !strings.Contains(rows[1][0], "组织heart") || !strings.Contains(rows[1][0], "共 5 人") || !strings.Contains(rows[1][0], "另有 1 人还在等待发送") {
		t.Errorf("title %q, note %q", rows[0], rows[1])
	}
	// By the tree, then by the sound of the name: those of the branch, then of its group; who has left stands last, without anything of the roster.
	want := [][]string{
		{"安二", "组织heart", "华西医院", "主任医师", "未登记", "尚未绑定", "没有登记手机号"},
		{"白四", "组织heart", "", "主任医师", "13800138004", "可能已经送达", "请电话确认是否收到"},
		{"'=丁三", "组织heart", "'-", "主任医师", "13800138003", "账号已失效", "请电话通知。请对方重新进入小程序"},
		{"陈一", "组织heart · 组织heart-1", "'=协和医院", "主任医师", "13800138001", "没有剩余的订阅次数", "请电话通知。请对方下次进入小程序"},
		{"王五", "", "", "", "", "尚未绑定", "已不在您负责的组织"},
	}
	h.rowsAre(rows[3:], want)
	if list.People != 5 || list.Numbers != 3 || list.FileName != "电话名单-支部党员大会-2026-11-23.xlsx" {
		t.Errorf("%d people, %d numbers, %s", list.People, list.Numbers, list.FileName)
	}
	entries, _, err := h.store.AuditEntries(h.ctx, store.AuditFilter{Action: "push.phone_list"}, model.Page{})
	h.must(err)
	if len(entries) != 1 || entries[0].Object != "push:"+p.ID || entries[0].ActorID != "sec" || entries[0].Detail["numbers"] != "3" || entries[0].Detail["people"] != "5" {
		t.Errorf("audit %+v", entries)
	}
	if strings.Contains(fmt.Sprint(rows[3:]), "建议电话") {
		t.Errorf("the same advice twice: %q", rows[3:])
	}
	if strings.Contains(log.String()+fmt.Sprint(entries), "1380013") {
		t.Errorf("a number outside the list: %s %+v", &log, entries)
	}

	// It prints on A4 across, each page with the headings, and what is on the list is text.
	layout, err := x.GetPageLayout(phoneSheet)
	h.must(err)
	if *layout.Size != 9 || *layout.Orientation != "landscape" || *layout.FitToWidth != 1 {
		t.Errorf("layout %+v", layout)
	}
	names := x.GetDefinedName()
	if len(names) != 1 || names[0].Name != "_xlnm.Print_Titles" || names[0].RefersTo != "'电话名单'!$3:$3" {
		t.Errorf("names %+v", names)
	}
	if panes, err := x.GetPanes(phoneSheet); err != nil || !panes.Freeze || panes.YSplit != 3 {
		t.Errorf("panes %+v %v", panes, err)
	}
	for _, cell := range []string{"A6", "E5", "C7"} {
		kind, err := x.GetCellType(phoneSheet, cell)
		formula, _ := x.GetCellFormula(phoneSheet, cell)
		if err != nil || kind != excelize.CellTypeInlineString || formula != "" {
			t.Errorf("%s is of type %v (%v) with formula %q", cell, kind, err, formula)
		}
	}
}

// rowsAre holds lines against what each cell must begin with or hold.
func (h *house) rowsAre(got, want [][]string) {
	h.t.Helper()
	if len(got) != len(want) {
		h.t.Fatalf("%d lines %q, want %d", len(got), got, len(want))
	}
	for i, line := range want {
		for j, cell := range line {
			is := ""
			if j < len(got[i]) {
				is = got[i][j]
			}
			if j < 5 && is != cell || !strings.Contains(is, cell) {
				h.t.Errorf("line %d, cell %d is %q, want %q", i, j, is, cell)
			}
		}
	}
}

func TestPhoneListIsMaskedForThoseWhoMayNotReveal(t *testing.T) {
	h, p := phoneCase(t)
	for _, role := range []model.Role{model.RoleGroupLeader, model.RoleCommitteeMember} {
		list, _, rows := h.listed(h.leads(role, "/root/heart/"), p.ID)
		if text := fmt.Sprint(rows); strings.Contains(text, "13800138") || !strings.Contains(text, "138****8001") || list.Numbers != 0 || list.People != 5 {
			t.Errorf("%s: %s", role, text)
		}
	}
	// The office sees those who moved to another branch as well.
	list, _, rows := h.listed(h.leads(model.RoleStaff, "/root/"), p.ID)
	if list.Numbers != 4 || rows[7][0] != "王五" || rows[7][1] != "组织lung" || rows[7][4] != "13800138005" {
		t.Errorf("office: %d %q", list.Numbers, rows)
	}
	// A number that does not open leaves its line masked, and the rest as it was; without the vault all are.
	h.svc.options.Phones = openPhones{broken: "bare"}
	if _, _, rows = h.listed(h.secretary(), p.ID); rows[6][4] != "138****8001" || rows[5][4] != "13800138003" {
		t.Errorf("with a broken seal: %q", rows)
	}
	h.svc.options.Phones = nil
	if list, _, rows = h.listed(h.secretary(), p.ID); list.Numbers != 0 || rows[6][4] != "138****8001" {
		t.Errorf("without a vault: %q", rows)
	}
	for _, stranger := range []*model.Actor{h.leads(model.RoleSecretary, "/root/lung/"), h.leads(model.RoleGroupLeader, "/root/heart/heart-1/"), {SessionID: "s", MemberID: "none"}} {
		if _, err := h.svc.PhoneList(h.ctx, stranger, p.ID); !model.IsNotFound(err) {
			t.Errorf("%+v: %v", stranger.Powers, err)
		}
	}
}

func TestPhoneListNamesNobodyWhoHasNotRead(t *testing.T) {
	h := newHouse(t)
	h.member("a", "", 0, "heart")
	p := meetingPush()
	p.Audience = model.Audience{OrgID: "heart", NotReadArticleID: "x"}
	h.push(p)
	h.drain()
	_, err := h.svc.PhoneList(h.ctx, h.secretary(), p.ID)
	if model.CodeOf(err) != model.CodeConflict || !strings.Contains(err.Error(), "不提供电话名单") {
		t.Errorf("%v", err)
	}
	if entries, _, _ := h.store.AuditEntries(h.ctx, store.AuditFilter{Action: "push.phone_list"}, model.Page{}); len(entries) != 0 {
		t.Errorf("audit of a list that was not made: %+v", entries)
	}
}

// What was stopped is not on the list, and a list of nobody says so.
func TestPhoneListOfNobody(t *testing.T) {
	h := newHouse(t)
	h.member("a", "o-a", 1, "heart")
	p := meetingPush("a")
	p.SendAt, p.Hours = h.clock.now(), model.HoursUrgent
	h.wire.say("o-a", VerdictRetry)
	h.push(p)
	h.drain()
	_, err := h.svc.Cancel(h.ctx, h.secretary(), p.ID)
	h.must(err)
	list, _, rows := h.listed(h.secretary(), p.ID)
	if list.People != 0 || len(rows) != 3 || !strings.Contains(rows[1][0], "没有需要电话通知的人") || !strings.Contains(rows[1][0], "推送已取消") {
		t.Errorf("%q", rows)
	}
}

// What became part of an evening card stands with the card: only whom the card did not reach is to be phoned.
func TestPhoneListAndTheEveningCard(t *testing.T) {
	h := newHouse(t)
	ids := []string{"rung", "bare", "opened"}
	study := func(title string) *model.Push {
		return h.push(&model.Push{OrgID: "heart", OrgPath: "/root/heart/", Kind: model.PushStudy, Title: title, Counted: true, Hours: model.HoursUrgent, Audience: model.Audience{MemberIDs: ids}})
	}
	for _, id := range ids {
		h.member(id, "o-"+id, 4, "heart")
	}
	study("第一条")
	study("第二条")
	h.drain()
	third := study("第三条")
	h.is(third.ID, "bare", model.DeliveryHeld)
	h.roster("bare", "陈一", "chen2", "13800138001", "")
	h.wire.say("o-bare", VerdictNoGrant)
	h.wire.say("o-opened", VerdictNoGrant)
	at := time.Date(2026, 11, 23, 19, 30, 0, 0, model.Zone).UTC()
	h.clock.set(at)
	h.drain()
	notices, _, err := h.svc.Notices(h.ctx, &model.Actor{SessionID: "s", MemberID: "opened"}, true, model.Page{})
	h.must(err)
	h.must(h.store.ReadNotice(h.ctx, "opened", notices[0].PushID, at))
	list, _, rows := h.listed(h.secretary(), third.ID)
	if list.People != 1 || rows[3][0] != "陈一" || !strings.Contains(rows[3][5], "摘要没有送达") || !strings.Contains(rows[3][6], "请电话通知") {
		t.Errorf("%q", rows)
	}
}

// A long list is written as it is read.
func TestLongPhoneList(t *testing.T) {
	h := newHouse(t)
	const n = 2*chunkSize + 7
	h.must(h.store.Tx(h.ctx, func(tx *store.Store) error {
		for i := range n {
			id := fmt.Sprintf("m%05d", i)
			if err := tx.AddMember(h.ctx, &model.Member{ID: id, Name: id, NameSort: fmt.Sprintf("%05d", n-i), PartyStatus: model.PartyFull}); err != nil {
				return err
			}
			if err := tx.AddMembership(h.ctx, &model.Membership{ID: "p" + id, MemberID: id, OrgID: "heart", OrgPath: "/root/heart/"}); err != nil {
				return err
			}
		}
		return nil
	}))
	p := meetingPush()
	p.Audience = model.Audience{OrgID: "heart"}
	h.push(p)
	h.drain()
	_, _, rows := h.listed(h.secretary(), p.ID)
	if len(rows) != n+3 || rows[3][0] != fmt.Sprintf("m%05d", n-1) || rows[n+2][0] != "m00000" {
		t.Errorf("%d rows, from %q to %q", len(rows), rows[3], rows[len(rows)-1])
	}
	list, err := h.svc.PhoneList(h.ctx, h.secretary(), p.ID)
	h.must(err)
	if err := list.Write(h.ctx, shortWriter{}); !errors.Is(err, errFull) {
		t.Errorf("a reader that has gone: %v", err)
	}
}

var errFull = errors.New("gone")

type shortWriter struct{}

func (shortWriter) Write([]byte) (int, error) { return 0, errFull }
