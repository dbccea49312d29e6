package config

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func load(pairs ...string) (Config, error) {
	env := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		env["ZHIBU_"+pairs[i]] = pairs[i+1]
	}
	return Load(func(k string) string { return env[k] })
}

func TestNothingIsNeededToStart(t *testing.T) {
	c, err := load()
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:8080" || c.AdminListen != "127.0.0.1:9090" || c.DataDir != "./data" || c.Role != RoleAll || !c.Limits || c.Senders != 200 ||
		c.Wechat.BaseURL != "https://api.weixin.qq.com" || !c.ClockStart.IsZero() {
		t.Errorf("defaults: %+v", c)
	}
}

func TestSettingsAreRead(t *testing.T) {
	c, err := load("LISTEN", "0.0.0.0:80", "LIMITS", "off", "CLOCK", "2026-11-23T19:00:00+08:00", "PUBLIC_URL", "https://zhibu.example.org/",
		"WECHAT_MINIPROGRAM_APPID", "wx1", "WECHAT_MINIPROGRAM_SECRET", "s", "WECHAT_TEMPLATES", `{"meeting":{"id":"T1","fields":{"topic":"thing1"}}}`)
	if err != nil {
		t.Fatal(err)
	}
	if c.Limits || !c.ClockStart.Equal(time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)) || c.PublicURL != "https://zhibu.example.org" || c.Wechat.MiniProgram.AppID != "wx1" {
		t.Errorf("read: %+v", c)
	}
	if m := c.Wechat.Templates["meeting"]; m.ID != "T1" || m.Kind != "one_time" || m.Fields["topic"] != "thing1" {
		t.Errorf("template: %+v", m)
	}
}

