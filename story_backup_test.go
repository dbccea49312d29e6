package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zhibu/config"
	"zhibu/model/store/storetest"
	"zhibu/service/lockbox"
)

// fails runs a command that must fail, and returns what it says.
func (p *program) fails(args ...string) string {
	p.t.Helper()
	var out strings.Builder
	err := run(p.t.Context(), args, p.getenv, strings.NewReader(""), &out, p.log)
	if err == nil {
		p.t.Fatalf("zhibu %s did not fail: %s", strings.Join(args, " "), out.String())
	}
	return sentence(err)
}

// TestStoryBackup makes encrypted backups of a society that goes on working, loses the machine, and has everything back on another: people, words in
// every script, attachments byte for byte, the audit's chain.
func TestStoryBackup(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, env map[string]string) {
		folder := t.TempDir()
		settings := map[string]string{"BACKUP_DIR": folder, "BACKUP_KEY": "the key of the backups, kept somewhere else", "BACKUP_KEEP": "2"}
		for k, v := range env {
			settings[k] = v
		}
		p := boot(t, "2026-11-24T19:00:00+08:00", settings)
		r := p.found().readership()
		id := r.post(r.secretary.token, object{"org_id": r.branch, "category": "news", "title": "𠮷·“引号”\\反斜线\n🩺", "body_markdown": "制表\t与 NUL 之外的一切：'; -- %s ?", "visibility": "members"})
		up := r.upload("/uploads", r.secretary.token, "合影.png", widePicture(t))
		picture := r.must(200, "GET", up.text("url"), r.secretary.token, nil).raw
		article := r.must(200, "GET", "/articles/"+id, r.secretary.token, nil)

		if said := p.command("", "backup"); !strings.Contains(said, "核对无误") || !strings.Contains(said, "已加密") {
			t.Errorf("it says %s", said)
		}
		list, err := backupsIn(folder)
		if err != nil || len(list) != 1 || !strings.HasSuffix(list[0].path, ".zip.enc") {
			t.Fatalf("in the folder: %+v, %v", list, err)
		}
		file := list[0].path
		p.faultyBackups(t, file)
		if said := p.command("", "restore", "--check", file); !strings.Contains(said, "完整可用") || !strings.Contains(said, "附件 2 个") {
			t.Errorf("the check says %s", said)
		}
		if said := p.fails("restore", file); !strings.Contains(said, "不会覆盖") {
			t.Errorf("over what is there: %s", said)
		}
		p.end()

		p.env["DATA_DIR"] = filepath.Join(p.dir, "another machine")
		if env["DATABASE_URL"] != "" {
			if said := p.fails("restore", file); !strings.Contains(said, "不是空的") {
				t.Errorf("over a database that is there: %s", said)
			}
			p.env["DATABASE_URL"] = storetest.MariaDBURL(t)
		}
		p.command("", "restore", file)
		p.start("serve")
		if again := r.must(200, "GET", "/articles/"+id, r.secretary.token, nil); again.text("title") != article.text("title") || again.text("body_html") != article.text("body_html") || article.text("title") == "" {
			t.Errorf("the article came back as %s, it was %s", again.raw, article.raw)
		}
		if again := r.must(200, "GET", up.text("url"), r.secretary.token, nil).raw; !bytes.Equal(again, picture) {
			t.Errorf("the picture came back with %d bytes of %d", len(again), len(picture))
		}
		if v := r.must(200, "GET", "/audit/verify", r.password(), nil); v.at("ok") != true {
			t.Errorf("the audit: %s", v.raw)
		}
		r.post(r.secretary.token, object{"org_id": r.branch, "category": "news", "title": "恢复之后", "body_markdown": "照常发布。", "visibility": "members"})
		if left, err := filepath.Glob(filepath.Join(p.dir, "*", "zhibu-backup-*")); err != nil || len(left) > 0 {
			t.Errorf("left behind: %v %v", left, err)
		}
	})
}

// faultyBackups tries what a hand or a disk can do to a backup. Each has its own sentence, and nothing is restored.
func (p *program) faultyBackups(t *testing.T, file string) {
	t.Helper()
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(p.dir, "bad.zip.enc")
	try := func(what, want string, data []byte) {
		t.Helper()
		if err := os.WriteFile(bad, data, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"restore", "--check", bad}, {"restore", bad}} {
			if said := p.fails(args...); !strings.Contains(said, want) {
				t.Errorf("%s, %v: %s", what, args, said)
			}
		}
	}
	flipped := bytes.Clone(whole)
	flipped[len(flipped)/2] ^= 1
	try("cut in the middle", "文件不完整", whole[:len(whole)/2])
	try("one bit", "已损坏", flipped)
	try("another file", "不是 zhibu 的备份", []byte("a letter to somebody"))
	key := p.env["BACKUP_KEY"]
	p.env["BACKUP_KEY"] = "quite another key, though long enough"
	try("another key", "密钥不正确", whole)
	p.env["BACKUP_KEY"] = ""
	try("no key", "ZHIBU_BACKUP_KEY", whole)
	plain := filepath.Join(p.dir, "plain.zip")
	if said := p.command("", "backup", plain); !strings.Contains(said, "未加密") {
		t.Errorf("it says %s", said)
	}
	open, err := os.ReadFile(plain)
	if err != nil {
		t.Fatal(err)
	}
	try("an open one that is cut", "文件不完整", open[:len(open)-100])
	try("an open one with another byte", "已损坏", damaged(t, open))
	p.env["BACKUP_KEY"] = key
	if said := p.fails("backup", plain); !strings.Contains(said, "已存在") {
		t.Errorf("over a file that is there: %s", said)
	}
	locked, err := os.ReadFile(file)
	if err != nil || bytes.Contains(locked, []byte("SQLite format")) || bytes.Contains(locked, []byte(backupManifest)) {
		t.Errorf("the encrypted file can be read: %v", err)
	}
}

