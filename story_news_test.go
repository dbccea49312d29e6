package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"zhibu/service/wechat/standin"
)

// readership is who meets the news: each sees what place and status allow. The other one is secretary of the neighbouring branch, which is no power here.
type readership struct {
	*society
	secretary, staff, member, party, committee, other person
	visitor                                           string // token of somebody who has not bound
}

func (s *society) readership() *readership {
	s.t.Helper()
	return &readership{
		society: s, secretary: s.join(s.branch, "钱书记", "full", "secretary"), staff: s.join(s.root, "党办小孙", "full", "staff"),
		member: s.join(s.branch, "李会员", "non_party"), party: s.join(s.branch, "周党员", "full"),
		committee: s.join(s.branch, "吴支委", "full", "committee_member"), other: s.join(s.neighbour, "郑邻居", "full", "secretary"),
		visitor: s.visit("a-visitor").text("access_token"),
	}
}

// post writes a draft and publishes it.
func (s *society) post(token string, body object) string {
	s.t.Helper()
	draft := s.must(201, "POST", "/articles", token, body)
	if draft.text("status") != "draft" {
		s.t.Errorf("a new article is no draft: %s", draft.raw)
	}
	out := s.must(200, "POST", "/articles/"+draft.text("id")+"/publish", token, object{})
	if out.text("status") != "published" || out.text("published_at") == "" {
		s.t.Errorf("published: %s", out.raw)
	}
	return draft.text("id")
}

// feedIDs are the articles in somebody's feed.
func (p *program) feedIDs(token string) []string {
	p.t.Helper()
	return texts(p.must(200, "GET", "/feed?limit=100", token, nil).list("items"), "id")
}

// TestStoryNews lives point 4: branch news in Markdown and pasted HTML, now and by itself at a time, central texts with their source, who sees what, reading and comments.
func TestStoryNews(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		p := boot(t, "2026-11-24T19:00:00+08:00", env)
		r := p.found().readership()
		news := branchNews(t, r)
		scheduledNews(t, r)
		centralNews(t, r)
		whoSeesWhat(t, r)
		tags(t, r, news)
		reading(t, r, news)
		withdrawn(t, r)
		comments(t, r, news)
	})
}

func branchNews(t *testing.T, r *readership) string {
	t.Helper()
	news := r.post(r.secretary.token, object{"org_id": r.branch, "category": "news", "title": "支部联合义诊走进社区", "visibility": "members",
		"body_markdown": "# 义诊纪实\n\n**二十名**专家参加，服务群众三百人次。<script>alert(1)</script>\n\n- 心肺评估\n- 运动处方\n"})
	a := r.must(200, "GET", "/articles/"+news, r.member.token, nil)
	html := a.text("body_html")
	if !strings.Contains(html, "<strong>二十名</strong>") || !strings.Contains(html, "<li>运动处方</li>") || strings.Contains(html, "script") {
		t.Errorf("Markdown: %s", html)
	}
	if !strings.Contains(a.text("digest"), "专家") || a.number("reading_minutes") < 1 || a.text("org", "id") != r.branch || a.text("author") != "钱书记" || a.number("version") < 1 {
		t.Errorf("article: %s", a.raw)
	}
	pasted := r.post(r.secretary.token, object{"org_id": r.branch, "category": "news", "title": "从网页粘贴的新闻", "visibility": "members",
		"body_html": `<p onclick="steal()" style="color:red">会议<b>圆满</b>成功。</p><script>steal()</script><style>p{}</style><iframe src="https://evil.example"></iframe><img src=x onerror=steal()><a href="javascript:steal()">点我</a>`})
	html = r.must(200, "GET", "/articles/"+pasted, r.member.token, nil).text("body_html")
	for _, bad := range []string{"steal", "<script", "<style", "style=", "<iframe", "onclick", "javascript:"} {
		if strings.Contains(html, bad) {
			t.Errorf("pasted HTML keeps %q: %s", bad, html)
		}
	}
	if !strings.Contains(html, "会议<b>圆满</b>成功。") {
		t.Errorf("pasted HTML lost its text: %s", html)
	}
	faults := r.refused(422, "validation_failed", "POST", "/articles", r.secretary.token, object{"org_id": r.branch, "category": "gossip", "title": "", "body_markdown": ""}).faults()
	if faults["category"] == "" || faults["title"] == "" {
		t.Errorf("not all faults at once: %v", faults)
	}
	r.refused(403, "forbidden", "POST", "/articles", r.member.token, object{"org_id": r.branch, "category": "news", "title": "无权", "body_markdown": "无权"})
	r.refused(404, "not_found", "PATCH", "/articles/"+news, r.other.token, object{"title": "改不了"})
	return news
}

