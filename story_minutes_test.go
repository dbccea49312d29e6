package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// branchLife is a branch that meets: five full members and one who is none, of whom the first is the secretary.
type branchLife struct {
	*society
	secretary, host, recorder, voter, away, layman, staff, other person
	meeting                                                      string
}

// TestStoryMinutes lives a branch assembly to its end: votes by hand, online, secret and an election, minutes signed by two and locked, the
// documents, an addendum, and what was resolved coming back to owner, secretary and office by working days.
func TestStoryMinutes(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		b := &branchLife{society: boot(t, "2026-11-23T19:10:00+08:00", env).found()} // a Monday
		b.secretary = b.join(b.branch, "钱书记", "full", "secretary")
		b.host = b.secretary
		b.recorder = b.join(b.branch, "吴支委", "full", "committee_member")
		b.voter = b.join(b.branch, "周党员", "full")
		b.away = b.join(b.branch, "王出差", "full")
		b.layman = b.join(b.branch, "李会员", "non_party")
		b.staff = b.join(b.root, "党办小孙", "full", "staff")
		b.other = b.join(b.neighbour, "郑邻居", "full", "secretary")

		m := b.must(201, "POST", "/meetings", b.secretary.token, object{
			"org_id": b.branch, "type": "branch_assembly", "topic": "部署基层帮扶工作", "starts_at": "2026-11-23T19:20:00+08:00", "ends_at": "2026-11-23T20:20:00+08:00",
			"mode": "online", "online": object{"join_url": "https://meeting.example.org/j/1", "code": "860 215 477"},
			"agenda": []object{{"title": "传达上级精神", "minutes": 15}, {"title": "讨论帮扶方案", "minutes": 35}}, "reminders": []int{},
		})
		b.meeting = m.text("id")
		b.must(200, "PUT", "/meetings/"+b.meeting+"/rsvp", b.away.token, object{"status": "leave", "reason": "外出会诊"})

		quorum(t, b)
		publicVote(t, b)
		secretVote(t, b)
		election(t, b)
		b.moveTo("2026-11-23T20:25:00+08:00")
		b.back()
		byHand(t, b)
		writing(t, b)
		signing(t, b)
		afterLock(t, b)
		documents(t, b)
		closing(t, b)
	})
}

// back signs everybody in again after the program has been started anew.
func (b *branchLife) back() {
	b.t.Helper()
	for _, p := range []*person{&b.secretary, &b.recorder, &b.voter, &b.away, &b.layman, &b.staff, &b.other} {
		p.token = b.visit(p.openID).text("access_token")
	}
	b.host = b.secretary
}

func (b *branchLife) poll(body object) string {
	b.t.Helper()
	return b.must(201, "POST", "/meetings/"+b.meeting+"/polls", b.secretary.token, body).text("id")
}

func quorum(t *testing.T, b *branchLife) {
	t.Helper()
	path := "/meetings/" + b.meeting + "/polls"
	b.refused(404, "not_found", "POST", path, b.other.token, object{"question": "方案", "rule": "ordinary"})
	b.refused(403, "forbidden", "POST", path, b.voter.token, object{"question": "方案", "rule": "ordinary"})
	faults := b.refused(422, "validation_failed", "POST", path, b.secretary.token, object{"rule": "admission", "agenda_item": 9}).faults()
	for _, field := range []string{"question", "rule", "agenda_item"} {
		if faults[field] == "" {
			t.Errorf("%s is not among the faults %v", field, faults)
		}
	}
	id := b.poll(object{"question": "是否通过帮扶方案", "rule": "ordinary"})
	b.must(200, "POST", "/meetings/"+b.meeting+"/checkin", b.secretary.token, nil)
	b.refused(409, "quorum_not_met", "POST", "/polls/"+id+"/open", b.secretary.token, nil) // one of four
	b.must(204, "DELETE", "/polls/"+id, b.secretary.token, nil)
	for _, p := range []person{b.recorder, b.voter, b.layman} {
		b.must(200, "POST", "/meetings/"+b.meeting+"/checkin", p.token, nil)
	}
}