// damaged changes a byte of what the first entry of an archive holds.
func damaged(t *testing.T, archive []byte) []byte {
	t.Helper()
	out := bytes.Clone(archive)
	if binary.LittleEndian.Uint32(out) != 0x04034b50 {
		t.Fatal("this is no archive")
	}
	out[30+int(binary.LittleEndian.Uint16(out[26:]))+int(binary.LittleEndian.Uint16(out[28:]))+500] ^= 0x10
	return out
}

// A backup of the first programs, which said nothing of itself, is still restored.
func TestRestoreOfAFirstBackup(t *testing.T) {
	t.Parallel()
	p := boot(t, "", nil)
	p.org(p.admin(), "", "society", "学会党委")
	file := filepath.Join(p.dir, "new.zip")
	p.command("", "backup", file)
	p.end()
	old := filepath.Join(p.dir, "old.zip")
	z, err := zip.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range z.File {
		if f.Name != backupManifest {
			err = errors.Join(err, w.Copy(f))
		}
	}
	if err := errors.Join(err, w.Close(), z.Close(), os.WriteFile(old, b.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	p.env["DATA_DIR"] = filepath.Join(p.dir, "restored")
	p.command("", "restore", old)
	p.start("serve")
	token := p.must(200, "POST", "/auth/password", "", object{"username": "office", "password": "a long enough password"}).text("access_token")
	if got := p.must(200, "GET", "/orgs", token, nil); got.text("items", 0, "name") != "学会党委" {
		t.Errorf("restored: %s", got.raw)
	}
}

// The newest are kept, the oldest go, and files of other names are left alone; what a broken run has left goes once it is surely nobody's.
func TestForgettingBackups(t *testing.T) {
	dir, data := t.TempDir(), t.TempDir()
	now := time.Date(2026, 11, 24, 2, 30, 0, 0, time.UTC)
	for name, age := range map[string]time.Duration{
		"zhibu-20261121-023000.zip.enc": 72 * time.Hour, "zhibu-20261122-023000.zip.enc": 48 * time.Hour, "zhibu-20261123-023000.zip": 24 * time.Hour, "zhibu-20261124-023000.zip.enc": 0,
		"zhibu-20261120-023000.zip.enc.part": 96 * time.Hour, "zhibu-20261124-023001.zip.part": time.Minute, "before-the-upgrade.zip": 1000 * time.Hour, "zhibu-20261199-023000.zip": 0,
	} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(path, []byte("x"), 0o600), os.Chtimes(path, now.Add(-age), now.Add(-age))); err != nil {
			t.Fatal(err)
		}
	}
	left := filepath.Join(data, "zhibu-backup-123")
	if err := errors.Join(os.MkdirAll(left, 0o700), os.Chtimes(left, now.Add(-25*time.Hour), now.Add(-25*time.Hour)), os.WriteFile(filepath.Join(data, "zhibu.db"), nil, 0o600),
		os.Chtimes(filepath.Join(data, "zhibu.db"), now.Add(-99*time.Hour), now.Add(-99*time.Hour))); err != nil {
		t.Fatal(err)
	}
	cfg := config.Config{DataDir: data, Backup: config.Backup{Dir: dir, Keep: 2}}
	if err := forgetBackups(cfg, now); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range []string{dir, data} {
		entries, err := os.ReadDir(d)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			names = append(names, e.Name())
		}
	}
	if got, want := strings.Join(names, " "), "before-the-upgrade.zip zhibu-20261123-023000.zip zhibu-20261124-023000.zip.enc zhibu-20261124-023001.zip.part zhibu-20261199-023000.zip zhibu.db"; got != want {
		t.Errorf("left are %s", got)
	}
}

// The nightly backup is made by one of the workers, and its age stands among the figures.
func TestNightlyBackup(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "backups")
	p := boot(t, "", map[string]string{"BACKUP_DIR": folder, "BACKUP_AT": "02:30", "BACKUP_KEY": "the key of the backups, kept somewhere else"})
	var list []keptBackup
	p.eventually("the first backup", 10*time.Second, func() bool {
		list, _ = backupsIn(folder)
		return len(list) == 1
	})
	if len(list) != 1 {
		t.FailNow()
	}
	in, err := os.Open(list[0].path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	r, err := lockbox.Unlock(in, p.env["BACKUP_KEY"])
	if err == nil {
		_, err = io.Copy(io.Discard, r)
	}
	if err != nil {
		t.Errorf("the nightly backup: %v", err)
	}
}
