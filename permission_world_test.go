package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"regexp"
	"strings"
	"testing"
	"time"

	"zhibu/demo"
	"zhibu/service/wechat/standin"
)

// cast are the people of the permission test, in the order of the table's columns. All but the last two stand in branch A or above it.
var cast = []string{"stranger", "visitor", "layman", "member", "leader", "committee", "secretary", "staff", "admin", "outsider", "rival"}

// realm is one small society on the whole program: a party committee S with the branches A and B, in each a group, A1 and B1, and everything
// that a permission may be asked about. ids holds each thing's identifier by the name it has in the table.
type realm struct {
	*program
	ids    map[string]string
	tokens map[string]string
	titles map[string]string // of articles, by their identifiers
	next   int
	failed int
}

// realmClock is a Thursday evening, after work: meetings may be called for the same evening and pushes go out at once.
const realmClock = "2026-11-26T18:40:00+08:00"

func newRealm(t *testing.T, env map[string]string) *realm {
	t.Helper()
	settings := map[string]string{"LIMITS": "off", "WECHAT_OFFICIAL_APPID": "wxofficial", "WECHAT_OFFICIAL_SECRET": "the service account's"}
	maps.Copy(settings, env)
	r := &realm{program: boot(t, realmClock, settings), ids: map[string]string{}, titles: map[string]string{}, tokens: map[string]string{"stranger": ""}}
	if err := r.wx.AddApp(standin.App{AppID: "wxofficial", Secret: "the service account's", Kind: standin.Official, Published: true}); err != nil {
		t.Fatal(err)
	}
	r.tokens["admin"] = r.admin()
	for _, o := range [][3]string{{"S", "", "society"}, {"A", "S", "branch"}, {"A1", "A", "group"}, {"B", "S", "branch"}, {"B1", "B", "group"}} {
		r.ids[o[0]] = r.org(r.tokens["admin"], r.ids[o[1]], o[2], "组织"+o[0])
	}
	r.tokens["visitor"] = r.visit("open-visitor").text("access_token")
	for _, p := range [][4]string{
		{"layman", "A", "non_party", ""}, {"member", "A", "full", ""}, {"leader", "A1", "full", "group_leader"},
		{"committee", "A", "full", "committee_member"}, {"secretary", "A", "full", "secretary"}, {"staff", "S", "full", "staff"},
		{"outsider", "B", "full", ""}, {"rival", "B", "full", "secretary"}, {"spare", "A", "full", ""},
	} {
		r.person(p[0], p[1], p[2], p[3])
	}
	r.ids["admin"] = r.must(200, "GET", "/me", r.tokens["admin"], nil).text("id")
	r.ids["consent"] = r.must(200, "GET", "/consent", "", nil).text("version")
	r.ids["invite"] = r.must(201, "POST", "/orgs/"+r.ids["A"]+"/invites", r.tokens["secretary"], nil).text("code")
	var templates map[string]struct{ ID string }
	if err := json.Unmarshal([]byte(demo.WeChatTemplates()), &templates); err != nil {
		t.Fatal(err)
	}
	r.ids["template"], r.ids["rare_template"] = templates["announcement"].ID, templates["suggestion"].ID
	r.content()
	r.life()
	return r
}

// phone is a number that nobody has yet.
func (r *realm) phone() string {
	r.next++
	return fmt.Sprintf("1380000%04d", r.next)
}

func (r *realm) person(name, org, status, role string) {
	r.t.Helper()
	phone, admin := r.phone(), r.tokens["admin"]
	id := r.must(201, "POST", "/orgs/"+r.ids[org]+"/members", admin, object{"name": "人" + name, "phone": phone, "party_status": status}).text("id")
	r.ids[name] = id
	if role != "" {
		r.must(200, "PUT", "/orgs/"+r.ids[org]+"/members/"+id+"/roles", admin, object{"roles": []string{role}})
	}
	r.tokens[name] = r.bind("open-"+name, phone)
}

// post creates something and returns its identifier.
func (r *realm) post(who, path string, body object) string {
	r.t.Helper()
	return r.must(201, "POST", path, r.tokens[who], body).text("id")
}

