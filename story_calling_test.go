package main

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"zhibu/service/tencent/standin"
	wechat "zhibu/service/wechat/standin"
)

// caller is the readership with a fifth in the branch, and Tencent Meeting beside it.
type caller struct {
	*readership
	rooms *standin.Server
	fifth person
}

// TestStoryCalling lives the calling of meetings: hours that people can come, three taps, rooms that are booked and fail, meetings that come again,
// the congress, the frozen list, and the bad days.
func TestStoryCalling(t *testing.T) {
	story(t, func(t *testing.T, env map[string]string) {
		var p atomic.Pointer[program]
		rooms := &standin.Server{AppID: "200000001", SDKID: "12345", SecretID: "sid", SecretKey: "the key of Tencent Meeting", UserID: "office", Now: func() time.Time { return p.Load().now() }}
		srv := httptest.NewServer(rooms)
		t.Cleanup(srv.Close)
		env = maps.Clone(env)
		for k, v := range map[string]string{"BASE_URL": srv.URL, "APPID": rooms.AppID, "SDKID": rooms.SDKID, "SECRET_ID": rooms.SecretID, "SECRET_KEY": rooms.SecretKey, "USERID": rooms.UserID} {
			env["TENCENT_MEETING_"+k] = v
		}
		booted := boot(t, "2026-11-23T19:00:00+08:00", env)
		p.Store(booted)
		c := &caller{readership: booted.found().readership(), rooms: rooms}
		c.fifth = c.join(c.branch, "孙会员", "full")

		hoursPeopleCanCome(t, c)
		threeTaps(t, c)
		withoutTheService(t, c)
		cancelledWhileSent(t, c)
		togetherAtTheCongress(t, c)
		theListAfterTheNotice(t, c)
		againAndAgain(t, c)
		aYearWithoutHolidays(t, c)
		overMidnight(t, c)
	})
}

// hoursPeopleCanCome: busy marks are the member's own; the secretary gets a number, and of the committee of two not even that.
func hoursPeopleCanCome(t *testing.T, c *caller) {
	t.Helper()
	mark := c.must(201, "POST", "/me/busy", c.member.token, object{"label": "门诊", "starts_at": "2026-11-03T18:30:00+08:00", "ends_at": "2026-11-03T19:30:00+08:00", "rule": "FREQ=WEEKLY;BYDAY=TU"})
	c.must(201, "POST", "/me/busy", c.committee.token, object{"label": "值班", "starts_at": "2026-11-24T18:30:00+08:00", "ends_at": "2026-11-25T08:00:00+08:00"})
	if list := c.must(200, "GET", "/me/busy", c.secretary.token, nil).list("items"); len(list) != 0 {
		t.Errorf("the secretary reads %v", list)
	}
	path := "/meetings/slots?org_id=" + c.branch + "&from=2026-11-24&days=1&minutes=30"
	r := c.must(200, "GET", path, c.secretary.token, nil)
	best, worst := r.list("items")[0], r.list("items")[2]
	if best.number("busy") != 1 || !strings.HasPrefix(best.text("starts_at"), "2026-11-24T19:30") || worst.number("busy") != 2 || worst.number("conflicts") != 2 || !strings.Contains(worst.text("text"), "有 2 人当时不便") {
		t.Errorf("slots: %s", r.raw)
	}
	for _, secret := range []string{"门诊", "值班", c.member.id, "李会员"} {
		if strings.Contains(string(r.raw), secret) {
			t.Errorf("the slots tell %q", secret)
		}
	}
	r = c.must(200, "GET", path+"&type=committee", c.secretary.token, nil)
	if s := r.list("items")[0]; s.at("busy") != nil || s.number("conflicts") != 0 || !strings.HasPrefix(s.text("starts_at"), "2026-11-24T19:00") {
		t.Errorf("the committee's slots: %s", r.raw)
	}
	c.refused(404, "not_found", "DELETE", "/me/busy/"+mark.text("id"), c.secretary.token, nil)
	c.must(204, "DELETE", "/me/busy/"+mark.text("id"), c.member.token, nil)
}