// scheduledNews comes out by itself.
func scheduledNews(t *testing.T, r *readership) {
	t.Helper()
	draft := r.must(201, "POST", "/articles", r.secretary.token, object{"org_id": r.branch, "category": "news", "title": "定时发布的新闻", "visibility": "members", "body_markdown": "到点自动发布。"})
	id := draft.text("id")
	at := r.now().Add(2500 * time.Millisecond)
	out := r.must(200, "POST", "/articles/"+id+"/publish", r.secretary.token, object{"at": at.Format(time.RFC3339Nano)})
	if out.text("status") != "scheduled" || out.at("published_at") != nil {
		t.Errorf("scheduled: %s", out.raw)
	}
	if r.now().Before(at.Add(-time.Second)) && r.call("GET", "/articles/"+id, r.member.token, nil).status != 404 {
		t.Error("a scheduled article is out before its time")
	}
	r.eventually("the scheduled article comes out", 10*time.Second, func() bool { return slices.Contains(r.feedIDs(r.member.token), id) })
	published, err := time.Parse(time.RFC3339, r.must(200, "GET", "/articles/"+id, r.member.token, nil).text("published_at"))
	if err != nil || published.Before(at.Truncate(time.Second)) {
		t.Errorf("it came out at %s, asked for %s: %v", published, at, err)
	}
}

func centralNews(t *testing.T, r *readership) {
	t.Helper()
	body := object{"org_id": r.root, "category": "central", "title": "关于健康中国建设的部署", "body_markdown": "全文如下。", "visibility": "public"}
	if f := r.refused(422, "validation_failed", "POST", "/articles", r.staff.token, body).faults(); len(f) != 2 || f["source.name"] == "" || f["source.url"] == "" {
		t.Errorf("a central text without source: %v", f)
	}
	body["source"] = object{"name": "新华网", "url": "https://www.news.cn/health/20261120.html", "date": "2026-11-20"}
	id := r.post(r.staff.token, body)
	a := r.must(200, "GET", "/articles/"+id, "", nil)
	if a.text("source", "name") != "新华网" || a.text("source", "url") != "https://www.news.cn/health/20261120.html" {
		t.Errorf("source: %s", a.raw)
	}
	for who, token := range map[string]string{"member": r.member.token, "neighbour": r.other.token, "visitor": r.visitor, "stranger": ""} {
		if !slices.Contains(r.feedIDs(token), id) {
			t.Errorf("the %s does not see the central text", who)
		}
	}
	pending := r.must(201, "POST", "/articles/"+id+"/comments", r.member.token, object{"content": "认真学习"})
	if pending.text("state") != "pending" {
		t.Errorf("a comment on a central text is not moderated first: %s", pending.raw)
	}
	if len(r.must(200, "GET", "/moderation/comments?state=pending", r.secretary.token, nil).list("items")) != 0 {
		t.Error("the branch moderates the centre's texts")
	}
	r.must(200, "POST", "/comments/"+pending.text("id")+"/moderate", r.staff.token, object{"action": "approve", "reason": ""})
	if got := r.must(200, "GET", "/articles/"+id+"/comments", r.other.token, nil).list("items"); len(got) != 1 {
		t.Errorf("approved by the office: %v", got)
	}
}

