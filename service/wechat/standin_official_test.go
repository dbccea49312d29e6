package wechat_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/service/wechat"
	"zhibu/service/wechat/standin"
)

const accountID = "wxfedcba9876543210"

// openAccount is a stand-in with a service account that pages its followers by two, and a door to it.
func openAccount(t *testing.T) (*standin.Server, *wechat.Door) {
	t.Helper()
	now := time.Date(2026, 11, 23, 20, 0, 0, 0, model.Zone)
	clock := func() time.Time { return now }
	s := standin.New(standin.Options{Clock: clock, Seed: 1, FollowerPage: 2})
	for _, a := range []standin.App{
		{AppID: miniID, Secret: "mini-secret", Kind: standin.Mini, Published: true},
		{AppID: accountID, Secret: "account-secret", Kind: standin.Official, OpenPlatform: true,
			Templates: []standin.Template{{ID: "T", Title: "会议通知", Kind: standin.OneTime, Content: "会议主题:{{thing1.DATA}}\n会议时间:{{time2.DATA}}\n"}}},
	} {
		if err := s.AddApp(a); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	d := wechat.New(wechat.Config{BaseURL: s.URL(), Clock: clock, Timeout: 500 * time.Millisecond,
		MiniProgram: wechat.App{AppID: miniID, Secret: "mini-secret"}, Official: wechat.App{AppID: accountID, Secret: "account-secret"}})
	t.Cleanup(func() {
		d.Close()
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s, d
}

func TestStandinFollowers(t *testing.T) {
	s, d := openAccount(t)
	want := []string{"p1", "p2", "p3", "p4", "p5"}
	for _, id := range want {
		s.AddUser(accountID, id)
	}
	var got []string
	for next, pages := "", 0; ; pages++ {
		l, err := d.Followers(t.Context(), next)
		if err != nil || l.Total != 5 || pages > 5 {
			t.Fatal(l, err)
		}
		got = append(got, l.OpenIDs...)
		if next = l.Next; next == "" {
			break
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("listed %v", got)
	}
	s.Follow(accountID, "p5", false)
	infos, err := d.FollowersInfo(t.Context(), want)
	if err != nil || len(infos) != 5 || !infos[0].Following || !model.ValidOpenID(infos[0].UnionID) || infos[4] != (model.OfficialProfile{OpenID: "p5"}) {
		t.Errorf("%+v, %v", infos, err)
	}
	if one, err := d.Follower(t.Context(), "p1"); err != nil || one != infos[0] {
		t.Errorf("%+v, %v", one, err)
	}
	_, err = d.FollowersInfo(t.Context(), []string{"p1", "oStranger"})
	classIs(t, err, wechat.ClassRecipient)
	s.RevokeTokens(accountID)
	if _, err := d.Followers(t.Context(), ""); err != nil {
		t.Errorf("a dead token: %v", err)
	}
}

// What the settings say is held against what both sides make of the account's templates, before and after WeChat changes them.
func TestStandinAccountTemplates(t *testing.T) {
	s, d := openAccount(t)
	settings := map[model.PushKind]model.PushTemplate{model.PushMeeting: {ID: "T", Fields: map[string]string{"topic": "thing1", "time": "time2"}}}
	check := func() []model.TemplateFault {
		t.Helper()
		list, err := d.OfficialTemplates(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return model.CheckTemplates(settings, list)
	}
	if got := check(); got != nil {
		t.Errorf("%v", got)
	}
	s.SetTemplates(accountID, standin.Template{ID: "T", Title: "会议通知", Kind: standin.OneTime, Content: "会议主题:{{thing1.DATA}}\n会议时间:{{time2.DATA}}\n地点:{{thing3.DATA}}\n"})
	if got := check(); len(got) != 1 || got[0].Code != model.TemplateUnfilledKey || got[0].Key != "thing3" {
		t.Errorf("%v", got)
	}
	_, err := d.SendTemplate(t.Context(), wechat.TemplateMessage{OpenID: "p1", TemplateID: "T", Data: map[string]string{"thing1": "会", "time2": "19:30"}})
	classIs(t, err, wechat.ClassRecipient)
	s.AddUser(accountID, "p1")
	_, err = d.SendTemplate(t.Context(), wechat.TemplateMessage{OpenID: "p1", TemplateID: "T", Data: map[string]string{"thing1": "会", "time2": "19:30"}})
	classIs(t, err, wechat.ClassData)
	s.SetTemplates(accountID)
	if got := check(); len(got) != 1 || got[0].Code != model.TemplateMissing {
		t.Errorf("%v", got)
	}
}

// However the answer to a template message is lost, the repeat with the same client_msg_id brings the id of the one message that went out.
func TestStandinRepeatedTemplate(t *testing.T) {
	s, d := openAccount(t)
	s.AddUser(accountID, "p1")
	m := wechat.TemplateMessage{OpenID: "p1", TemplateID: "T", Data: map[string]string{"thing1": "会", "time2": "19:30"}, MiniProgramPage: "pages/meeting?id=1"}
	for i, kind := range []standin.FaultKind{standin.FaultBusyAfter, standin.FaultResetAfter, standin.FaultTruncate, standin.FaultHangAfter, standin.FaultHTTP, standin.FaultResetBefore} {
		m.ClientMsgID = "d-" + string(kind)
		s.SetFault(wechat.APITemplateSend, standin.Fault{Kind: kind, Times: 1})
		_, err := d.SendTemplate(t.Context(), m)
		classIs(t, err, wechat.ClassUnknownOutcome)
		id, err := d.SendTemplate(t.Context(), m)
		if err != nil || id == "" {
			t.Fatalf("%s: %v", kind, err)
		}
		sent := s.Sent("p1")
		if len(sent) != i+1 || sent[i].MiniAppID != miniID || sent[i].Page != "pages/meeting?id=1" {
			t.Errorf("%s: %+v", kind, sent)
		}
	}
	s.Follow(accountID, "p1", false)
	m.ClientMsgID = "d-left"
	_, err := d.SendTemplate(t.Context(), m)
	classIs(t, err, wechat.ClassNotFollowing)
	s.SetDailyLimit(accountID, wechat.APITemplateSend, 1)
	_, err = d.SendTemplate(t.Context(), m)
	classIs(t, err, wechat.ClassDaily)
}
