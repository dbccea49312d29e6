package main

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"zhibu/model/store/storetest"
)

// TestStoryPrivacy lives a person's rights: to see and take along what is kept, to be asked again when its meaning changes, and to be erased.
func TestStoryPrivacy(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		env["LIMITS"] = "off"
		p := boot(t, "2026-11-24T19:00:00+08:00", env)
		r := p.found().readership()
		leaver := r.join(r.branch, "司马清泉", "full", "secretary")
		traces := r.leaveTraces(leaver)
		r.takesAlong(leaver, traces)
		r.asksAgain(leaver)
		r.revealsPhones(leaver)
		before := r.placesOfNumber(leaver)
		r.withdraws(leaver)
		r.onlyCounted(before, r.placesOfNumber(leaver))
		r.searchedFor(t, traces)
		r.comesBack(leaver)
	})
}

// leaveTraces has somebody do whatever leaves something behind; it returns what must not be found afterwards.
func (r *readership) leaveTraces(m person) []string {
	r.t.Helper()
	article := r.post(r.staff.token, object{"org_id": r.root, "category": "news", "title": "学会动态", "body_markdown": "正文若干。", "visibility": "members"})
	r.must(200, "PATCH", "/me", m.token, object{"employer": "清泉独有医院", "title": "泉主任"})
	r.must(200, "POST", "/articles/"+article+"/reads", m.token, object{"percent": 100})
	r.must(200, "PUT", "/articles/"+article+"/like", m.token, nil)
	r.must(200, "PUT", "/articles/"+article+"/favorite", m.token, nil)
	r.must(201, "POST", "/articles/"+article+"/comments", m.token, object{"content": "清泉说一句：学习了。"}, "Idempotency-Key", "a-comment")
	r.must(201, "POST", "/suggestions", m.token, object{"to_org_id": r.branch, "title": "司马清泉的建议", "content": "请打我电话 " + m.phone + "，司马清泉。"})
	r.must(201, "POST", "/suggestions", m.token, object{"to_org_id": r.branch, "title": "匿名的建议", "content": "多办晚间学习。", "anonymous": true})
	if f := r.upload("/uploads", m.token, "司马清泉的照片.png", picture(r.t)); f.status != 201 {
		r.t.Fatal(f.describe())
	}
	meeting := r.must(201, "POST", "/meetings", m.token, object{"org_id": r.branch, "type": "party_day", "topic": "主题党日", "starts_at": "2026-11-26T19:00:00+08:00",
		"ends_at": "2026-11-26T20:00:00+08:00", "mode": "online", "online": object{"join_url": "https://meeting.example.org/1"}, "agenda": []object{{"title": "学习", "minutes": 30}}}).text("id")
	r.must(200, "PUT", "/meetings/"+meeting+"/rsvp", m.token, object{"status": "leave", "reason": "清泉要去看牙"})
	r.must(201, "POST", "/me/calendar-token", m.token, nil)
	r.must(201, "POST", "/orgs/"+r.branch+"/invites", m.token, nil)
	db, ctx := rawDatabase(r.program), context.Background()
	if _, err := db.ExecContext(ctx, "UPDATE identities SET unionid = 'union-of-the-leaver' WHERE openid = '"+m.openID+"'"); err != nil {
		r.t.Fatal(err)
	}
	for _, q := range []string{
		"INSERT INTO official_followers (openid, unionid, following, tries, created_at) VALUES ('official-of-the-leaver', 'union-of-the-leaver', 1, 0, '2026-11-24 11:00:00')",
		"INSERT INTO wechat_events (dedupe_key, source, name, openid, received_at) VALUES ('k1', 'miniprogram', 'x', '" + m.openID + "', '2026-11-24 11:00:00')",
	} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			r.t.Fatal(err)
		}
	}
	return []string{"司马清泉", "清泉", m.phone, "****" + m.phone[7:], m.openID, "union-of-the-leaver", "official-of-the-leaver", "泉主任"}
}

// takesAlong opens the archive and looks for what was left.
func (r *readership) takesAlong(m person, traces []string) {
	r.t.Helper()
	data := r.must(200, "GET", "/me/export", m.token, nil).raw
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		r.t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
		if strings.HasPrefix(f.Name, "文件/") {
			continue
		}
		in, err := f.Open()
		if err != nil {
			r.t.Fatal(err)
		}
		text, err := io.ReadAll(in)
		if err != nil {
			r.t.Fatal(err)
		}
		for _, want := range append([]string{"清泉说一句", "匿名的建议", "清泉要去看牙", "学会动态", "清泉独有医院", "主题党日"}, traces...) {
			if !strings.Contains(want, "****") && !strings.Contains(string(text), want) {
				r.t.Errorf("%s lacks %s", f.Name, want)
			}
		}
	}
	slices.Sort(names)
	if len(names) != 3 || names[0] != "data.json" || !strings.HasPrefix(names[2], "文件/001-司马清泉的照片") {
		r.t.Errorf("in the archive: %q", names)
	}
}

