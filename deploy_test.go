package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"

	"zhibu/config"
)

// settings are the names of all settings, as the program itself asks for them.
func settings() map[string]bool {
	asked := map[string]bool{}
	_, _ = config.Load(func(name string) string { // nothing is set, so nothing can be wrong
		asked[name] = true
		return ""
	})
	return asked
}

// understands reports whether the program knows a command line.
func understands(args []string) error {
	parser, err := kong.New(&commands{}, kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) {}))
	if err == nil {
		_, err = parser.Parse(args)
	}
	return err
}

// read gives a file of this folder.
func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.FromSlash(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// yamlOf reads all of a YAML file.
func yamlOf(t *testing.T, name string) (all []object) {
	t.Helper()
	for _, text := range strings.Split(read(t, name), "\n---\n") {
		var v map[string]any
		if err := yaml.Unmarshal([]byte(text), &v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, v)
	}
	return all
}

// words are a list of a document.
func words(v any) (out []string) {
	list, _ := v.([]any)
	for _, w := range list {
		out = append(out, fmt.Sprint(w))
	}
	return out
}

func dict(v any) object {
	m, _ := v.(map[string]any)
	return m
}

var settingName = regexp.MustCompile(`\bZHIBU_[A-Z0-9_]+\b`)

// own are names that compose.yaml, the tests and the tools have for themselves.
var own = []string{"ZHIBU_IMAGE"}

// Whatever the files for running it and the page about it call a setting is one, and the page knows them all.
func TestDeploySettingsExist(t *testing.T) {
	known := settings()
	files := []string{"Dockerfile", "docs/operations.md", "README.md", "README.zh-CN.md"}
	err := filepath.WalkDir("deploy", func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(path) != ".go" && !strings.Contains(path, "secrets"+string(filepath.Separator)) {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for _, name := range settingName.FindAllString(read(t, file), -1) {
			if !known[name] && !slices.Contains(own, name) && !strings.HasSuffix(name, "_") {
				t.Errorf("%s speaks of %s, which the program does not know", file, name)
			}
		}
	}
	page := read(t, "docs/operations.md")
	_, table, found := strings.Cut(page, "## Settings")
	if !found {
		t.Fatal("docs/operations.md has no table of settings")
	}
	for name := range known {
		short := strings.TrimSuffix(name, "_FILE")
		if known[short] && short != name && name != "ZHIBU_SECRET_KEY_FILE" { // the table says once that these may stand in files
			continue
		}
		if !strings.Contains(table, "`"+name+"`") {
			t.Errorf("docs/operations.md does not list %s", name)
		}
	}
	if !known["ZHIBU_LISTEN"] || known["ZHIBU_NONSENSE"] {
		t.Error("the names of the settings were not found out")
	}
}

var (
	unitLine = regexp.MustCompile(`(?m)^Exec\w+=/usr/local/bin/zhibu(.*)$`)
	codeFold = regexp.MustCompile("(?s)```sh\n(.*?)```")
	typed    = regexp.MustCompile(`(?:^|[\s/;|('"])zhibu ((?:serve|migrate|admin|import|backup|restore|doctor|health|reindex|openapi|version)\b[^|;&>'"\n#)]*)`)
)

// Every command line in the files for running it, and every one that the pages tell people to type, is one that the program knows.
func TestDeployCommandsExist(t *testing.T) {
	var lines [][]string
	for name, s := range dict(yamlOf(t, "deploy/compose.yaml")[0]["services"]) {
		if strings.Contains(fmt.Sprint(dict(s)["image"]), "zhibu") {
			lines = append(lines, words(dict(s)["command"]))
			if check := words(dict(s).at("healthcheck", "test")); len(check) > 2 && name != "migrate" {
				lines = append(lines, check[2:])
			}
		}
	}
	for _, o := range cluster(t) {
		for _, c := range containers(o) {
			lines = append(lines, words(c["args"]))
		}
	}
	units, err := filepath.Glob("deploy/systemd/*.service")
	if err != nil || len(units) < 4 {
		t.Fatalf("units: %v %v", units, err)
	}
	for _, unit := range units {
		found := unitLine.FindAllStringSubmatch(read(t, unit), -1)
		if len(found) == 0 {
			t.Errorf("%s starts nothing", unit)
		}
		for _, m := range found {
			lines = append(lines, strings.Fields(m[1]))
		}
	}
	for _, page := range []string{"README.md", "README.zh-CN.md", "docs/operations.md"} {
		for _, fold := range codeFold.FindAllStringSubmatch(read(t, page), -1) {
			for _, m := range typed.FindAllStringSubmatch(fold[1], -1) {
				lines = append(lines, strings.Fields(m[1]))
			}
		}
	}
	for _, line := range lines {
		if err := understands(line); err != nil && !strings.Contains(err.Error(), "no such file") || len(line) == 0 {
			t.Errorf("zhibu %s: %v", strings.Join(line, " "), err)
		}
	}
	if len(lines) < 25 || understands([]string{"dance"}) == nil {
		t.Errorf("only %d command lines were found", len(lines))
	}
}

// cluster are all objects of the Kubernetes files.
func cluster(t *testing.T) (all []object) {
	t.Helper()
	list := yamlOf(t, "deploy/kubernetes/kustomization.yaml")[0]
	for _, name := range words(list["resources"]) {
		if name == "secret.yaml" {
			name = "secret.example.yaml"
		}
		all = append(all, yamlOf(t, "deploy/kubernetes/"+name)...)
	}
	files, err := filepath.Glob("deploy/kubernetes/*.yaml")
	if err != nil || len(files) != len(words(list["resources"]))+1 {
		t.Errorf("%d files, and the list has %d: %v", len(files), len(words(list["resources"])), err)
	}
	return all
}

// pod is the pods' part of an object that makes pods.
func pod(o object) object {
	for _, path := range [][]any{{"spec", "template"}, {"spec", "jobTemplate", "spec", "template"}} {
		if v := dict(o.at(path...)); v != nil {
			return v
		}
	}
	return nil
}

func containers(o object) []object { return pod(o).list("spec", "containers") }

func TestDeployKubernetes(t *testing.T) {
	objects := cluster(t)
	kinds, settingsOf := map[string]int{}, map[string]bool{}
	for _, o := range objects {
		kinds[o.text("kind")]++
		if k := o.text("kind"); k == "ConfigMap" || k == "Secret" {
			settingsOf[k] = true
			given := dict(o["data"])
			if k == "Secret" {
				given = dict(o["stringData"])
			}
			env := map[string]string{}
			for name, v := range given {
				env[name] = fmt.Sprint(v)
			}
			if _, err := config.Load(func(name string) string { return env[name] }); err != nil && !strings.Contains(err.Error(), "_SECRET: is missing") {
				t.Errorf("%s: %v", k, err)
			}
		}
	}
	for kind, n := range map[string]int{"Deployment": 2, "Service": 1, "Ingress": 1, "ConfigMap": 1, "Secret": 1, "PodDisruptionBudget": 2, "HorizontalPodAutoscaler": 1, "Job": 1, "CronJob": 1, "NetworkPolicy": 1} {
		if kinds[kind] != n {
			t.Errorf("%d of %s, want %d", kinds[kind], kind, n)
		}
	}
	drain := 0
	for _, o := range objects {
		if o.text("kind") == "ConfigMap" {
			drain, _ = strconv.Atoi(o.text("data", "ZHIBU_DRAIN_SECONDS"))
		}
	}
	for _, o := range objects {
		name := o.text("kind") + " " + o.text("metadata", "name")
		for _, c := range containers(o) {
			holdPod(t, name, o, c)
			if o.text("kind") != "Deployment" {
				continue
			}
			grace, _ := pod(o).at("spec", "terminationGracePeriodSeconds").(uint64)
			sleep, _ := c.at("lifecycle", "preStop", "sleep", "seconds").(uint64)
			if least := time.Duration(sleep)*time.Second + stopWithin; time.Duration(grace)*time.Second <= least || drain == 0 {
				t.Errorf("%s has %d s to end, and needs more than %s (drain %d s)", name, grace, least, drain)
			}
			for _, probe := range []string{"startupProbe", "livenessProbe", "readinessProbe"} {
				path, port := c.text(probe, "httpGet", "path"), c.text(probe, "httpGet", "port")
				if want := map[bool]string{true: "/readyz", false: "/healthz"}[probe == "readinessProbe"]; path != want || port != "http" {
					t.Errorf("%s: %s asks %s at %s", name, probe, path, port)
				}
			}
		}
	}
}

// holdPod holds what each container of ours must have.
func holdPod(t *testing.T, name string, o, c object) {
	t.Helper()
	selector, labels := dict(o.at("spec", "selector", "matchLabels")), dict(pod(o).at("metadata", "labels"))
	for k, v := range selector {
		if labels[k] != v {
			t.Errorf("%s selects %s=%v, and its pods have %v", name, k, v, labels)
		}
	}
	if c.text("image") != "zhibu" || c.at("securityContext", "readOnlyRootFilesystem") != true || pod(o).at("spec", "securityContext", "runAsNonRoot") != true || c.text("resources", "limits", "memory") == "" {
		t.Errorf("%s: image, limits or what it may do: %v", name, c)
	}
	mounted := map[string]bool{}
	for _, m := range c.list("volumeMounts") {
		mounted[m.text("mountPath")] = true
	}
	if !mounted["/data"] {
		t.Errorf("%s has no folder for its data", name)
	}
	var sources []string
	for _, from := range c.list("envFrom") {
		sources = append(sources, from.text("configMapRef", "name")+from.text("secretRef", "name"))
	}
	if !slices.Equal(sources, []string{"zhibu", "zhibu"}) {
		t.Errorf("%s takes its settings from %v", name, sources)
	}
}

// The addresses and times of the files fit each other: nginx, compose.yaml and the program's own.
func TestDeployCompose(t *testing.T) {
	doc := yamlOf(t, "deploy/compose.yaml")[0]
	services := dict(doc["services"])
	for _, name := range []string{"mysql", "redis", "migrate", "api-1", "api-2", "worker", "nginx"} {
		if services[name] == nil {
			t.Fatalf("there is no %s", name)
		}
	}
	upstream := read(t, "deploy/nginx/upstream.conf")
	proxy := dict(services["nginx"]).text("networks", "front", "ipv4_address")
	for name, v := range services {
		s := dict(v)
		for on := range dict(s["depends_on"]) {
			if services[on] == nil {
				t.Errorf("%s waits for %s, which is not there", name, on)
			}
		}
		for _, secret := range words(s["secrets"]) {
			if dict(doc["secrets"])[secret] == nil || !strings.Contains(read(t, "deploy/secrets.sh"), secret) {
				t.Errorf("%s has the secret %s, which nobody makes", name, secret)
			}
		}
		if name != "migrate" && s["healthcheck"] == nil && len(words(s["profiles"])) == 0 {
			t.Errorf("%s has no check of its health", name)
		}
		if !strings.Contains(s.text("image"), "zhibu") {
			continue
		}
		env := map[string]string{}
		for k, v := range dict(s["environment"]) {
			env[k] = fmt.Sprint(v)
		}
		for k := range env {
			if !strings.HasPrefix(k, "ZHIBU_") && k != "GOMEMLIMIT" {
				t.Errorf("%s sets %s", name, k)
			}
		}
		holdService(t, name, s, env, proxy, upstream)
	}
}

// holdService holds the settings that one of our services gets: they must be taken, and fit what stands around it.
func holdService(t *testing.T, name string, s object, env map[string]string, proxy, upstream string) {
	t.Helper()
	dir := t.TempDir()
	for k, v := range env {
		if strings.HasPrefix(v, "/run/secrets/") { // as secrets.sh makes them
			file := filepath.Join(dir, filepath.Base(v))
			content := strings.Repeat("ab", 32)
			if strings.HasSuffix(v, "database_url") {
				content = "mysql://zhibu:" + content + "@mysql:3306/zhibu"
			}
			if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			env[k] = file
		}
	}
	cfg, err := config.Load(func(k string) string { return env[k] })
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	if secret, err := cfg.Secret(); err != nil || len(secret) != 64 {
		t.Errorf("%s: the secret key: %v", name, err)
	}
	grace, err := time.ParseDuration(s.text("stop_grace_period"))
	if err != nil || grace <= stopWithin || cfg.Drain == 0 || cfg.Drain >= stopWithin {
		t.Errorf("%s is given %s to stop, drains for %s and takes up to %s", name, grace, cfg.Drain, stopWithin)
	}
	if !slices.Equal(cfg.Proxies, []string{proxy}) {
		t.Errorf("%s believes %v, nginx is %s", name, cfg.Proxies, proxy)
	}
	if config.Loopback(cfg.Listen) || config.Loopback(cfg.AdminListen) || s["ports"] != nil {
		t.Errorf("%s listens at %s and %s and publishes %v", name, cfg.Listen, cfg.AdminListen, s["ports"])
	}
	if _, port, err := net.SplitHostPort(cfg.Listen); cfg.Role == config.RoleAPI && (err != nil || !strings.Contains(upstream, s.text("networks", "front", "ipv4_address")+":"+port)) {
		t.Errorf("nginx does not know %s", name)
	}
	if cfg.Role == config.RoleWorker && (cfg.Backup.At == "" || cfg.Backup.Key == "") {
		t.Errorf("the worker makes no encrypted backup: %+v", cfg.Backup)
	}
}

// What nginx lets through and what the program takes fit: a body that the program would take never fails before it.
func TestDeployNginxFitsTheProgram(t *testing.T) {
	conf := read(t, "deploy/nginx/zhibu.conf")
	m := regexp.MustCompile(`(?m)^client_max_body_size (\d+)m;`).FindStringSubmatch(conf)
	if m == nil {
		t.Fatal("nginx has no limit of bodies")
	}
	cfg, err := config.Load(func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	if n, err := strconv.ParseInt(m[1], 10, 64); err != nil || n<<20 < cfg.MaxUpload+1<<20 {
		t.Errorf("nginx lets %s MB through, the program takes %d", m[1], cfg.MaxUpload>>20)
	}
	for _, line := range []string{"proxy_set_header X-Forwarded-For $remote_addr;", "proxy_set_header X-Forwarded-Proto $scheme;", "proxy_set_header X-Request-Id $request_id;"} {
		if !strings.Contains(conf, line) {
			t.Errorf("nginx does not say %q", line)
		}
	}
	for _, upstream := range []string{"upstream.conf", "upstream.host.conf"} {
		m := regexp.MustCompile(`keepalive_timeout (\d+)s;`).FindStringSubmatch(read(t, "deploy/nginx/"+upstream))
		if m == nil || m[1] >= "3" {
			t.Errorf("%s keeps idle connections longer than a server that stops does: %v", upstream, m)
		}
		for _, m := range regexp.MustCompile(`fail_timeout=(\d+)s`).FindAllStringSubmatch(read(t, "deploy/nginx/"+upstream), -1) {
			if m[1] >= "3" {
				t.Errorf("%s passes a server over for %s s: a restart in turn would find both passed over", upstream, m[1])
			}
		}
	}
}

// Whoever is woken by an alert finds on the page what to do about it.
func TestDeployAlertsAreExplained(t *testing.T) {
	page := read(t, "docs/operations.md")
	alerts := regexp.MustCompile(`(?m)^ +- alert: (\w+)$`).FindAllStringSubmatch(read(t, "deploy/prometheus/rules.yml"), -1)
	if len(alerts) < 15 {
		t.Fatalf("%d alerts", len(alerts))
	}
	for _, a := range alerts {
		if !strings.Contains(page, "| "+a[1]+" |") {
			t.Errorf("docs/operations.md does not say what to do about %s", a[1])
		}
	}
}