// whoSeesWhat holds feed and article of each visibility for everybody.
func whoSeesWhat(t *testing.T, r *readership) {
	t.Helper()
	readers := map[string]string{"secretary": r.secretary.token, "committee": r.committee.token, "party": r.party.token, "member": r.member.token,
		"neighbour": r.other.token, "visitor": r.visitor, "stranger": "", "staff": r.staff.token}
	sees := map[string][]string{ // in the feed
		"public":    {"secretary", "committee", "party", "member", "visitor", "stranger"},
		"members":   {"secretary", "committee", "party", "member"},
		"party":     {"secretary", "committee", "party"},
		"committee": {"secretary", "committee"},
	}
	reads := map[string][]string{"public": {"neighbour", "staff"}, "members": {"staff"}, "party": {"staff"}, "committee": {"staff"}} // and these when they ask for it by name
	for visibility, expected := range sees {
		id := r.post(r.secretary.token, object{"org_id": r.branch, "category": "example", "title": "先进事迹：" + visibility, "body_markdown": "事迹。", "visibility": visibility})
		for who, token := range readers {
			inFeed, mayRead := slices.Contains(expected, who), slices.Contains(expected, who) || slices.Contains(reads[visibility], who)
			if who != "staff" && slices.Contains(r.feedIDs(token), id) != inFeed {
				t.Errorf("%s in the feed of %s: want %v", visibility, who, inFeed)
			}
			want := map[bool]int{true: 200, false: 404}[mayRead]
			if got := r.call("GET", "/articles/"+id, token, nil); got.status != want {
				t.Errorf("%s read by %s: %d, want %d", visibility, who, got.status, want)
			}
		}
	}
}

// tags: what has not changed is not sent again, and who edits what somebody else has changed is told.
func tags(t *testing.T, r *readership, news string) {
	t.Helper()
	for _, path := range []string{"/feed", "/articles/" + news} {
		first := r.must(200, "GET", path, r.member.token, nil)
		tag := first.header.Get("ETag")
		if tag == "" {
			t.Errorf("%s has no ETag", path)
		}
		if again := r.must(304, "GET", path, r.member.token, nil, "If-None-Match", tag); len(again.raw) != 0 {
			t.Errorf("%s: 304 with a body", path)
		}
	}
	read := r.must(200, "GET", "/articles/"+news, r.secretary.token, nil)
	changed := r.must(200, "PATCH", "/articles/"+news, r.secretary.token, object{"title": "支部联合义诊走进社区（续）"}, "If-Match", read.header.Get("ETag"))
	if changed.number("version") != read.number("version")+1 {
		t.Errorf("changed: %s", changed.raw)
	}
	r.refused(412, "edit_conflict", "PATCH", "/articles/"+news, r.committee.token, object{"title": "旧的"}, "If-Match", read.header.Get("ETag"))
	after := r.must(200, "GET", "/articles/"+news, r.member.token, nil, "If-None-Match", read.header.Get("ETag"))
	if after.text("title") != "支部联合义诊走进社区（续）" {
		t.Errorf("the reader sees %q", after.text("title"))
	}
	if got := r.must(200, "GET", "/articles/"+news+"/revisions", r.secretary.token, nil).list("items"); len(got) == 0 {
		t.Error("no revision is kept")
	}
}