func publicVote(t *testing.T, b *branchLife) {
	t.Helper()
	id := b.poll(object{"question": "是否通过帮扶方案", "rule": "ordinary", "agenda_item": 2})
	b.refused(409, "not_open", "POST", "/polls/"+id+"/ballots", b.voter.token, object{"choice": "approve"})
	p := b.must(200, "POST", "/polls/"+id+"/open", b.secretary.token, nil)
	if p.number("entitled") != 4 || p.number("present") != 3 || p.at("formal") != false || p.at("result") != nil {
		t.Errorf("opened: %s", p.raw)
	}
	b.refused(409, "conflict", "POST", "/polls/"+id+"/open", b.secretary.token, nil)
	b.refused(403, "no_vote", "POST", "/polls/"+id+"/ballots", b.layman.token, object{"choice": "approve"})
	b.refused(403, "no_vote", "POST", "/polls/"+id+"/ballots", b.away.token, object{"choice": "approve"})
	b.refused(404, "not_found", "POST", "/polls/"+id+"/ballots", b.other.token, object{"choice": "approve"})
	b.refused(422, "validation_failed", "POST", "/polls/"+id+"/ballots", b.voter.token, object{"choice": "maybe"})

	// Two requests at once count once, and so do ten.
	statuses := make([]int, 10)
	var all sync.WaitGroup
	for i := range statuses {
		all.Go(func() {
			statuses[i] = b.call("POST", "/polls/"+id+"/ballots", b.voter.token, object{"choice": "approve"}).status
		})
	}
	all.Wait()
	if slices.Sort(statuses); statuses[0] != 200 || statuses[1] != 409 || statuses[9] != 409 {
		t.Errorf("ten ballots at once: %v", statuses)
	}
	b.refused(409, "already_voted", "POST", "/polls/"+id+"/ballots", b.voter.token, object{"choice": "against"})
	b.must(200, "POST", "/polls/"+id+"/ballots", b.recorder.token, object{"choice": "against"})
	p = b.must(200, "POST", "/polls/"+id+"/ballots", b.secretary.token, object{"choice": "approve"})
	if p.number("cast") != 3 || p.at("result") != nil || strings.Contains(string(p.raw), `"approve":2`) {
		t.Errorf("a result before the close: %s", p.raw)
	}
	b.refused(403, "forbidden", "POST", "/polls/"+id+"/close", b.voter.token, nil)
	p = b.must(200, "POST", "/polls/"+id+"/close", b.secretary.token, nil)
	if p.number("result", "approve") != 2 || p.number("result", "against") != 1 || p.number("result", "abstain") != 0 || p.number("result", "entitled") != 4 ||
		p.number("result", "present") != 3 || p.at("result", "passed") != false || p.number("result", "needed") != 3 || p.at("result", "formal") != false ||
		!strings.Contains(p.text("result", "text"), "不作为正式表决") || len(p.list("ballots")) != 3 {
		t.Errorf("two of four pass nothing: %s", p.raw)
	}
	b.refused(409, "conflict", "POST", "/polls/"+id+"/open", b.secretary.token, nil)
	b.refused(409, "conflict", "POST", "/polls/"+id+"/close", b.secretary.token, nil)
}

// secretVote: nothing that is kept or logged tells who voted what.
func secretVote(t *testing.T, b *branchLife) {
	t.Helper()
	id := b.poll(object{"question": "对支部工作是否满意", "rule": "ordinary", "secret": true})
	b.must(200, "POST", "/polls/"+id+"/open", b.secretary.token, nil)
	var answers []string
	for _, v := range []struct {
		who    person
		choice string
	}{{b.voter, "against"}, {b.secretary, "approve"}, {b.recorder, "abstain"}} {
		got := b.must(200, "POST", "/polls/"+id+"/ballots", v.who.token, object{"choice": v.choice}, "Idempotency-Key", "ballot-"+v.who.id)
		answers = append(answers, fmt.Sprint(len(got.raw)))
	}
	if answers[1] != answers[2] { // the two run the meeting
		t.Errorf("the answer tells the choice: %v", answers)
	}
	kept, log := b.everythingKept(), b.log.String()
	if strings.Contains(kept, "ballot-"+b.voter.id) {
		t.Error("a ballot left an idempotency row, whose fingerprint has only three possible origins")
	}
	for what, text := range map[string]string{"the log": log, "the audit": string(b.must(200, "GET", "/audit?object=poll:"+id+"&limit=100", b.admin, nil).raw)} {
		if strings.Contains(text, "poll.cast") || strings.Contains(text, `"choice"`) {
			t.Errorf("%s tells of single ballots", what)
		}
	}
	p := b.must(200, "POST", "/polls/"+id+"/close", b.secretary.token, nil)
	if p.number("result", "approve") != 1 || p.number("result", "against") != 1 || p.number("result", "abstain") != 1 || len(p.list("ballots")) != 0 {
		t.Errorf("secret: %s", p.raw)
	}
}