func (r *realm) article(who, org, category, visibility string, more ...any) string {
	r.t.Helper()
	r.next++
	body := object{"org_id": r.ids[org], "category": category, "title": fmt.Sprintf("关于康复服务的通知第%d号", r.next), "body_markdown": "基层康复服务进社区，正文若干。", "visibility": visibility}
	if category == "central" {
		body["source"] = object{"name": "新华社", "url": "https://www.news.cn/1.html", "date": "2026-11-20"}
	}
	for i := 0; i+1 < len(more); i += 2 {
		body[more[i].(string)] = more[i+1]
	}
	id := r.post(who, "/articles", body)
	r.titles[id] = body.text("title")
	return id
}

func (r *realm) published(who, org, category, visibility string, more ...any) string {
	r.t.Helper()
	id := r.article(who, org, category, visibility, more...)
	r.must(200, "POST", "/articles/"+id+"/publish", r.tokens[who], nil)
	return id
}

// content fills the society with an article in each state and for each audience, with files and comments.
func (r *realm) content() {
	r.t.Helper()
	file := func(name, who string) string {
		f := r.upload("/uploads", r.tokens[who], "照片.png", picture(r.t))
		if f.status != 201 {
			r.t.Fatal(f.describe())
		}
		r.ids[name+"_signed"] = strings.TrimPrefix(f.text("url"), "/")
		r.ids[name] = f.text("id")
		return f.text("id")
	}
	for name, visibility := range map[string]string{"a_public": "public", "a_party": "party", "a_committee": "committee"} {
		r.ids[name] = r.published("secretary", "A", "news", visibility)
	}
	r.ids["a_members"] = r.published("secretary", "A", "news", "members", "attachment_ids", []string{file("f_attached", "secretary")}, "required", true)
	file("f_private", "member")
	r.ids["a_central"] = r.published("secretary", "A", "central", "members")
	r.ids["a_draft"] = r.article("secretary", "A", "news", "members", "doc_no", "学发〔2026〕9号")
	r.ids["a_scheduled"] = r.article("secretary", "A", "news", "members")
	r.must(200, "POST", "/articles/"+r.ids["a_scheduled"]+"/publish", r.tokens["secretary"], object{"at": "2026-12-26T19:00:00+08:00"})
	r.ids["a_withdrawn"] = r.make("published", "")
	r.must(200, "POST", "/articles/"+r.ids["a_withdrawn"]+"/withdraw", r.tokens["secretary"], nil)
	r.ids["s_members"] = r.published("staff", "S", "theory", "members")
	r.ids["s_committee"] = r.published("staff", "S", "theory", "committee")
	r.ids["g_members"] = r.published("leader", "A1", "news", "members")
	r.ids["g_draft"] = r.article("leader", "A1", "news", "members")
	r.ids["c_visible"] = r.make("comment", "")
	r.ids["c_pending"] = r.make("pending", "")
}

// life fills it with suggestions, meetings, pushes and reminders.
func (r *realm) life() {
	r.t.Helper()
	r.ids["sg_open"] = r.make("suggestion", "")
	r.ids["sg_anonymous"] = r.post("member", "/suggestions", object{"to_org_id": r.ids["A"], "title": "匿名的建议", "content": "内容", "anonymous": true})
	r.must(204, "PUT", "/orgs/"+r.ids["S"]+"/members/"+r.ids["staff"]+"/phone-right", r.tokens["admin"], nil)
	r.ids["m_next"] = r.make("meeting", "")
	r.ids["event"] = r.make("event", "")
	r.ids["m_now"] = r.meeting("secretary", "A", "party_day", "2026-11-26T18:55:00+08:00", false)
	r.ids["m_code"] = r.meeting("secretary", "A", "lecture", "2026-11-26T18:58:00+08:00", true)
	r.ids["m_committee"] = r.meeting("secretary", "A", "committee", "2026-11-27T20:00:00+08:00", false)
	r.ids["m_group"] = r.meeting("leader", "A1", "group", "2026-11-28T20:00:00+08:00", false)
	r.ids["poll_open"] = r.make("voting", "")
	r.ids["m_locked"] = r.make("locked", "")
	r.ids["x_open"] = r.make("action", "")
	r.ids["p_sent"] = r.post("secretary", "/pushes", object{"org_id": r.ids["A"], "kind": "announcement", "title": "通知", "audience": object{}})
	r.ids["rem"] = r.make("reminder", "")
	r.ids["ho"] = r.make("handover", "")
	r.eventually("the member has a notice", 10*time.Second, func() bool {
		r.ids["notice"] = r.must(200, "GET", "/notices", r.tokens["member"], nil).text("items", 0, "id")
		return r.ids["notice"] != ""
	})
}