func reading(t *testing.T, r *readership, news string) {
	t.Helper()
	read := func(percent int) int {
		return r.must(200, "POST", "/articles/"+news+"/reads", r.member.token, object{"percent": percent}).number("read_percent")
	}
	if read(40) != 40 || read(15) != 40 || read(100) != 100 {
		t.Error("how far the reader got is not kept at its maximum")
	}
	if f := r.refused(422, "validation_failed", "POST", "/articles/"+news+"/reads", r.member.token, object{"percent": 101, "seconds": 5}).faults(); f["percent"] == "" || f["seconds"] == "" {
		t.Errorf("faults: %v", f)
	}
	for range 2 {
		r.must(200, "PUT", "/articles/"+news+"/like", r.member.token, nil)
		r.must(200, "PUT", "/articles/"+news+"/favorite", r.member.token, nil)
	}
	marks := r.must(200, "GET", "/feed/marks?ids="+news, r.member.token, nil).list("items")
	if len(marks) != 1 || marks[0].number("read_percent") != 100 || marks[0].at("liked") != true || marks[0].at("favorited") != true {
		t.Errorf("marks: %v", marks)
	}
	r.eventually("the counts are shown", 10*time.Second, func() bool {
		a := r.must(200, "GET", "/articles/"+news, r.party.token, nil)
		return a.number("counts", "views") == 1 && a.number("counts", "likes") == 1
	})
	if got := r.must(200, "GET", "/me/favorites", r.member.token, nil).list("items"); len(got) != 1 || got[0].text("id") != news {
		t.Errorf("favorites: %v", got)
	}
	required := r.post(r.secretary.token, object{"org_id": r.branch, "category": "theory", "title": "必读：学习要点", "body_markdown": "要点。", "visibility": "members",
		"required": true, "due_at": "2026-12-10T21:00:00+08:00", "key_points": []string{"第一点", "第二点"}})
	unread := func() int { return r.must(200, "GET", "/me", r.party.token, nil).number("unread", "required_reading") }
	if unread() != 1 {
		t.Errorf("required reading: %d", unread())
	}
	r.must(200, "PUT", "/articles/"+required+"/claim", r.party.token, object{"studied_on": "2026-11-23", "where": "医院党支部"})
	if unread() != 0 {
		t.Error("what was studied at the employer's branch is still asked for")
	}
	r.refused(422, "validation_failed", "PUT", "/articles/"+required+"/claim", r.member.token, object{"studied_on": "2026-11-25"})
	reach := r.must(200, "GET", "/articles/"+required+"/reach", r.secretary.token, nil)
	if reach.at("audience") != nil || reach.at("unread") != nil { // four people
		t.Errorf("counts of fewer than five are told: %s", reach.raw)
	}
	r.refused(403, "not_bound", "POST", "/articles/"+news+"/reads", r.visitor, object{"percent": 10})
	r.refused(404, "not_found", "POST", "/articles/"+news+"/reads", r.other.token, object{"percent": 10})
}

func withdrawn(t *testing.T, r *readership) {
	t.Helper()
	id := r.post(r.secretary.token, object{"org_id": r.branch, "category": "news", "title": "发错了的新闻", "body_markdown": "错。", "visibility": "public"})
	if !slices.Contains(r.feedIDs(r.member.token), id) || !slices.Contains(r.feedIDs(""), id) {
		t.Error("it never was in the feed")
	}
	r.must(200, "POST", "/articles/"+id+"/withdraw", r.secretary.token, nil)
	if slices.Contains(r.feedIDs(r.member.token), id) || slices.Contains(r.feedIDs(""), id) {
		t.Error("a withdrawn article is still in a feed")
	}
	r.refused(404, "not_found", "GET", "/articles/"+id, r.member.token, nil)
}

// comments pass through every outcome of the content check.
func comments(t *testing.T, r *readership, news string) {
	t.Helper()
	path := "/articles/" + news + "/comments"
	say := func(content string) response {
		return r.must(201, "POST", path, r.member.token, object{"content": content})
	}
	shown := func(token string) []string {
		return texts(r.must(200, "GET", path, token, nil).list("items"), "content")
	}

	r.wx.SetWords(append(standin.DefaultWords(), standin.PartyWords()...))
	passed := say("写得很好")
	if passed.text("state") != "visible" || passed.text("author", "id") != r.member.id || passed.text("author", "org", "id") != r.branch || passed.at("reply_to") != nil {
		t.Errorf("passed: %s", passed.raw)
	}
	r.refused(422, "content_rejected", "POST", path, r.member.token, object{"content": "这里可以代开发票"})
	reviewed, political := say("这个混蛋病魔"), say("坚决跟党走")
	r.wx.SetWords([]standin.Word{{Text: "敏感词", Suggest: standin.Risky, Label: standin.LabelPolitics}})
	risky := say("一个敏感词")
	r.wx.SetWords(standin.DefaultWords())
	r.wx.SetFault("/wxa/msg_sec_check", standin.Fault{Kind: standin.FaultHTTP})
	unchecked := say("检测服务不可用时的评论")
	r.wx.ClearFaults()
	held := map[string]response{"review": reviewed, "politics": political, "politics too": risky, "unchecked": unchecked}
	for why, c := range held {
		if c.text("state") != "pending" {
			t.Errorf("%s is not held: %s", why, c.raw)
		}
	}
	if got := shown(r.member.token); len(got) != 5 {
		t.Errorf("the author sees %v", got)
	}
	for _, token := range []string{r.party.token, r.committee.token} {
		if token == r.party.token && len(shown(token)) != 1 {
			t.Errorf("another member sees %v", shown(token))
		}
	}
	moderated(t, r, path, passed, reviewed, political, shown)
}