func election(t *testing.T, b *branchLife) {
	t.Helper()
	body := object{"question": "选举支部委员", "rule": "election", "secret": true, "options": []string{"吴支委", "周党员", "王出差"}, "seats": 2}
	early := b.poll(body)
	b.refused(409, "quorum_not_met", "POST", "/polls/"+early+"/open", b.secretary.token, nil) // three of four are less than four fifths
	b.must(204, "DELETE", "/polls/"+early, b.secretary.token, nil)
	b.must(200, "PUT", "/meetings/"+b.meeting+"/attendance/"+b.away.id, b.secretary.token, object{"status": "present", "reason": "会诊提前结束，已上线"})
	id := b.poll(body)
	b.must(200, "POST", "/polls/"+id+"/open", b.secretary.token, nil)
	b.refused(422, "validation_failed", "POST", "/polls/"+id+"/ballots", b.voter.token, object{"options": []string{"吴支委", "周党员", "王出差"}})
	b.refused(422, "validation_failed", "POST", "/polls/"+id+"/ballots", b.voter.token, object{"options": []string{"张三"}})
	for _, v := range []struct {
		who     person
		options []string
	}{{b.secretary, []string{"吴支委", "周党员"}}, {b.recorder, []string{"吴支委", "周党员"}}, {b.voter, []string{"吴支委", "王出差"}}, {b.away, []string{"周党员"}}} {
		b.must(200, "POST", "/polls/"+id+"/ballots", v.who.token, object{"options": v.options})
	}
	p := b.must(200, "POST", "/polls/"+id+"/close", b.secretary.token, nil)
	got := ""
	for i := range 3 {
		got += fmt.Sprintf("%s %d %v %v; ", p.text("result", "options", i, "option"), p.number("result", "options", i, "approve"), p.at("result", "options", i, "elected"), p.at("result", "options", i, "passed"))
	}
	if got != "吴支委 3 true true; 周党员 3 true true; 王出差 1 false false; " || p.at("result", "passed") != true {
		t.Errorf("elected: %s %s", got, p.raw)
	}
}

func byHand(t *testing.T, b *branchLife) {
	t.Helper()
	id := b.poll(object{"question": "是否通过年度工作计划", "rule": "ordinary", "agenda_item": 2})
	b.refused(422, "validation_failed", "POST", "/polls/"+id+"/tally", b.secretary.token, object{"approve": 4, "against": 1})
	p := b.must(200, "POST", "/polls/"+id+"/tally", b.secretary.token, object{"approve": 3, "abstain": 1})
	if p.at("result", "passed") != true || p.at("result", "formal") != true || p.at("by_hand") != true || p.text("state") != "closed" {
		t.Errorf("by hand: %s", p.raw)
	}
}

func writing(t *testing.T, b *branchLife) {
	t.Helper()
	path := "/meetings/" + b.meeting + "/minutes"
	b.refused(404, "not_found", "GET", path, b.voter.token, nil)
	b.refused(404, "not_found", "GET", path, b.other.token, nil)
	m := b.must(200, "GET", path, b.recorder.token, nil)
	if m.text("state") != "draft" || m.text("facts", "title") != branchName+"2026年第1次支部党员大会" || m.number("facts", "entitled") != 5 || m.number("facts", "present") != 5 ||
		m.number("facts", "voting_entitled") != 4 || m.text("host_id") != b.host.id || m.text("recorder_id") != b.recorder.id || len(m.list("facts", "polls")) != 4 || m.header.Get("ETag") != `"0"` {
		t.Errorf("prefilled: %s", m.raw)
	}
	text := object{
		"host_id": b.host.id, "recorder_id": b.recorder.id, "passed_on": "传达学习学会党委关于基层康复帮扶的通知。",
		"discussion":  []object{{"speaker_id": b.voter.id, "text": "帮扶点应覆盖县级医院。"}, {"speaker_id": b.recorder.id, "text": "人手不足，建议先试点。", "dissent": true}},
		"resolutions": []object{{"text": "由周党员牵头联系两家县级医院"}, {"text": "年度计划报学会党委备案", "no_follow_up": true}},
	}
	saved := b.must(200, "PUT", path, b.recorder.token, text, "If-Match", `"0"`)
	b.refused(412, "edit_conflict", "PUT", path, b.secretary.token, text, "If-Match", `"0"`) // the second of two recorders
	if f := b.refused(422, "validation_failed", "POST", path+"/sign", b.recorder.token, nil).faults(); f["resolutions[0]"] == "" {
		t.Errorf("a resolution without owner and day was signed: %v", f)
	}
	text["resolutions"] = []object{{"text": "由周党员牵头联系两家县级医院", "owner_id": b.voter.id, "due_on": "2026-12-04"}, {"text": "年度计划报学会党委备案", "no_follow_up": true}}
	if f := b.refused(422, "validation_failed", "PUT", path, b.secretary.token, object{"host_id": b.other.id, "mode": "long"}).faults(); f["host_id"] == "" || f["mode"] == "" {
		t.Errorf("faults: %v", f)
	}
	saved = b.must(200, "PUT", path, b.secretary.token, text, "If-Match", saved.header.Get("ETag"))
	if saved.at("late") != false || saved.number("version") != 2 {
		t.Errorf("saved: %s", saved.raw)
	}
}