func (r *realm) meeting(who, org, kind, start string, code bool) string {
	r.t.Helper()
	from, err := time.Parse(time.RFC3339, start)
	if err != nil {
		r.t.Fatal(err)
	}
	return r.post(who, "/meetings", object{"org_id": r.ids[org], "type": kind, "topic": "会议" + kind, "starts_at": start, "ends_at": from.Add(time.Hour), "mode": "online",
		"online": object{"join_url": "https://meeting.example.org/1"}, "agenda": []object{{"title": "学习", "minutes": 30}}, "checkin_code": code})
}

// make makes a fresh thing, for a row that uses it up. who is the person for whom it is made; it matters where the thing is the person's own.
func (r *realm) make(kind, who string) string {
	r.t.Helper()
	switch kind {
	case "draft":
		return r.article("secretary", "A", "news", "members")
	case "published":
		return r.published("secretary", "A", "news", "members")
	case "comment":
		return r.post("member", "/articles/"+r.ids["a_members"]+"/comments", object{"content": "学习了，很受启发。"})
	case "file":
		f := r.upload("/uploads", r.tokens["member"], "照片.png", picture(r.t))
		if f.status != 201 {
			r.t.Fatal(f.describe())
		}
		return f.text("id")
	case "pending":
		return r.post("member", "/articles/"+r.ids["a_central"]+"/comments", object{"content": "坚决拥护。"})
	case "suggestion":
		return r.post("member", "/suggestions", object{"to_org_id": r.ids["A"], "title": "建议增加晚间学习", "content": "希望增加晚间的线上学习。"})
	case "replied":
		id := r.make("suggestion", who)
		for _, step := range []object{{"action": "accept"}, {"action": "reply", "text": "已安排。"}} {
			r.must(200, "POST", "/suggestions/"+id+"/transitions", r.tokens["secretary"], step)
		}
		return id
	case "poll":
		return r.post("secretary", "/meetings/"+r.ids["m_now"]+"/polls", object{"question": "征求意见", "rule": "consultative"})
	case "voting":
		id := r.make("poll", who)
		r.must(200, "POST", "/polls/"+id+"/open", r.tokens["secretary"], nil)
		return id
	case "minuted": // minutes that nobody has signed
		id := r.meeting("secretary", "A", "party_day", "2026-11-26T18:57:00+08:00", false)
		r.must(200, "PUT", "/meetings/"+id+"/minutes", r.tokens["secretary"], object{"host_id": r.ids["secretary"], "recorder_id": r.ids["committee"],
			"resolutions": []object{{"text": "联系县级医院", "owner_id": r.ids["member"], "due_on": "2026-12-31"}}})
		return id
	case "locked":
		id := r.make("minuted", who)
		for _, signer := range []string{"secretary", "committee"} {
			r.must(200, "POST", "/meetings/"+id+"/minutes/sign", r.tokens[signer], nil)
		}
		return id
	case "action":
		id := r.make("locked", who)
		for _, x := range r.must(200, "GET", "/actions?state=open&limit=100", r.tokens["secretary"], nil).list("items") {
			if x.text("meeting_id") == id {
				return x.text("id")
			}
		}
		r.t.Fatal("locked minutes began no action")
		return ""
	case "meeting":
		return r.meeting("secretary", "A", "branch_assembly", "2026-11-30T19:30:00+08:00", false)
	case "series":
		r.next++
		return r.post("secretary", "/meetings", object{"org_id": r.ids["A"], "type": "party_day", "topic": "{period}主题党日", "starts_at": "2026-12-29T19:30:00+08:00", "ends_at": "2026-12-29T20:30:00+08:00",
			"mode": "onsite", "place": "会议室", "repeat": "FREQ=MONTHLY;COUNT=2"})
	case "busy": // the person's own
		if who == "stranger" || who == "visitor" {
			who = "member"
		}
		return r.post(who, "/me/busy", object{"label": "门诊", "starts_at": "2026-12-02T19:00:00+08:00", "ends_at": "2026-12-02T21:00:00+08:00"})
	case "event":
		return r.post("staff", "/events", object{"org_id": r.ids["S"], "name": "学术年会", "starts_on": "2026-12-18", "ends_on": "2026-12-20"})
	case "push":
		return r.post("secretary", "/pushes", object{"org_id": r.ids["A"], "kind": "study", "title": "学习提醒", "audience": object{}, "send_at": "2026-12-10T20:00:00+08:00"})
	case "failed": // a push that WeChat would not take for somebody who had booked one; each time another, since two reports in a row are of one tap
		r.failed++
		const send = "/cgi-bin/message/subscribe/send"
		r.must(200, "POST", "/subscriptions", r.tokens[cast[1+r.failed]], object{"results": object{r.ids["rare_template"]: "accept"}})
		r.wx.SetFault(send, standin.Fault{Kind: standin.FaultCode, Code: 47003})
		defer r.wx.SetFault(send)
		id := r.post("secretary", "/pushes", object{"org_id": r.ids["A"], "kind": "suggestion", "title": "急件", "audience": object{}, "urgent_reason": "会议改期"})
		r.eventually("WeChat has refused it", 10*time.Second, func() bool {
			return r.must(200, "GET", "/pushes/"+id, r.tokens["secretary"], nil).number("counts", "failed") > 0
		})
		return id
	case "reminder":
		return r.post("secretary", "/reminders", object{"org_id": r.ids["A"], "name": "每周学习", "rule": "FREQ=WEEKLY;BYDAY=TU", "at": "20:00"})
	case "section": // a group with somebody who may lead it
		id := r.make("org", who)
		r.ids["heir"] = r.post("admin", "/orgs/"+id+"/members", object{"name": "接任人", "phone": "13900009999", "party_status": "full"})
		return id
	case "handover":
		return r.post("secretary", "/orgs/"+r.make("section", who)+"/handovers", object{"to_member_id": r.ids["heir"]})
	case "org":
		r.next++
		return r.post("admin", "/orgs", object{"parent_id": r.ids["A"], "kind": "group", "name": fmt.Sprintf("小组%d", r.next)})
	case "name": // a text that nothing bears yet
		r.next++
		return fmt.Sprintf("名称%d", r.next)
	case "phone":
		return r.phone()
	case "person":
		return r.post("admin", "/orgs/"+r.ids["A"]+"/members", object{"name": "张三", "phone": r.phone(), "party_status": "full"})
	case "bound":
		phone := r.phone()
		id := r.post("admin", "/orgs/"+r.ids["A"]+"/members", object{"name": "李四", "phone": phone, "party_status": "full"})
		r.bind("open-"+phone, phone)
		return id
	case "version":
		r.next++
		return fmt.Sprintf("2029-%d", r.next)
	case "refresh":
		return r.visit("open-" + r.phone()).text("refresh_token")
	case "code":
		return r.wx.MintCode(testAppID, "open-"+r.phone())
	case "console":
		return r.post("stranger", "/auth/console-codes", nil)
	case "enrolment": // of an account of its own
		r.next++
		name := fmt.Sprintf("second-%d", r.next)
		r.account(name)
		return r.enrolment(r.must(200, "POST", "/auth/password", "", object{"username": name, "password": "a long enough password"}).text("access_token"))
	case "account", "setup": // of somebody with a role, who has yet to set it up
		id := r.make("person", who)
		r.must(200, "PUT", "/orgs/"+r.ids["A"]+"/members/"+id+"/roles", r.tokens["admin"], object{"roles": []string{"committee_member"}})
		code := r.must(201, "POST", "/accounts", r.tokens["admin"], object{"member_id": id}).text("code")
		if kind == "setup" {
			return code
		}
		return id
	case "guarded": // an account of its own with a second factor
		challenge := r.make("enrolment", who)
		token := r.must(200, "POST", "/auth/password", "", object{"username": fmt.Sprintf("second-%d", r.next), "password": "a long enough password"}).text("access_token")
		r.must(200, "POST", "/me/second-factor/confirm", token, object{"challenge": challenge, "code": r.ids["enrolment_code"]})
		return r.must(200, "GET", "/me", token, nil).text("id")
	case "own_enrolment":
		return r.enrolment(r.tokens["admin"])
	case "calendar":
		return r.must(201, "POST", "/me/calendar-token", r.tokens["member"], nil).text("token")
	case "session": // another device of the person's own
		if who == "stranger" || who == "visitor" { // they have none to end, and try another's
			who = "secretary"
		}
		token := r.signIn(who)
		for _, s := range r.must(200, "GET", "/me/sessions", token, nil).list("items") {
			if s.at("current") == true {
				return s.text("id")
			}
		}
	}
	r.t.Fatalf("nothing is called %q", kind)
	return ""
}