// asksAgain puts a notice of another meaning in: what writes asks for it, and nothing else does.
func (r *readership) asksAgain(m person) {
	r.t.Helper()
	notice := object{"version": "2026-12", "title": "个人信息处理告知书", "body": "# 有什么变化\n我们新增了一项处理：\n- 会议的<b>在线</b>房间由腾讯会议提供。"}
	r.refused(403, "forbidden", "POST", "/privacy/notices", m.token, notice)
	notice["asks_again"] = true
	made := r.must(201, "POST", "/privacy/notices", r.staff.token, notice)
	if html := made.text("body_html"); !strings.Contains(html, "<li>会议的&lt;b&gt;") || !strings.Contains(html, "<h3>有什么变化</h3>") {
		r.t.Errorf("the notice: %s", html)
	}
	if v := r.must(200, "GET", "/consent", "", nil).text("version"); v != "2026-12" {
		r.t.Errorf("in force: %s", v)
	}
	suggestion := object{"to_org_id": r.branch, "title": "建议", "content": "内容。"}
	if f := r.refused(422, "consent_required", "POST", "/suggestions", m.token, suggestion).faults(); f["consent_version"] != "consent_required" {
		r.t.Errorf("asked: %v", f)
	}
	r.must(200, "GET", "/feed", m.token, nil)
	r.must(200, "GET", "/notices", m.token, nil)
	r.must(200, "GET", "/me/export", m.token, nil)
	r.must(200, "PATCH", "/me", m.token, object{"title": "泉主任"})
	if r.must(200, "GET", "/me", m.token, nil).at("consent_required") != true {
		r.t.Error("me does not say that a consent is asked for")
	}
	r.refused(422, "consent_required", "POST", "/me/consent", m.token, object{"version": "2026-11"})
	if r.must(200, "POST", "/me/consent", m.token, object{"version": "2026-12"}).at("consent_required") != false {
		r.t.Error("asked though it was given")
	}
	r.must(201, "POST", "/suggestions", m.token, suggestion)
	for _, who := range []person{r.staff, r.secretary} {
		r.must(200, "POST", "/me/consent", who.token, object{"version": "2026-12"})
	}
	r.refused(409, "conflict", "POST", "/privacy/notices", r.staff.token, notice)
}

// revealsPhones: a role brings no numbers along; the office grants them, and each look is in the audit.
func (r *readership) revealsPhones(m person) {
	r.t.Helper()
	reveal, right := "/members/"+m.id+"/reveal-phone", "/orgs/"+r.branch+"/members/"+r.secretary.id+"/phone-right"
	r.refused(403, "forbidden", "POST", reveal, r.secretary.token, nil)
	r.refused(403, "forbidden", "POST", reveal, r.staff.token, nil)
	r.refused(403, "forbidden", "PUT", right, r.secretary.token, nil)
	r.must(204, "PUT", right, r.staff.token, nil)
	if got := r.must(200, "POST", reveal, r.secretary.token, nil).text("phone"); got != m.phone {
		r.t.Errorf("revealed: %s", got)
	}
	r.must(200, "PUT", "/orgs/"+r.branch+"/members/"+r.secretary.id+"/roles", r.admin, object{"roles": []string{"secretary", "committee_member"}})
	r.must(200, "POST", reveal, r.secretary.token, nil) // a change of roles leaves it
	r.must(204, "DELETE", right, r.staff.token, nil)
	r.refused(403, "forbidden", "POST", reveal, r.secretary.token, nil)
	for action, want := range map[string]int{"member.reveal_phone": 2, "member.phone_right_grant": 1, "member.phone_right_revoke": 1} {
		if n := len(r.must(200, "GET", "/audit?action="+action, r.staff.token, nil).list("items")); n != want {
			r.t.Errorf("%s: %d entries, want %d", action, n, want)
		}
	}
}

// placesOfNumber are the columns in which the number of a person stands.
func (r *readership) placesOfNumber(m person) map[string]bool {
	r.t.Helper()
	db := rawDatabase(r.program)
	defer func() { _ = db.Close() }()
	places := map[string]bool{}
	for _, found := range dumped(r.t, db, []string{m.id}) {
		place, _, _ := strings.Cut(found, ":")
		places[place] = true
	}
	return places
}

// onlyCounted: the number of a person who was erased leads to no mark of theirs: it stays where the organisation's record is, and where it is the
// erasure's own. What is not named here has to go; a new place is decided on, and written into docs/privacy.md.
func (r *readership) onlyCounted(before, after map[string]bool) {
	r.t.Helper()
	for _, place := range []string{"article_likes.member_id", "article_favorites.member_id", "article_reads.member_id", "grants.member_id", "identities.member_id", "memberships.member_id", "sessions.member_id"} {
		if !before[place] || after[place] {
			r.t.Errorf("%s: before %v, after %v", place, before[place], after[place])
		}
	}
	stays := []string{
		"audit_entries.actor_id", "audit_entries.object", "changes.subject", "deliveries.member_id", "erasures.member_id", "invites.created_by", "meeting_invitees.member_id",
		"meetings.created_by", "members.id", "pushes.audience", "pushes.created_by", "pushes.expand_cursor", "suggestion_steps.by_id", "suggestions.author_id",
	}
	for place := range after {
		if !slices.Contains(stays, place) {
			r.t.Errorf("the number of the erased person is left in %s", place)
		}
	}
}