func signing(t *testing.T, b *branchLife) {
	t.Helper()
	path := "/meetings/" + b.meeting + "/minutes"
	one := b.must(200, "POST", path+"/sign", b.recorder.token, nil)
	if one.text("state") != "signed" || one.at("recorder", "signed_at") == nil || one.at("host", "signed_at") != nil {
		t.Errorf("one has signed: %s", one.raw)
	}
	if find(b.inbox(b.host.token), "title", "请签署会议记录：部署基层帮扶工作") == nil {
		t.Error("the host was not asked to sign")
	}
	b.refused(403, "forbidden", "POST", path+"/sign", b.staff.token, nil)
	// A fact that changes between the signatures takes the first one back.
	b.must(200, "PUT", "/meetings/"+b.meeting+"/attendance/"+b.away.id, b.secretary.token, object{"status": "present", "reason": "核对后更正备注"})
	b.must(200, "PUT", "/meetings/"+b.meeting+"/attendance/"+b.layman.id, b.secretary.token, object{"status": "absent", "reason": "中途退出"})
	if again := b.must(200, "GET", path, b.recorder.token, nil); again.text("state") != "draft" || again.at("recorder", "signed_at") != nil || again.number("facts", "present") != 4 {
		t.Errorf("after the fact changed: %s", again.raw)
	}
	b.must(200, "POST", path+"/sign", b.host.token, nil)
	locked := b.must(200, "POST", path+"/sign", b.recorder.token, nil)
	if locked.text("state") != "locked" || locked.at("locked_at") == nil {
		t.Errorf("both have signed: %s", locked.raw)
	}
}

func afterLock(t *testing.T, b *branchLife) {
	t.Helper()
	path := "/meetings/" + b.meeting + "/minutes"
	b.refused(409, "conflict", "PUT", path, b.secretary.token, object{"host_id": b.host.id})
	b.must(200, "PUT", "/meetings/"+b.meeting+"/attendance/"+b.layman.id, b.secretary.token, object{"status": "present", "reason": "后来又更正"})
	b.must(200, "POST", path+"/sign", b.recorder.token, nil) // again changes nothing
	if m := b.must(200, "GET", path, b.voter.token, nil); m.number("facts", "present") != 4 || m.at("can_write") != false {
		t.Errorf("the document moved after the lock: %s", m.raw)
	}
	b.refused(404, "not_found", "GET", path, b.other.token, nil)
	b.refused(403, "forbidden", "POST", path+"/addenda", b.voter.token, object{"text": "补充"})
	m := b.must(201, "POST", path+"/addenda", b.recorder.token, object{"text": "会后与县医院确认了时间。"})
	if m.text("addenda", 0, "text") != "会后与县医院确认了时间。" || m.text("addenda", 0, "author", "name") != "吴支委" {
		t.Errorf("addendum: %s", m.raw)
	}
}