// enrolment begins to set up the second factor of an account, and keeps the digits with which it is confirmed.
func (r *realm) enrolment(token string) string {
	r.t.Helper()
	begun := r.must(200, "POST", "/me/second-factor", token, object{"password": "a long enough password"})
	r.ids["enrolment_code"] = appDigits(r.t, begun.text("secret"), r.now())
	return begun.text("token")
}

// signIn opens another session of a person.
func (r *realm) signIn(who string) string {
	r.t.Helper()
	switch who {
	case "stranger":
		return ""
	case "admin":
		return r.must(200, "POST", "/auth/password", "", object{"username": "office", "password": "a long enough password"}).text("access_token")
	}
	return r.visit("open-" + who).text("access_token")
}

var named = regexp.MustCompile(`<(\+|title:)?(\w+)>`)

// fill puts identifiers where the table has names: <A> is the branch A, <+draft> what fresh gives for a draft, <title:a_draft> an article's title.
func (r *realm) fill(text string, fresh func(kind string) string) string {
	r.t.Helper()
	return named.ReplaceAllStringFunc(text, func(s string) string {
		m := named.FindStringSubmatch(s)
		if m[1] == "+" {
			return fresh(m[2])
		}
		id, ok := r.ids[m[2]]
		if !ok {
			r.t.Fatalf("nobody and nothing is called %s", s)
		}
		if m[1] != "" {
			return r.titles[id]
		}
		return id
	})
}