// threeTaps: what the template says is posted as it is; the room is booked, and the notice, the invitation and the calendar have its link.
func threeTaps(t *testing.T, c *caller) {
	t.Helper()
	tpl := find(c.must(200, "GET", "/meetings/templates?org_id="+c.branch, c.secretary.token, nil).list("items"), "type", "party_day")
	if tpl.text("call", "topic") != "2026年11月主题党日" || tpl.text("owed", "period") != "2026年11月" || tpl.text("call", "online", "provider") != "tencent" || len(tpl.list("call", "agenda")) != 2 {
		t.Fatalf("template: %v", tpl)
	}
	m := c.must(201, "POST", "/meetings", c.secretary.token, tpl.at("call"))
	link := m.text("online", "join_url")
	if m.text("online", "room") != "booked" || !strings.HasPrefix(link, "https://meeting.tencent.com/dm/") || m.text("online", "code") != "860 215 001" || m.number("counts", "invited") != 5 {
		t.Errorf("called: %s", m.raw)
	}
	path := "/meetings/" + m.text("id")
	notice := find(c.inbox(c.member.token), "title", "会议通知：2026年11月主题党日")
	if notice == nil || !strings.Contains(notice.text("body"), link) || !strings.Contains(notice.text("body"), "860 215 001") {
		t.Errorf("notice: %v", notice)
	}
	text := c.must(200, "GET", path+"/invitation", c.member.token, nil).text("text")
	for _, part := range []string{"【会议通知】" + branchName, "主题：2026年11月主题党日（主题党日）", "会议号 860 215 001", "入会链接：" + link, "1. 主题学习（30 分钟）"} {
		if !strings.Contains(text, part) {
			t.Errorf("the invitation lacks %q: %s", part, text)
		}
	}
	ics := strings.ReplaceAll(string(c.must(200, "GET", path+".ics", c.member.token, nil).raw), "\r\n ", "")
	if strings.Count(ics, "BEGIN:VALARM") != 2 || !strings.Contains(ics, "SEQUENCE:0") || !strings.Contains(ics, link) {
		t.Errorf("calendar: %s", ics)
	}
	c.must(200, "PATCH", path, c.secretary.token, object{"starts_at": "2026-11-26T19:30:00+08:00", "ends_at": "2026-11-26T20:30:00+08:00"})
	c.eventually("the room has moved", 10*time.Second, func() bool { return c.rooms.Rooms()[0].Start == moment(t, "2026-11-26T19:30:00+08:00").Unix() })
	c.must(200, "POST", path+"/cancel", c.secretary.token, object{"reason": "主讲人急诊"})
	c.eventually("the room is given back", 10*time.Second, func() bool { return c.rooms.Rooms()[0].Cancelled })
	ics = string(c.must(200, "GET", path+".ics", c.member.token, nil).raw)
	if !strings.Contains(ics, "STATUS:CANCELLED") || !strings.Contains(ics, "SEQUENCE:2") || strings.Contains(ics, "VALARM") {
		t.Errorf("the cancelled calendar: %s", ics)
	}
}