// unzipped is one part of a Word document.
func unzipped(t *testing.T, file []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func documents(t *testing.T, b *branchLife) {
	t.Helper()
	path := "/meetings/" + b.meeting
	for file, start := range map[string]string{"/minutes.docx": "PK", "/minutes.pdf": "%PDF", "/agenda.docx": "PK", "/agenda.pdf": "%PDF"} {
		got := b.must(200, "GET", path+file, b.voter.token, nil)
		if !bytes.HasPrefix(got.raw, []byte(start)) || !strings.Contains(got.header.Get("Content-Disposition"), "filename*=UTF-8''") {
			t.Errorf("%s: %q %v", file, got.raw[:4], got.header)
		}
		if dir := os.Getenv("ZHIBU_LOOK_AT"); dir != "" { // to look at the pages
			if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), got.raw, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		b.refused(404, "not_found", "GET", path+file, b.other.token, nil)
	}
	text := unzipped(t, b.must(200, "GET", path+"/minutes.docx", b.voter.token, nil).raw, "word/document.xml")
	for _, part := range []string{
		branchName + "<", "2026年第1次支部党员大会会议记录", "2026年11月23日 19:20—20:20", "860 215 477", "应到 5 人，实到 4 人；其中有表决权的应到 4 人，实到 4 人", "李会员（缺席：中途退出）",
		"（不同意见）吴支委：人手不足", "赞成 3 票，反对 0 票，弃权 1 票，结果：通过", "无记名", "当选", "责任人：周党员，完成时限：2026年12月4日", "（无后续）", "主持人（签字）：", "记录人（签字）：", "会后与县医院确认了时间。",
	} {
		if !strings.Contains(text, part) {
			t.Errorf("the minutes lack %q", part)
		}
	}
}

// closing: the owner is reminded before the day, the secretary after it, then the office; the next agenda opens with what is open.
func closing(t *testing.T, b *branchLife) {
	t.Helper()
	const what = "由周党员牵头联系两家县级医院"
	list := b.must(200, "GET", "/actions?org_id="+b.branch+"&state=open", b.secretary.token, nil).list("items")
	if len(list) != 1 || list[0].text("owner", "id") != b.voter.id || list[0].text("due_on") != "2026-12-04" {
		t.Fatalf("actions: %v", list)
	}
	id := list[0].text("id")
	b.refused(404, "not_found", "GET", "/actions/"+id, b.other.token, nil)
	if mine := b.must(200, "GET", "/actions?mine=true", b.voter.token, nil).list("items"); len(mine) != 1 {
		t.Errorf("the owner's own: %v", mine)
	}
	told := func(at, want string, who person, title string) {
		t.Helper()
		b.moveTo(at)
		b.back()
		who.token = b.visit(who.openID).text("access_token")
		b.eventually(want+" is told", 15*time.Second, func() bool {
			return b.must(200, "GET", "/actions/"+id, b.secretary.token, nil).text("told") == want
		})
		if find(b.inbox(who.token), "title", title+"："+what) == nil {
			t.Errorf("%s at %s: the inbox holds %v", want, at, texts(b.inbox(who.token), "title"))
		}
	}
	told("2026-12-02T18:31:00+08:00", "owner", b.voter, "督办事项即将到期")          // Wednesday, two working days before Friday
	told("2026-12-07T18:31:00+08:00", "secretary", b.secretary, "督办事项超期未办结") // Monday, one working day after
	next := b.must(201, "POST", "/meetings", b.secretary.token, object{
		"org_id": b.branch, "type": "branch_assembly", "topic": "下一次大会", "starts_at": "2026-12-11T19:20:00+08:00", "ends_at": "2026-12-11T20:20:00+08:00",
		"mode": "onsite", "place": "三楼会议室", "agenda": []object{{"title": "年终总结"}}, "reminders": []int{},
	}).text("id")
	if text := unzipped(t, b.must(200, "GET", "/meetings/"+next+"/agenda.docx", b.voter.token, nil).raw, "word/document.xml"); !strings.Contains(text, "上次决议未办结事项") || !strings.Contains(text, what) {
		t.Error("the next agenda does not open with what is open")
	}
	told("2026-12-11T18:31:00+08:00", "office", b.staff, "督办事项长期未办结") // Friday, five working days after
	b.refused(422, "validation_failed", "POST", "/actions/"+id+"/close", b.voter.token, object{})
	if x := b.must(200, "POST", "/actions/"+id+"/close", b.voter.token, object{"text": "两家医院均已签约。"}); x.text("state") != "closed" || x.text("closing") == "" {
		t.Errorf("closed: %s", x.raw)
	}
	b.refused(409, "conflict", "POST", "/actions/"+id+"/close", b.voter.token, object{"text": "再次"})
}
