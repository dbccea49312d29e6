package main

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// demonstration boots `serve --demo` as a new user would, but on free ports, and finds where the stand-in listens.
func demonstration(t *testing.T, env map[string]string) (p *program, standin string) {
	t.Helper()
	p = &program{t: t, dir: t.TempDir(), env: map[string]string{"LISTEN": "127.0.0.1:0", "ADMIN_LISTEN": "127.0.0.1:0"}, log: &logBook{}}
	p.env["DATA_DIR"] = filepath.Join(p.dir, "data")
	for k, v := range env {
		p.env[k] = v
	}
	p.said = &logBook{}
	p.start("serve", "--demo")
	t.Cleanup(p.end)
	p.eventually("the greeting", startWithin, func() bool { return strings.Contains(p.said.String(), "访客") })
	m := regexp.MustCompile(`(http://[0-9.:]+)/standin/`).FindStringSubmatch(p.said.String())
	if m == nil {
		t.Fatalf("the greeting names no stand-in: %s", p.said)
	}
	return p, m[1]
}

func TestDemoIsTheSocietyOfTheIssue(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, env map[string]string) {
		p, wx := demonstration(t, env)
		office := demoSignIn(t, p, wx, "oDEMO00000000000000000office")
		orgs := p.must(200, "GET", "/orgs", office, nil)
		kinds, people := map[string]int{}, 0
		for _, o := range orgs.list("items") {
			kinds[o.text("kind")]++
			people = max(people, o.number("members"))
		}
		if kinds["branch"] != 3 || kinds["group"] < 6 || kinds["society"] != 1 || people < 295 {
			t.Errorf("organisations %v with %d people", kinds, people)
		}
		secretary := demoSignIn(t, p, wx, "oDEMO0000000000000sec_cardio")
		if r := p.must(200, "GET", "/meetings?from=2020-01-01T00:00:00%2B08:00", secretary, nil); len(r.list("items")) < 2 {
			t.Errorf("meetings: %s", r.raw)
		}
		member := demoSignIn(t, p, wx, "oDEMO00000000000000000member")
		for _, category := range []string{"theory", "central", "law", "example", "news"} {
			items := p.must(200, "GET", "/feed?category="+category, member, nil).list("items")
			if len(items) == 0 || items[0].number("counts", "views") == 0 {
				t.Errorf("no material of %s that was read: %v", category, items)
			}
		}
		if me := p.must(200, "GET", "/me", member, nil); len(me.list("memberships")) != 2 || me.at("bound") != true {
			t.Errorf("the member sits in two branches: %s", me.raw)
		}
		p.must(200, "GET", "/settings/comments", office, nil) // the society's office decides, though an association stands above it
		p.end()
		p.start("serve", "--demo") // a second start finds the society there
		if again := p.must(200, "GET", "/orgs", office, nil); string(again.raw) != string(orgs.raw) {
			t.Error("the second start changed the society")
		}
	})
}

func TestDemoServesThisMachineAlone(t *testing.T) {
	p := &program{t: t, dir: t.TempDir(), env: map[string]string{"LISTEN": "0.0.0.0:0", "DATA_DIR": t.TempDir()}, log: &logBook{}}
	var out strings.Builder
	if err := run(t.Context(), []string{"serve", "--demo"}, p.getenv, strings.NewReader(""), &out, p.log); err == nil || !strings.Contains(err.Error(), "loopback") {
		t.Errorf("a demonstration for the whole network: %v", err)
	}
}

func TestDemoLeavesARealInstallationAlone(t *testing.T) {
	p := boot(t, "", nil)
	p.admin()
	p.end()
	var out strings.Builder
	if err := run(t.Context(), []string{"serve", "--demo"}, p.getenv, strings.NewReader(""), &out, p.log); err == nil || !strings.Contains(err.Error(), "real installation") {
		t.Errorf("a demonstration over a real installation: %v", err)
	}
}

func demoSignIn(t *testing.T, p *program, wx, openID string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, wx+"/standin/codes", strings.NewReader(`{"openid":"`+openID+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	code := decode(t, res.Body).text("code")
	return p.must(200, "POST", "/auth/wechat", "", object{"code": code}).text("access_token")
}

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

func TestWalkthroughRunsAsWritten(t *testing.T) {
	t.Parallel()
	p, wx := demonstration(t, nil)
	script := "set -euo pipefail\n"
	for _, block := range shellBlock.FindAllStringSubmatch(string(readFile(t, "docs/walkthrough.md")), -1) {
		script += block[1]
	}
	script = strings.ReplaceAll(script, "http://127.0.0.1:8080", p.base)
	script = strings.ReplaceAll(script, "http://127.0.0.1:8081", wx)
	cmd := exec.CommandContext(t.Context(), "bash", "-c", script)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("the walk-through broke off: %v\n%s", err, out)
	}
	for _, sign := range []string{`"code":"unauthenticated"`, `"bound":true`, `"author":null`, `"code":"within_working_hours"`, `"state":"pending"`, `"field":"source`, `"code":"forbidden"`, `"code":"not_found"`, "BEGIN:VCALENDAR"} {
		if !strings.Contains(string(out), sign) {
			t.Errorf("the walk-through does not show %s:\n%s", sign, out)
		}
	}
}