// ask makes a request to any address of the public listener. A body that begins with "file:" goes as a file in multipart form.
func (r *realm) ask(method, path, token, body string) response {
	r.t.Helper()
	media := "application/json"
	var in io.Reader
	if name, ok := strings.CutPrefix(body, "file:"); ok {
		in, media = multipartFile(r.t, name)
	} else if body != "" {
		in = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.base+escaped(path), in)
	if err != nil {
		r.t.Fatal(err)
	}
	if in != nil {
		req.Header.Set("Content-Type", media)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return r.do(req)
}

func (r *realm) do(req *http.Request) response {
	r.t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatalf("%s %.200s: %v", req.Method, req.URL, err)
	}
	defer func() { _ = res.Body.Close() }()
	out := response{status: res.StatusCode, header: res.Header}
	if out.raw, err = io.ReadAll(res.Body); err != nil {
		r.t.Fatal(err)
	}
	_ = json.Unmarshal(out.raw, &out.object) // some answers are no JSON; then the object is empty
	return out
}

// escaped writes what an address may not hold as it is.
func escaped(path string) string {
	var b strings.Builder
	for i := range len(path) {
		if c := path[i]; c > ' ' && c < 0x7f {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// picture is a small PNG.
func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// multipartFile is a body with one file: a picture, or for a name in .csv a roster.
func multipartFile(t *testing.T, name string) (io.Reader, string) {
	t.Helper()
	content := picture(t)
	if strings.HasSuffix(name, ".csv") {
		content = []byte("姓名,手机号,政治面貌\n王五,13900000001,中共党员\n")
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="` + name + `"`}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &b, w.FormDataContentType()
}
