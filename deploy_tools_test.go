package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// tool finds an installed program. Without it the test is left out, loudly; make deploy-check makes that a failure.
func tool(t *testing.T, name string) string {
	t.Helper()
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/usr/local/sbin") {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path
		}
	}
	if os.Getenv("ZHIBU_REQUIRE_TOOLS") != "" {
		t.Fatalf("%s is not installed", name)
	}
	t.Skipf("LEFT OUT: %s is not installed; make deploy-check asks for it", name)
	return ""
}

// tried runs a tool that must succeed, and returns what it says.
func tried(t *testing.T, path string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), path, args...).CombinedOutput()
	if err != nil {
		t.Errorf("%s %s: %v\n%s", filepath.Base(path), strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestDeployNginx has nginx itself read the settings, with the upstreams of Compose and those of a machine.
func TestDeployNginx(t *testing.T) {
	t.Parallel()
	nginx := tool(t, "nginx")
	for _, upstream := range []string{"upstream.conf", "upstream.host.conf"} {
		dir := nginxFolder(t, upstream)
		said, err := exec.CommandContext(t.Context(), nginx, "-t", "-e", "stderr", "-p", dir, "-c", filepath.Join(dir, "nginx.conf")).CombinedOutput()
		if err != nil || strings.Contains(string(said), "[warn]") {
			t.Errorf("%s: %v\n%s", upstream, err, said)
		}
	}
}

// TestDeployNginxUnderSystemd starts nginx as systemd does, with a socket for its output, on the settings as the page has them changed for a machine. It
// must come up and say its number where Debian's unit looks for it.
func TestDeployNginxUnderSystemd(t *testing.T) {
	t.Parallel()
	nginx := tool(t, "nginx")
	m := regexp.MustCompile(`(?m)^sed -i '([^']+)' /etc/nginx/nginx.conf$`).FindStringSubmatch(read(t, "docs/operations.md"))
	if m == nil {
		t.Fatal("the page does not change nginx.conf for a machine")
	}
	dir := nginxFolder(t, "upstream.host.conf")
	conf := filepath.Join(dir, "nginx.conf")
	plain := strings.NewReplacer(dir+"/access.log", "/dev/stdout", dir+"/nginx.pid", "/tmp/nginx.pid").Replace(read(t, conf))
	plain = regexp.MustCompile(`listen 127.0.0.1:\d+`).ReplaceAllStringFunc(plain, func(string) string { return "listen " + freeAddress(t) })
	if err := os.WriteFile(conf, []byte(plain), 0o600); err != nil {
		t.Fatal(err)
	}
	tried(t, "/bin/sed", "-i", m[1], conf)
	changed := strings.NewReplacer("/var/log/nginx/", dir+"/", "/run/nginx.pid", dir+"/run.pid").Replace(read(t, conf))
	if err := os.WriteFile(conf, []byte(changed), 0o600); err != nil || changed == plain {
		t.Fatalf("nothing was changed: %v", err)
	}
	journal, err := net.Listen("unix", filepath.Join(dir, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = journal.Close() }()
	out, err := net.Dial("unix", journal.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	file, err := out.(*net.UnixConn).File()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	run := func(args ...string) error {
		cmd := exec.CommandContext(t.Context(), nginx, append([]string{"-p", dir, "-c", conf}, args...)...)
		cmd.Stdout, cmd.Stderr = file, file
		return cmd.Run()
	}
	if err := run("-g", "daemon on; master_process on;"); err != nil {
		t.Fatalf("nginx does not start under systemd: %v", err)
	}
	t.Cleanup(func() {
		if err := exec.Command(nginx, "-p", dir, "-c", conf, "-s", "stop").Run(); err != nil {
			t.Error(err)
		}
	})
	(&program{t: t}).eventually("nginx says its number", 10*time.Second, func() bool {
		_, err := os.Stat(filepath.Join(dir, "run.pid"))
		return err == nil
	})
}

// nginxFolder is deploy/nginx with a certificate, for listeners that any user may open.
func nginxFolder(t *testing.T, upstream string) string {
	t.Helper()
	dir := t.TempDir()
	if err := errors.Join(os.CopyFS(dir, os.DirFS("deploy/nginx")), os.MkdirAll(filepath.Join(dir, "certs"), 0o700)); err != nil {
		t.Fatal(err)
	}
	conf := read(t, "deploy/nginx/nginx.conf")
	for _, change := range [][2]string{{"listen 80;", "listen 127.0.0.1:18080;"}, {"listen [::]:80;", ""}, {"listen 443 ssl", "listen 127.0.0.1:18443 ssl"}, {"listen [::]:443 ssl http2;", ""}, {"/tmp/", dir + "/"}, {"/dev/stdout", dir + "/access.log"}} {
		if !strings.Contains(conf, change[0]) {
			t.Errorf("nginx.conf has no %q", change[0])
		}
		conf = strings.ReplaceAll(conf, change[0], change[1])
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	plate := x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	cert, err := x509.CreateCertificate(rand.Reader, &plate, &plate, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"nginx.conf": conf, "upstream.conf": read(t, "deploy/nginx/"+upstream),
		"certs/fullchain.pem": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})), "certs/privkey.pem": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: bare})),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestDeploySystemd has systemd read the units, and holds how little they may do.
func TestDeploySystemd(t *testing.T) {
	analyze := tool(t, "systemd-analyze")
	dir := t.TempDir()
	files, err := filepath.Glob("deploy/systemd/zhibu*")
	if err != nil || len(files) < 6 {
		t.Fatalf("%v %v", files, err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var units []string
	for _, file := range files {
		unit := filepath.Join(dir, strings.Replace(filepath.Base(file), "@.", "@8081.", 1))
		if err := os.WriteFile(unit, []byte(strings.ReplaceAll(read(t, file), "/usr/local/bin/zhibu", self)), 0o600); err != nil {
			t.Fatal(err)
		}
		units = append(units, unit)
	}
	for _, line := range strings.Split(tried(t, analyze, append([]string{"verify", "--man=no"}, units...)...), "\n") {
		if strings.HasPrefix(line, dir) || strings.HasPrefix(line, "zhibu") { // of others' units on this machine we do not speak
			t.Error(line)
		}
	}
	for _, unit := range units {
		if filepath.Ext(unit) == ".service" {
			tried(t, analyze, "security", "--offline=true", "--threshold=20", "--no-pager", unit)
		}
	}
	for _, timer := range []string{"deploy/systemd/zhibu-backup.timer"} {
		when := regexp.MustCompile(`OnCalendar=(.+)`).FindStringSubmatch(read(t, timer))
		if when == nil {
			t.Fatal("the timer never rings")
		}
		tried(t, analyze, "calendar", when[1])
	}
}

// watched boots a program that has done something of everything, so that all figures are there, and returns the address of its figures.
func watched(t *testing.T) (p *program, admin string) {
	t.Helper()
	p = &program{t: t, dir: t.TempDir(), log: &logBook{}, env: map[string]string{}}
	folder := filepath.Join(p.dir, "backups")
	listen := freeAddress(t)
	for k, v := range map[string]string{"LISTEN": "127.0.0.1:0", "ADMIN_LISTEN": listen, "DATA_DIR": filepath.Join(p.dir, "data"), "BACKUP_DIR": folder, "BACKUP_AT": "02:30"} {
		p.env[k] = v
	}
	p.start("serve", "--demo")
	t.Cleanup(p.end)
	p.call("GET", "/feed", "", nil)
	admin = "http://" + listen
	p.eventually("a message that was sent and a backup that was made", 60*time.Second, func() bool {
		page := got(t, admin+"/metrics")
		return strings.Contains(page, "zhibu_push_sends_total{") && regexp.MustCompile(`zhibu_backup_last_timestamp_seconds [1-9]`).MatchString(page)
	})
	return p, admin
}

// got is the body of a good answer, empty while there is none.
func got(t *testing.T, address string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return ""
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		return ""
	}
	return string(b)
}

// expression is one that the dashboard or a rule asks for.
type expression struct{ where, text string }

// expressions are all of them.
func expressions(t *testing.T) (all []expression) {
	t.Helper()
	var board map[string]any
	if err := json.Unmarshal([]byte(read(t, "deploy/grafana/zhibu.json")), &board); err != nil {
		t.Fatal(err)
	}
	for _, panel := range object(board).list("panels") {
		for _, target := range panel.list("targets") {
			all = append(all, expression{"panel " + panel.text("title"), target.text("expr")})
		}
	}
	for _, group := range yamlOf(t, "deploy/prometheus/rules.yml")[0].list("groups") {
		for _, rule := range group.list("rules") {
			all = append(all, expression{"alert " + rule.text("alert"), rule.text("expr")})
		}
	}
	return all
}

var (
	figureLine = regexp.MustCompile(`(?m)^([a-z_]+)(?:\{(.*)\})? [-+0-9.eNaInf]+$`)
	figureName = regexp.MustCompile(`\b((?:zhibu|go|process)_[a-z_]+)(?:\{([^}]*)\})?`)
	labelName  = regexp.MustCompile(`([a-z_]+)(?:=|!=|=~|!~)"`)
	byLabels   = regexp.MustCompile(`\bby \(([^)]*)\)`)
)

// TestDeployFiguresExist: whatever the dashboard and the rules ask for is told by a running program, under that name and with those labels.
func TestDeployFiguresExist(t *testing.T) {
	t.Parallel()
	_, admin := watched(t)
	have, labels := map[string]map[string]bool{}, map[string]bool{"job": true, "instance": true, "le": true}
	for _, m := range figureLine.FindAllStringSubmatch(got(t, admin+"/metrics"), -1) {
		if have[m[1]] == nil {
			have[m[1]] = map[string]bool{"job": true, "instance": true}
		}
		for _, l := range labelName.FindAllStringSubmatch(m[2], -1) {
			have[m[1]][l[1]], labels[l[1]] = true, true
		}
	}
	faults := func(all []expression) (out []string) {
		for _, e := range all {
			for _, m := range figureName.FindAllStringSubmatch(e.text, -1) {
				if have[m[1]] == nil {
					out = append(out, fmt.Sprintf("%s asks for %s, which the program does not tell", e.where, m[1]))
					continue
				}
				for _, l := range labelName.FindAllStringSubmatch(m[2], -1) {
					if !have[m[1]][l[1]] {
						out = append(out, fmt.Sprintf("%s asks for %s by %s, which it does not have", e.where, m[1], l[1]))
					}
				}
			}
			for _, m := range byLabels.FindAllStringSubmatch(e.text, -1) {
				for _, l := range strings.Split(m[1], ",") {
					if !labels[strings.TrimSpace(l)] {
						out = append(out, fmt.Sprintf("%s groups by %s, which nothing has", e.where, l))
					}
				}
			}
		}
		return out
	}
	all := expressions(t)
	for _, f := range faults(all) {
		t.Error(f)
	}
	if len(all) < 50 {
		t.Errorf("only %d expressions were found", len(all))
	}
	if planted := faults([]expression{{"", "zhibu_invented_total"}, {"", `zhibu_ready{colour="red"}`}, {"", "sum by (colour) (zhibu_ready)"}}); len(planted) != 3 {
		t.Errorf("planted faults: %q", planted)
	}
}

// TestDeployPrometheus starts the real Prometheus with the rules. It scrapes the running program, takes every rule without a fault, and understands
// every question of the dashboard; no alert rings about a program that is well.
func TestDeployPrometheus(t *testing.T) {
	t.Parallel()
	promtool, prometheus := tool(t, "promtool"), tool(t, "prometheus")
	tried(t, promtool, "check", "rules", "deploy/prometheus/rules.yml")
	tried(t, promtool, "check", "config", "deploy/prometheus/prometheus.yml")
	_, admin := watched(t)
	dir := t.TempDir()
	conf := strings.ReplaceAll(read(t, "deploy/prometheus/prometheus.yml"), "15s", "1s")
	conf = regexp.MustCompile(`targets: \[.*\]`).ReplaceAllString(conf, `targets: ["`+strings.TrimPrefix(admin, "http://")+`"]`)
	rules := regexp.MustCompile(`(?m)^ +for: .*\n`).ReplaceAllString(read(t, "deploy/prometheus/rules.yml"), "") // at once, so that what would ring does
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "prometheus.yml"), []byte(conf), 0o600), os.WriteFile(filepath.Join(dir, "rules.yml"), []byte(rules), 0o600)); err != nil {
		t.Fatal(err)
	}
	base := prometheusAt(t, prometheus, dir)
	ask := func(path string) object {
		var v map[string]any
		if err := json.Unmarshal([]byte(got(t, base+path)), &v); err != nil {
			return object{}
		}
		return v
	}
	p := &program{t: t}
	p.eventually("figures of several moments", 60*time.Second, func() bool {
		return ask("/api/v1/query?query="+url.QueryEscape(`count_over_time(up{job="zhibu"}[1m])`)).text("data", "result", 0, "value", 1) >= "5" && ask("/api/v1/query?query=up").text("data", "result", 0, "value", 1) == "1"
	})
	for _, e := range expressions(t) {
		text := strings.NewReplacer("$__rate_interval", "1m", "$instance", ".*").Replace(e.text)
		if answer := ask("/api/v1/query?query=" + url.QueryEscape(text)); answer.text("status") != "success" {
			t.Errorf("%s: Prometheus does not understand %s", e.where, text)
		}
	}
	for _, text := range []string{"max(zhibu_push_oldest_due_seconds)", "sum(zhibu_requests_total)", "sum(zhibu_wechat_calls_total)", "time() - max(zhibu_backup_last_timestamp_seconds) < 120", `zhibu_ready{check="database"} == 1`, "sum(zhibu_database_connections_max)"} {
		if answer := ask("/api/v1/query?query=" + url.QueryEscape(text)); len(answer.list("data", "result")) == 0 {
			t.Errorf("%s has no answer", text)
		}
	}
	for _, group := range dict(ask("/api/v1/rules")["data"]).list("groups") {
		for _, rule := range group.list("rules") {
			// What the demonstration's own life brings, WeChat's stand-in refusing some, is not held against it.
			quiet := slices.Contains([]string{"ZhibuSendsRefused", "ZhibuQuotaLow", "ZhibuSlow", "ZhibuMemory"}, rule.text("name"))
			if rule.text("health") != "ok" || rule.text("state") == "firing" && !quiet {
				t.Errorf("%s: %s %s %s", rule.text("name"), rule.text("health"), rule.text("lastError"), rule.text("state"))
			}
		}
	}
}

// prometheusAt starts Prometheus on a free port and ends it with the test.
func prometheusAt(t *testing.T, path, dir string) string {
	t.Helper()
	listen := freeAddress(t)
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, path, "--config.file="+filepath.Join(dir, "prometheus.yml"), "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+listen)
	said, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	book := &logBook{}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for lines := bufio.NewScanner(said); lines.Scan(); {
			_, _ = io.WriteString(book, lines.Text()+"\n")
		}
	}()
	t.Cleanup(func() {
		stop()
		<-read
		_ = cmd.Wait() // it was killed
		if t.Failed() {
			t.Logf("Prometheus said:\n%s", book)
		}
	})
	return "http://" + listen
}