// withdraws: nobody can refuse it, and everything that went and that stays is named.
func (r *readership) withdraws(m person) {
	r.t.Helper()
	out := r.must(200, "DELETE", "/me", m.token, nil)
	if len(out.list("erased")) < 10 || len(out.list("kept")) < 2 || slices.ContainsFunc(out.list("kept"), func(l object) bool { return l.text("why") == "" }) {
		r.t.Errorf("the receipt: %s", out.raw)
	}
	r.refused(401, "unauthenticated", "GET", "/me", m.token, nil)
	r.refused(404, "not_found", "GET", "/members/"+m.id, r.secretary.token, nil)
	csv := "姓名,手机号,政治面貌\n司马清泉," + m.phone + ",中共党员\n"
	in := r.upload("/orgs/"+r.branch+"/members/import", r.secretary.token, "花名册.csv", []byte(csv))
	if in.number("created") != 0 || len(in.list("errors")) != 1 || in.list("errors")[0].text("code") != "erased" {
		r.t.Errorf("the roster brings back who withdrew: %s", in.raw)
	}
	r.refused(422, "validation_failed", "POST", "/orgs/"+r.branch+"/members", r.secretary.token, object{"name": "司马清泉", "phone": m.phone, "party_status": "full"})
	items := r.must(200, "GET", "/audit?action=member.erase", r.staff.token, nil).list("items")
	if len(items) != 1 || items[0].text("actor", "name") != "已注销成员" {
		r.t.Errorf("in the audit: %v", items)
	}
}

// searchedFor dumps every table, reads every file and the log, and finds nothing of the person; and finds what is planted.
func (r *readership) searchedFor(t *testing.T, traces []string) {
	t.Helper()
	db := rawDatabase(r.program)
	if found := dumped(t, db, traces); len(found) > 0 {
		t.Errorf("in the database: %q", found)
	}
	if _, err := db.ExecContext(t.Context(), "UPDATE orgs SET name = 'left behind: union-of-the-leaver' WHERE id = '"+r.neighbour+"'"); err != nil {
		t.Fatal(err)
	}
	if found := dumped(t, db, traces); len(found) != 1 || !strings.HasPrefix(found[0], "orgs.name") {
		t.Errorf("a planted leftover: %q", found)
	}
	if _, err := db.ExecContext(t.Context(), "UPDATE orgs SET name = '"+neighbourName+"' WHERE id = '"+r.neighbour+"'"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	// The night cleans the pages of the embedded database that are not in use, and reports.
	r.moveTo("2026-11-25T03:50:30+08:00")
	r.eventually("the night's report", 30*time.Second, func() bool {
		return r.must(200, "GET", "/privacy/retention", r.password(), nil).text("items", 0, "day") == "2026-11-25"
	})
	r.end()
	if found := lookedThrough(t, filepath.Join(r.dir, "data"), traces); len(found) > 0 {
		t.Errorf("in the files: %q", found)
	}
	for _, s := range traces {
		if strings.Contains(r.log.String(), s) {
			t.Errorf("in the log: %s", s)
		}
	}
	r.searchedBackup(t, traces)
	r.start("serve")
	if v := r.must(200, "GET", "/audit/verify", r.password(), nil); v.at("ok") != true {
		t.Errorf("the audit after the erasure: %s", v.raw)
	}
}

// searchedBackup makes a new backup as an operator would, and finds nothing of the person in it.
func (r *readership) searchedBackup(t *testing.T, traces []string) {
	t.Helper()
	if address := r.env["DATABASE_URL"]; address != "" {
		dump := storetest.Dump(t, address)
		if !strings.Contains(dump, neighbourName) {
			t.Fatal("the dump does not hold the society")
		}
		for _, s := range traces {
			if strings.Contains(dump, s) {
				t.Errorf("in a new dump: %s", s)
			}
		}
		return
	}
	backup := filepath.Join(r.dir, "backup.zip")
	r.command("", "backup", backup)
	if found := unpacked(t, backup, traces); len(found) > 0 {
		t.Errorf("in a new backup: %q", found)
	}
}

// password signs the first account in again.
func (r *readership) password() string {
	r.t.Helper()
	if r.call("GET", "/me", r.admin, nil).status != 200 {
		r.admin = r.office()
	}
	return r.admin
}

// comesBack: the person binds anew, by an invitation and of their own will, and the roster knows the number again.
func (r *readership) comesBack(m person) {
	r.t.Helper()
	code := r.must(201, "POST", "/orgs/"+r.branch+"/invites", r.admin, nil).text("code")
	token := r.visit(m.openID).text("access_token")
	r.must(200, "POST", "/auth/bind", token, object{"consent_version": "2026-12", "invite_code": code, "name": "司马清泉"})
	in := r.upload("/orgs/"+r.neighbour+"/members/import", r.admin, "花名册.csv", []byte("姓名,手机号,政治面貌\n新人甲,"+m.phone+",中共党员\n"))
	if in.number("created") != 1 {
		r.t.Errorf("after the return: %s", in.raw)
	}
}