func TestVerifyFiles(t *testing.T) {
	c, err := load("WECHAT_VERIFY_FILES", "MP_verify_AbCd.txt=AbCd, x1.txt=0a-b_c")
	if err != nil || len(c.Wechat.VerifyFiles) != 2 || c.Wechat.VerifyFiles["MP_verify_AbCd.txt"] != "AbCd" || c.Wechat.VerifyFiles["x1.txt"] != "0a-b_c" {
		t.Errorf("%v, %v", c.Wechat.VerifyFiles, err)
	}
	for _, bad := range []string{"a.txt", "a.html=b", "../a.txt=b", "m/a.txt=b", "a.txt=<b>", "a.txt=", "robots.txt=a", "a.txt=b,c"} {
		if _, err := load("WECHAT_VERIFY_FILES", bad); err == nil || !strings.Contains(err.Error(), "ZHIBU_WECHAT_VERIFY_FILES:") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestAllProblemsAreNamedAtOnce(t *testing.T) {
	faulty := []string{
		"LISTEN", "8080", "ROLE", "boss", "LIMITS", "maybe", "CLOCK", "tomorrow", "PUBLIC_URL", "zhibu.example.org", "SECRET_KEY", "short", "DATABASE_URL", "postgres://x",
		"DATABASE_REPLICA_URL", "mysql://u:hush@db/zhibu", "BLOB_URL", "s3://key:hush@/bucket", "PUSH_IN_FLIGHT", "9999", "WECHAT_MINIPROGRAM_APPID", "wx1", "WECHAT_OFFICIAL_AES_KEY", "abc", "WECHAT_TEMPLATES", `{"meeting":{"kind":"forever"}}`,
		"WECHAT_VERIFY_FILES", "robots.txt=x",
	}
	_, err := load(faulty...)
	if err == nil {
		t.Fatal("faulty settings were taken")
	}
	if strings.Contains(err.Error(), "hush") {
		t.Errorf("the secret of the attachments' store is told: %v", err)
	}
	for _, name := range []string{"DATABASE_REPLICA_URL", "BLOB_URL", "LISTEN", "ROLE", "LIMITS", "CLOCK", "PUBLIC_URL", "SECRET_KEY", "DATABASE_URL", "PUSH_IN_FLIGHT", "WECHAT_MINIPROGRAM_SECRET", "WECHAT_OFFICIAL_AES_KEY", "WECHAT_OFFICIAL_TOKEN", "WECHAT_TEMPLATES", "WECHAT_VERIFY_FILES"} {
		if !strings.Contains(err.Error(), "ZHIBU_"+name+":") {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
}

func TestSecretsMayStandInFiles(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	c, err := load("DATABASE_URL_FILE", file("db", "mysql://zhibu:hush@db:3306/zhibu\n"), "WECHAT_MINIPROGRAM_APPID", "wx1", "WECHAT_MINIPROGRAM_SECRET_FILE", file("wx", " s \n"),
		"WECHAT_TEMPLATES_FILE", file("templates", `{"meeting":{"id":"T1","fields":{"topic":"thing1"}}}`), "BACKUP_KEY_FILE", file("key", strings.Repeat("k", 44)))
	if err != nil || c.DatabaseURL != "mysql://zhibu:hush@db:3306/zhibu" || c.Wechat.MiniProgram.Secret != "s" || c.Wechat.Templates["meeting"].ID != "T1" || len(c.Backup.Key) != 44 {
		t.Errorf("read from files: %+v, %v", c, err)
	}
	for what, pairs := range map[string][]string{
		"missing": {"REDIS_URL_FILE", filepath.Join(dir, "none")}, "empty": {"REDIS_URL_FILE", file("empty", "\n")}, "twice": {"REDIS_URL_FILE", file("r", "redis://a"), "REDIS_URL", "redis://b"},
	} {
		if _, err := load(pairs...); err == nil || !strings.Contains(err.Error(), "ZHIBU_REDIS_URL_FILE:") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestProxiesAndBackups(t *testing.T) {
	c, err := load()
	if err != nil || strings.Join(c.Proxies, " ") != "127.0.0.1 ::1" || c.Backup != (Backup{Keep: 14}) {
		t.Errorf("defaults: %v %+v %v", c.Proxies, c.Backup, err)
	}
	if c, err = load("TRUSTED_PROXIES", "10.1.0.0/16, 192.0.2.7", "BACKUP_DIR", "/backup", "BACKUP_AT", "02:30"); err != nil || strings.Join(c.Proxies, " ") != "10.1.0.0/16 192.0.2.7" || c.Backup.At != "02:30" {
		t.Errorf("%v %+v %v", c.Proxies, c.Backup, err)
	}
	for name, pairs := range map[string][]string{
		"TRUSTED_PROXIES": {"TRUSTED_PROXIES", "nginx"}, "BACKUP_AT": {"BACKUP_DIR", "/b", "BACKUP_AT", "2:30"}, "BACKUP_DIR": {"BACKUP_AT", "02:30"}, "BACKUP_KEY": {"BACKUP_KEY", "short"},
	} {
		if _, err := load(pairs...); err == nil || !strings.Contains(err.Error(), "ZHIBU_"+name+":") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSecretIsMadeOnceAndKept(t *testing.T) {
	c := Config{DataDir: filepath.Join(t.TempDir(), "data")}
	keys := make([]string, 8)
	var wg sync.WaitGroup
	for i := range keys { // several programs start at once on an empty directory
		wg.Go(func() {
			var err error
			if keys[i], err = c.Secret(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, k := range keys {
		if len(k) < 32 || k != keys[0] {
			t.Fatalf("keys differ: %q", keys)
		}
	}
	info, err := os.Stat(filepath.Join(c.DataDir, "secret.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v %v", info, err)
	}
	rest, err := os.ReadDir(c.DataDir)
	if err != nil || len(rest) != 1 {
		t.Errorf("left behind: %v %v", rest, err)
	}
}

func TestSecretFromSettings(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (Config{SecretKeyFile: file}).Secret(); err == nil {
		t.Error("a short key was taken")
	}
	if _, err := (Config{SecretKeyFile: file + "x"}).Secret(); err == nil {
		t.Error("a missing file was taken, or made")
	}
	if k, err := (Config{SecretKey: "from the settings", SecretKeyFile: file}).Secret(); err != nil || k != "from the settings" {
		t.Errorf("%q %v", k, err)
	}
}

func TestLoopback(t *testing.T) {
	for addr, want := range map[string]bool{"127.0.0.1:80": true, "localhost:80": true, "[::1]:80": true, "0.0.0.0:80": false, ":80": false, "10.0.0.1:80": false, "x": false} {
		if Loopback(addr) != want {
			t.Errorf("Loopback(%q) = %v", addr, !want)
		}
	}
}