func moment(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// online is a meeting of the branch in Tencent's rooms.
func (c *caller) online(kind, topic, starts, ends string, more ...any) object {
	body := object{"org_id": c.branch, "type": kind, "topic": topic, "starts_at": starts, "ends_at": ends, "mode": "online", "online": object{"provider": "tencent"}, "reminders": []int{}}
	for i := 0; i+1 < len(more); i += 2 {
		body[more[i].(string)] = more[i+1]
	}
	return body
}

// onsite is a meeting of the branch at a place.
func (c *caller) onsite(kind, topic, starts, ends string, more ...any) object {
	body := c.online(kind, topic, starts, ends, more...)
	delete(body, "online")
	body["mode"], body["place"] = "onsite", "示教室"
	return body
}

// withoutTheService: the meeting is called all the same, and when the service is back the link follows; a refusal is told to who runs the branch now.
func withoutTheService(t *testing.T, c *caller) {
	t.Helper()
	c.rooms.Break(503)
	m := c.must(201, "POST", "/meetings", c.secretary.token, c.online("lecture", "没有会议室的党课", "2026-11-27T19:30:00+08:00", "2026-11-27T20:30:00+08:00"))
	if m.text("online", "room") != "wanted" || m.text("online", "join_url") != "" {
		t.Errorf("called: %s", m.raw)
	}
	if n := find(c.inbox(c.fifth.token), "title", "会议通知：没有会议室的党课"); !strings.Contains(n.text("body"), "入会链接将在会前另行通知") {
		t.Errorf("notice: %v", n)
	}
	c.rooms.Break(0)
	c.later("2026-11-23T19:05:00+08:00")
	path := "/meetings/" + m.text("id")
	c.eventually("the link has followed", 10*time.Second, func() bool { return c.must(200, "GET", path, c.fifth.token, nil).text("online", "room") == "booked" })
	link := c.must(200, "GET", path, c.fifth.token, nil).text("online", "join_url")
	if n := find(c.inbox(c.fifth.token), "title", "入会链接：没有会议室的党课"); n == nil || !strings.Contains(n.text("body"), link) {
		t.Errorf("told of the link: %v", n)
	}
	c.rooms.Break(403)
	refused := c.must(201, "POST", "/meetings", c.committee.token, c.online("training", "被拒绝的培训", "2026-11-27T19:30:00+08:00", "2026-11-27T20:30:00+08:00"))
	c.must(200, "PUT", "/orgs/"+c.branch+"/members/"+c.committee.id+"/roles", c.admin, object{"roles": []string{}})
	c.must(200, "PUT", "/orgs/"+c.branch+"/members/"+c.secretary.id+"/roles", c.admin, object{"roles": []string{}})
	c.must(200, "PUT", "/orgs/"+c.branch+"/members/"+c.party.id+"/roles", c.admin, object{"roles": []string{"secretary"}})
	c.secretary, c.party = c.party, c.secretary // the secretary changed in between
	c.later("2026-11-23T19:10:00+08:00")
	title := "入会链接待处理：被拒绝的培训"
	c.eventually("the new secretary is told", 10*time.Second, func() bool { return find(c.inbox(c.secretary.token), "title", title) != nil })
	if find(c.inbox(c.party.token), "title", title) != nil || find(c.inbox(c.committee.token), "title", title) != nil {
		t.Error("who no longer runs the branch is told")
	}
	c.rooms.Break(0)
	m = c.must(200, "GET", "/meetings/"+refused.text("id"), c.secretary.token, nil)
	if m.text("online", "room") != "failed" || m.number("elsewhere") != 5 || len(m.list("clashes")) != 1 {
		t.Errorf("two meetings at once, the second without a room: %s", m.raw)
	}
	c.refused(403, "forbidden", "POST", "/meetings/"+refused.text("id")+"/cancel", c.party.token, object{"reason": "我不再是书记"})
	c.must(200, "POST", "/meetings/"+refused.text("id")+"/cancel", c.secretary.token, object{"reason": "与党课冲突"})
}

// later moves the program to another instant; everybody signs in again.
func (c *caller) later(clock string) {
	c.t.Helper()
	c.moveTo(clock)
	for _, p := range []*person{&c.secretary, &c.staff, &c.member, &c.party, &c.committee, &c.other, &c.fifth} {
		p.token = c.visit(p.openID).text("access_token")
	}
	c.admin = c.office()
}

// cancelledWhileSent: WeChat takes its time, and the meeting is cancelled before the notice is through. What is under way may arrive; nothing goes
// out afterwards but the cancellation, and everybody's newest message is that.
func cancelledWhileSent(t *testing.T, c *caller) {
	t.Helper()
	const send = "/cgi-bin/message/subscribe/send"
	c.keep(c.member, meetingTemplate, 2)
	c.keep(c.fifth, meetingTemplate, 2)
	c.wx.SetFault(send, wechat.Fault{Kind: wechat.FaultLatency, Latency: 1500 * time.Millisecond})
	before := len(c.wx.CallsTo(send))
	m := c.must(201, "POST", "/meetings", c.secretary.token, c.onsite("other", "发到一半的会", "2026-11-25T19:30:00+08:00", "2026-11-25T20:30:00+08:00"))
	c.eventually("the notice is being sent", 10*time.Second, func() bool { return len(c.wx.CallsTo(send)) > before })
	c.must(200, "POST", "/meetings/"+m.text("id")+"/cancel", c.secretary.token, object{"reason": "科室抢救"})
	c.wx.SetFault(send)
	called, off := "会议通知：发到一半的会", "会议取消：发到一半的会"
	c.eventually("all of it is over", 20*time.Second, func() bool {
		a, b := c.pushOf(called), c.pushOf(off)
		return a != nil && b != nil && a.text("state") != "sending" && a.text("state") != "scheduled" && b.text("state") == "done"
	})
	for _, p := range []person{c.member, c.fifth} {
		cards := c.wx.Sent(p.openID)
		if len(cards) == 0 || !strings.Contains(cards[len(cards)-1].Value("thing4"), "取消") {
			t.Errorf("the last card is not the cancellation: %+v", cards)
		}
		if find(c.inbox(p.token), "title", off) == nil {
			t.Error("not told of the cancellation")
		}
	}
}

// togetherAtTheCongress: an hour that the congress keeps is offered for what is owed; three kinds are held in it with one attendance.
func togetherAtTheCongress(t *testing.T, c *caller) {
	t.Helper()
	body := object{"org_id": c.root, "name": "学术年会", "place": "国际会议中心", "starts_on": "2026-12-04", "ends_on": "2026-12-05", "sessions": []object{
		{"title": "支部活动时段", "starts_at": "2026-12-04T14:00:00+08:00", "ends_at": "2026-12-04T15:30:00+08:00", "for_branches": true},
		{"title": "晚间卫星会", "starts_at": "2026-12-04T18:30:00+08:00", "ends_at": "2026-12-04T21:30:00+08:00"},
	}}
	c.refused(403, "forbidden", "POST", "/events", c.secretary.token, body)
	event := c.must(201, "POST", "/events", c.staff.token, body).text("id")
	slots := c.must(200, "GET", "/meetings/slots?org_id="+c.branch+"&from=2026-12-04&days=1&minutes=90", c.secretary.token, nil).list("items")
	if len(slots) != 1 || slots[0].text("reason") != "event" || slots[0].text("event", "id") != event || !slices.Contains(texts(slots[0].list("owed"), "type"), "branch_assembly") {
		t.Fatalf("slots in the congress: %v", slots)
	}
	m := c.must(201, "POST", "/meetings", c.secretary.token, c.onsite("branch_assembly", "{period}支部党员大会", slots[0].text("starts_at"), slots[0].text("ends_at"),
		"event_id", event, "also", []object{{"type": "party_day"}, {"type": "life"}}))
	all := m.list("together")
	if m.text("topic") != "2026年第四季度支部党员大会" || !strings.Contains(m.text("override_reason"), "学术年会") || len(all) != 3 || all[1].text("topic") != "2026年12月主题党日" {
		t.Fatalf("called: %s", m.raw)
	}
	told := 0
	for _, n := range c.inbox(c.fifth.token) {
		if strings.Contains(n.text("body"), "2026年第四季度支部党员大会") {
			told++
		}
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
	c.must(200, "PUT", "/meetings/"+all[1].text("id")+"/rsvp", c.fifth.token, object{"status": "accept"})
	c.later("2026-12-04T14:05:00+08:00")
	c.must(200, "POST", "/meetings/"+all[2].text("id")+"/checkin", c.fifth.token, nil)
	for _, one := range all {
		sheet := c.must(200, "GET", "/meetings/"+one.text("id")+"/attendance", c.secretary.token, nil)
		if sheet.number("present") != 1 || sheet.number("entitled") != 5 || find(sheet.list("items"), "status", "present").text("rsvp") != "accept" {
			t.Errorf("%s: %s", one.text("type"), sheet.raw)
		}
	}
}

// theListAfterTheNotice: who comes later is put on it with a reason, who goes to another branch stays until somebody says so.
func theListAfterTheNotice(t *testing.T, c *caller) {
	t.Helper()
	m := c.must(201, "POST", "/meetings", c.secretary.token, c.onsite("lecture", "名单已定的党课", "2026-12-07T19:30:00+08:00", "2026-12-07T20:30:00+08:00"))
	path := "/meetings/" + m.text("id")
	late := c.join(c.branch, "新转入的同志", "full")
	c.refused(404, "not_found", "GET", path, late.token, nil)
	if f := c.refused(422, "validation_failed", "PUT", path+"/invitees/"+late.id, c.secretary.token, object{"role": "entitled"}).faults(); f["reason"] == "" {
		t.Errorf("without a reason: %v", f)
	}
	sheet := c.must(200, "PUT", path+"/invitees/"+late.id, c.secretary.token, object{"role": "entitled", "reason": "会前转入"})
	if sheet.number("entitled") != 6 || sheet.list("changes")[0].text("reason") != "会前转入" || sheet.list("changes")[0].text("from") != "none" {
		t.Errorf("put on the list: %s", sheet.raw)
	}
	if n := find(c.inbox(late.token), "title", "会议通知：名单已定的党课"); n == nil || !strings.Contains(n.text("body"), "会前转入") {
		t.Errorf("told: %v", n)
	}
	// The fifth moves to the neighbours, and the newcomer leaves the roster.
	c.must(201, "POST", "/orgs/"+c.neighbour+"/members", c.admin, object{"name": "孙会员", "phone": c.fifth.phone, "party_status": "full"})
	c.must(204, "DELETE", "/members/"+c.fifth.id+"?org_id="+c.branch, c.admin, nil)
	c.must(204, "DELETE", "/members/"+late.id+"?org_id="+c.branch, c.admin, nil)
	if n := c.must(200, "GET", path+"/attendance", c.secretary.token, nil).number("entitled"); n != 6 {
		t.Errorf("the frozen list has %d", n)
	}
	c.must(200, "PUT", path+"/rsvp", c.fifth.token, object{"status": "accept"})
	c.must(200, "PUT", path+"/invitees/"+c.fifth.id, c.secretary.token, object{"role": "observer", "reason": "已转到邻近支部，列席"})
	sheet = c.must(200, "PUT", path+"/invitees/"+late.id, c.secretary.token, object{"role": "none", "reason": "已转出"})
	if sheet.number("entitled") != 4 || len(sheet.list("items")) != 5 || len(sheet.list("changes")) != 3 {
		t.Errorf("after the changes: %s", sheet.raw)
	}
	if log := c.must(200, "GET", "/audit?object=meeting:"+m.text("id")+"&action=meeting.list", c.staff.token, nil).list("items"); len(log) != 3 {
		t.Errorf("the log: %v", log)
	}
}

// againAndAgain: each time is a meeting of its own, called a week before; one moves alone, or all from here on.
func againAndAgain(t *testing.T, c *caller) {
	t.Helper()
	first := c.must(201, "POST", "/meetings", c.secretary.token, c.onsite("party_day", "{period}主题党日", "2026-12-08T19:30:00+08:00", "2026-12-08T20:30:00+08:00", "repeat", "FREQ=MONTHLY;BYDAY=2TU;COUNT=3"))
	path := "/meetings/" + first.text("id")
	series := c.must(200, "GET", path+"/series", c.secretary.token, nil)
	rows := series.list("items")
	if len(rows) != 3 || first.at("notice_at") != nil || rows[1].text("topic") != "2027年1月主题党日" || rows[1].at("provisional") != true || rows[1].at("notice_at") == nil {
		t.Fatalf("the series: %s", series.raw)
	}
	if find(c.inbox(c.member.token), "title", "会议通知：2026年12月主题党日") == nil || find(c.inbox(c.member.token), "title", "会议通知：2027年1月主题党日") != nil {
		t.Error("only the first is called")
	}
	c.refused(404, "not_found", "GET", "/meetings/"+rows[1].text("id"), c.member.token, nil)
	c.must(200, "PATCH", "/meetings/"+rows[1].text("id"), c.secretary.token, object{"starts_at": "2027-01-12T20:00:00+08:00", "ends_at": "2027-01-12T21:00:00+08:00", "scope": "following"})
	rows = c.must(200, "GET", path+"/series", c.secretary.token, nil).list("items")
	if rows[0].text("starts_at") != "2026-12-08T19:30:00+08:00" || rows[2].text("starts_at") != "2027-02-09T20:00:00+08:00" {
		t.Errorf("from here on: %v", rows)
	}
	c.later("2027-01-05T20:00:01+08:00")
	c.eventually("the second is called", 10*time.Second, func() bool {
		return find(c.inbox(c.member.token), "title", "会议通知：2027年1月主题党日") != nil
	})
	if n := c.must(200, "GET", "/meetings/"+rows[1].text("id"), c.member.token, nil).number("counts", "invited"); n != 4 {
		t.Errorf("the roster as it is now has %d", n)
	}
	c.refused(409, "conflict", "POST", "/meetings/"+rows[0].text("id")+"/cancel", c.secretary.token, object{"reason": "已经开过了"})
}

// aYearWithoutHolidays: plans over it say so; when the notice comes, what nobody knows of is taken back, and who runs the rest is told.
func aYearWithoutHolidays(t *testing.T, c *caller) {
	t.Helper()
	m := c.must(201, "POST", "/meetings", c.secretary.token, c.onsite("other", "假期里的会", "2027-02-10T19:30:00+08:00", "2027-02-10T20:30:00+08:00"))
	if n := find(c.inbox(c.member.token), "title", "会议通知：假期里的会"); m.at("provisional") != true || !strings.Contains(n.text("body"), "放假安排尚未公布") {
		t.Errorf("called: %s, told %v", m.raw, n)
	}
	days := []object{{"name": "元旦", "date": "2027-01-01", "isOffDay": true}}
	for d := 6; d <= 12; d++ {
		days = append(days, object{"name": "春节", "date": fmt.Sprintf("2027-02-%02d", d), "isOffDay": true})
	}
	c.must(200, "PUT", "/calendar/2027", c.staff.token, object{"year": 2027, "days": days})
	c.eventually("the secretary is told of both", 10*time.Second, func() bool {
		inbox := c.inbox(c.secretary.token)
		return find(inbox, "title", "会议与放假安排冲突：假期里的会") != nil && find(inbox, "title", "会议与放假安排冲突：2027年2月主题党日") != nil
	})
	m = c.must(200, "GET", "/meetings/"+m.text("id"), c.member.token, nil)
	if m.text("state") != "planned" || m.at("provisional") != false {
		t.Errorf("what people know of stays: %s", m.raw)
	}
	planned := c.must(200, "GET", "/meetings?from=2027-02-09&to=2027-02-09&org_id="+c.branch, c.secretary.token, nil).list("items")
	if len(planned) != 1 || planned[0].text("state") != "cancelled" || !strings.Contains(planned[0].text("cancel_reason"), "春节") {
		t.Errorf("what nobody knows of: %v", planned)
	}
}

// overMidnight: one checks in on the day after, and the record has the whole meeting.
func overMidnight(t *testing.T, c *caller) {
	t.Helper()
	m := c.must(201, "POST", "/meetings", c.secretary.token, c.onsite("other", "跨零点的会", "2027-01-06T22:30:00+08:00", "2027-01-07T00:30:00+08:00", "checkin_code", true))
	if n := find(c.inbox(c.member.token), "title", "会议通知：跨零点的会"); !strings.Contains(n.text("body"), "1月6日（周三）22:30–1月7日（周四）00:30") {
		t.Errorf("told: %v", n)
	}
	c.later("2027-01-07T00:20:00+08:00")
	path := "/meetings/" + m.text("id")
	code := c.must(200, "GET", path+"/checkin-code", c.secretary.token, nil).text("code")
	c.refused(422, "validation_failed", "POST", path+"/checkin", c.member.token, object{"code": "x"})
	if got := c.must(200, "POST", path+"/checkin", c.member.token, object{"code": code}); got.text("my_attendance") != "present" {
		t.Errorf("checked in: %s", got.raw)
	}
	sheet := c.must(200, "PUT", path+"/attendance/"+c.party.id, c.secretary.token, object{"status": "present", "reason": "手机没电，本人在场"})
	if sheet.number("present") != 2 {
		t.Errorf("corrected: %s", sheet.raw)
	}
}