func moderated(t *testing.T, r *readership, path string, passed, reviewed, political response, shown func(string) []string) {
	t.Helper()
	r.refused(403, "forbidden", "GET", "/moderation/comments", r.member.token, nil)
	queue := r.must(200, "GET", "/moderation/comments?state=pending", r.secretary.token, nil).list("items")
	if len(queue) != 4 {
		t.Errorf("the queue holds %v", texts(queue, "content"))
	}
	because := map[string]int{}
	for _, c := range queue {
		because[c.text("held_because")]++
	}
	if because["review"] != 1 || because["politics"] != 2 || because["unchecked"] != 1 {
		t.Errorf("held because %v", because)
	}
	r.refused(404, "not_found", "POST", "/comments/"+political.text("id")+"/moderate", r.other.token, object{"action": "approve"})
	r.must(200, "POST", "/comments/"+political.text("id")+"/moderate", r.secretary.token, object{"action": "approve", "reason": ""})
	if got := shown(r.party.token); !slices.Contains(got, "坚决跟党走") {
		t.Errorf("the approved comment is not shown: %v", got)
	}
	if f := r.refused(422, "validation_failed", "POST", "/comments/"+reviewed.text("id")+"/moderate", r.secretary.token, object{"action": "hide"}).faults(); f["reason"] == "" {
		t.Errorf("hidden without a reason: %v", f)
	}
	hidden := r.must(200, "POST", "/comments/"+reviewed.text("id")+"/moderate", r.secretary.token, object{"action": "hide", "reason": "用语不当"})
	if hidden.text("state") != "hidden" || slices.Contains(shown(r.party.token), "这个混蛋病魔") {
		t.Errorf("hidden: %s", hidden.raw)
	}
	inbox := r.inbox(r.member.token)
	if !slices.Contains(texts(inbox, "title"), "您的评论已公开显示") || !slices.Contains(texts(inbox, "title"), "您的评论未予公开") {
		t.Errorf("the author was not told: %v", texts(inbox, "title"))
	}
	// Who is answered learns of it once the answer is visible.
	r.wx.SetWords(standin.PartyWords())
	answer := r.must(201, "POST", path, r.party.token, object{"content": "同意，党员先上", "reply_to": passed.text("id")})
	before := len(r.inbox(r.member.token))
	if answer.text("state") != "pending" || answer.text("reply_to") != passed.text("id") {
		t.Errorf("answer: %s", answer.raw)
	}
	r.must(200, "POST", "/comments/"+answer.text("id")+"/moderate", r.committee.token, object{"action": "approve", "reason": ""})
	if got := r.inbox(r.member.token); len(got) != before+1 || got[0].text("title") != "您的评论有了新回复" {
		t.Errorf("the answered member's inbox: %v", texts(got, "title"))
	}
	r.must(204, "PUT", "/comments/"+passed.text("id")+"/like", r.party.token, nil)
	r.refused(404, "not_found", "DELETE", "/comments/"+passed.text("id"), r.other.token, nil)
	r.must(204, "DELETE", "/comments/"+passed.text("id"), r.member.token, nil)
	if slices.Contains(shown(r.party.token), "写得很好") {
		t.Error("a deleted comment is still shown")
	}
	r.eventually("the comments are counted", 10*time.Second, func() bool {
		return r.must(200, "GET", path[:len(path)-len("/comments")], r.party.token, nil).number("counts", "comments") == len(shown(r.party.token))
	})
}

// inbox is all of somebody's notices, the newest first.
func (p *program) inbox(token string) []object {
	p.t.Helper()
	return p.must(200, "GET", "/notices?limit=100", token, nil).list("items")
}
