package main

import (
	"strings"
	"testing"
	"time"
)

func TestEmptyInstallationStartsAndSaysWhatToDo(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, env map[string]string) {
		p := boot(t, "", env)
		if r := p.must(200, "GET", "/readyz", "", nil); r.text("status") != "ready" {
			t.Errorf("readyz: %s", r.raw)
		}
		p.command("a long enough password\n", "admin", "create", "--username", "office")
		token := p.must(200, "POST", "/auth/password", "", object{"username": "office", "password": "a long enough password"}).text("access_token")
		if r := p.must(200, "GET", "/me", token, nil); r.at("bound") != true {
			t.Errorf("me: %s", r.raw)
		}
		p.restart()
		p.must(200, "GET", "/me", token, nil)
	})
}

func TestLogoutReachesTheOtherReplicaWithinASecond(t *testing.T) {
	onBoth(t, func(t *testing.T, env map[string]string) {
		a := boot(t, "", env)
		shared := map[string]string{"DATA_DIR": a.env["DATA_DIR"]}
		for k, v := range env {
			shared[k] = v
		}
		b := boot(t, "", shared)
		token := a.visit("o1").text("access_token")
		b.must(200, "GET", "/me", token, nil)
		a.must(204, "POST", "/auth/logout", token, nil)
		began := time.Now()
		for b.call("GET", "/me", token, nil).status != 401 {
			if time.Since(began) > time.Second {
				t.Fatal("a second after the logout the other replica still lets the token in")
			}
		}
	})
}

func TestWithoutCredentialsNothingPretendsToWork(t *testing.T) {
	t.Parallel()
	p := boot(t, "", map[string]string{"WECHAT_MINIPROGRAM_APPID": "", "WECHAT_MINIPROGRAM_SECRET": "", "WECHAT_MINIPROGRAM_TOKEN": "", "WECHAT_MINIPROGRAM_AES_KEY": ""})
	r := p.must(502, "POST", "/auth/wechat", "", object{"code": "abc"})
	if r.text("code") != "wechat_unavailable" || !strings.Contains(r.text("detail"), "ZHIBU_WECHAT_MINIPROGRAM_APPID") {
		t.Errorf("answer: %s", r.raw)
	}
	if n := len(p.wx.Journal()); n != 0 {
		t.Errorf("WeChat was called %d times", n)
	}
}

func TestDoctorSaysWhatToMend(t *testing.T) {
	t.Parallel()
	p := boot(t, "", nil)
	if out := p.command("", "doctor"); !strings.Contains(out, "[正常] 微信小程序凭据") || strings.Contains(out, "[问题]") {
		t.Errorf("a good installation: %s", out)
	}
	p.env["WECHAT_MINIPROGRAM_SECRET"] = "wrong"
	var out strings.Builder
	err := run(t.Context(), []string{"doctor"}, p.getenv, strings.NewReader(""), &out, p.log)
	if err == nil || !strings.Contains(out.String(), "[问题] 微信小程序凭据") || !strings.Contains(out.String(), "处理办法") {
		t.Errorf("a wrong secret: %v %s", err, out.String())
	}
	if strings.Contains(out.String(), "wrong") {
		t.Error("the secret was printed")
	}
}

func TestBackupIsRestored(t *testing.T) {
	t.Parallel()
	p := boot(t, "", nil)
	p.org(p.admin(), "", "society", "学会党委")
	file := p.dir + "/backup.zip"
	p.command("", "backup", file)
	p.end()
	p.env["DATA_DIR"] = p.dir + "/restored"
	p.command("", "restore", file)
	p.start("serve")
	token := p.must(200, "POST", "/auth/password", "", object{"username": "office", "password": "a long enough password"}).text("access_token")
	if r := p.must(200, "GET", "/orgs", token, nil); r.text("items", 0, "name") != "学会党委" {
		t.Errorf("restored: %s", r.raw)
	}
	var out strings.Builder
	if err := run(t.Context(), []string{"restore", file}, p.getenv, strings.NewReader(""), &out, p.log); err == nil {
		t.Error("a restore over a database that is there must be refused")
	}
}
