package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zhibu/config"
	"zhibu/model/store"
	"zhibu/model/store/storetest"
)

// TestDoctorFindsWhatIsWrong breaks one thing at a time. Each has its name, the way to mend it, and an end that a script can see.
func TestDoctorFindsWhatIsWrong(t *testing.T) {
	p := boot(t, "", map[string]string{"SECRET_KEY": ""})
	folder := filepath.Join(p.dir, "backups")
	file := filepath.Join(p.dir, "a file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.env["BACKUP_DIR"], p.env["BACKUP_KEY"] = folder, "s6f1rQ0w8bXn5kZc3LhT9vYpE2mAa7UdGjRo4HiKxWe="
	p.command("", "backup")
	if said := p.command("", "doctor"); strings.Contains(said, "[问题]") || !strings.Contains(said, "[正常] 备份") || !strings.Contains(said, "[完成]") {
		t.Fatalf("a good installation: %s", said)
	}
	old := t.TempDir()
	if err := os.WriteFile(filepath.Join(old, "zhibu-20200101-023000.zip.enc"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	elsewhere := httptest.NewServer(http.NotFoundHandler())
	defer elsewhere.Close()
	secure := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer secure.Close()
	secret, err := os.ReadFile(filepath.Join(p.env["DATA_DIR"], "secret.key"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what, name, value, mark, want, mend string
		good                                bool
	}{
		{"a setting that is none", "ROLE", "boss", "问题", "设置", "环境变量", false},
		{"no backup yet", "BACKUP_DIR", filepath.Join(p.dir, "none"), "问题", "备份", "zhibu backup", false},
		{"an old backup", "BACKUP_DIR", old, "问题", "备份", "zhibu backup", false},
		{"a folder that is a file", "BACKUP_DIR", file, "问题", "备份目录", "ZHIBU_BACKUP_DIR", false},
		{"an open backup", "BACKUP_KEY", "", "提示", "备份未加密", "ZHIBU_BACKUP_KEY", true},
		{"one key for both", "BACKUP_KEY", strings.TrimSpace(string(secret)), "问题", "备份密钥", "openssl", false},
		{"a key out of an example", "SECRET_KEY", "replace-with-the-output-of-openssl-rand", "提示", "密钥强度", "openssl", true},
		{"a key that is one letter", "BACKUP_KEY", strings.Repeat("a", 40), "提示", "备份密钥", "openssl", true},
		{"somebody else's address", "PUBLIC_URL", elsewhere.URL, "问题", "公网地址", "nginx", false},
		{"a certificate of nobody's", "PUBLIC_URL", secure.URL, "问题", "公网地址", "证书", false},
		{"our own address, open", "PUBLIC_URL", p.base, "提示", "公网地址", "https", true},
		{"a database that is away", "DATABASE_URL", "mysql://zhibu:hush@127.0.0.1:1/zhibu", "问题", "数据库连接", "ZHIBU_DATABASE_URL", false},
		{"a Redis that is away", "REDIS_URL", "redis://127.0.0.1:1", "问题", "Redis", "ZHIBU_REDIS_URL", false},
	} {
		before, had := p.env[c.name]
		p.env[c.name] = c.value
		var out bytes.Buffer
		err := run(t.Context(), []string{"doctor"}, p.getenv, strings.NewReader(""), &out, p.log)
		if p.env[c.name] = before; !had {
			delete(p.env, c.name)
		}
		said := out.String()
		_, after, found := strings.Cut(said, "["+c.mark+"] "+c.want)
		if (err == nil) != c.good || !found || !strings.Contains(after, c.mend) || strings.Contains(said, "hush") {
			t.Errorf("%s: %v\n%s", c.what, err, said)
		}
	}
}

// The server of the database is looked at, too.
func TestDoctorLooksAtTheServer(t *testing.T) {
	ctx := context.Background()
	clock := newClock(time.Time{})
	s, err := openStore(ctx, config.Config{DatabaseURL: storetest.MariaDBURL(t)}, clock)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	look := func(at time.Duration) (string, int) {
		var out bytes.Buffer
		d := &doctor{out: &out}
		d.server(ctx, s, func() time.Time { return clock().Add(at) }, config.Config{})
		return out.String(), d.broken
	}
	if said, broken := look(0); broken != 0 || !strings.Contains(said, "[正常] 时钟") {
		t.Errorf("a good server: %s", said)
	}
	for _, skew := range []time.Duration{time.Minute, -time.Minute} {
		if said, broken := look(skew); broken != 1 || !strings.Contains(said, "[问题] 时钟：本机与数据库相差 1m") || !strings.Contains(said, "时间同步") {
			t.Errorf("a clock that is wrong by %s: %s", skew, said)
		}
	}
	for version, old := range map[string]bool{"10.5.9-MariaDB": true, "10.6.1-MariaDB-1": false, "11.4.2-MariaDB": false, "5.7.44-log": true, "8.0.36": false, "8.4.0": false, "8.0.11-TiDB-v7.5.1": false} {
		if (tooOld(version) != "") != old {
			t.Errorf("%s: %q", version, tooOld(version))
		}
	}
	if f, err := s.Facts(ctx); err != nil || s.Dialect() != store.MySQL || f.ReadOnly || len(f.OddTables) != 0 {
		t.Errorf("the facts are %+v, %v", f, errors.Join(err))
	}
}

// A command that waits until the program is ready is what a unit of systemd and a rolling restart need.
func TestHealthWaits(t *testing.T) {
	p := boot(t, "", nil)
	p.env["LISTEN"] = strings.TrimPrefix(p.base, "http://")
	p.command("", "health")
	p.command("", "health", "--ready")
	p.command("", "health", "--wait", "5s")
	p.end()
	began := time.Now()
	if p.fails("health", "--wait", "300ms"); time.Since(began) > 3*time.Second || time.Since(began) < 250*time.Millisecond {
		t.Errorf("it waited for %s", time.Since(began))
	}
}
