package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zhibu/service/blob/s3test"
)

// TestStoryAttachmentsInABucket keeps attachments in a store that speaks S3 by one setting: they come and go as from the folder, and when the store is
// away nothing is half there.
func TestStoryAttachmentsInABucket(t *testing.T) {
	bucket := s3test.New(t, time.Now)
	p := boot(t, "2026-11-24T19:00:00+08:00", map[string]string{"BLOB_URL": bucket.Address(s3test.Secret)})
	r := p.found().readership()
	if said := p.command("", "doctor"); !strings.Contains(said, "[正常] 附件存储") {
		t.Errorf("the doctor says %s", said)
	}
	up := r.upload("/uploads", r.secretary.token, "合影.png", widePicture(t))
	if up.status != 201 || len(bucket.Names()) != 2 {
		t.Fatalf("%d %s, %v", up.status, up.raw, bucket.Names())
	}
	address := up.text("url")
	whole := r.must(200, "GET", address, r.secretary.token, nil)
	part := r.must(206, "GET", address, r.secretary.token, nil, "Range", "bytes=10-19")
	if string(part.raw) != string(whole.raw[10:20]) || whole.header.Get("ETag") != `"`+up.text("sha256")+`"` {
		t.Errorf("ten bytes are %q, the tag is %s", part.raw, whole.header.Get("ETag"))
	}
	r.must(304, "GET", address, r.secretary.token, nil, "If-None-Match", whole.header.Get("ETag"))
	if small := r.must(200, "GET", address+"&w=240", r.secretary.token, nil); len(small.raw) >= len(whole.raw) {
		t.Errorf("the small one has %d bytes", len(small.raw))
	}

	bucket.Set(s3test.Away)
	if out := r.upload("/uploads", r.secretary.token, "合影.png", widePicture(t)); out.status != 503 || out.text("code") != "unavailable" || out.header.Get("Retry-After") == "" || strings.Contains(string(out.raw), "SlowDown") {
		t.Errorf("while it is away: %d %s", out.status, out.raw)
	}
	r.refused(503, "unavailable", "GET", address, r.secretary.token, nil)
	bucket.Set("")
	if names := bucket.Names(); len(names) != 2 {
		t.Errorf("left behind: %v", names)
	}
	r.must(200, "GET", address, r.secretary.token, nil)
	if files, err := filepath.Glob(filepath.Join(p.env["DATA_DIR"], "files", "*")); err != nil || len(files) != 0 {
		t.Errorf("the folder holds %v (%v)", files, err)
	}
	if spooled, err := os.ReadDir(filepath.Join(p.env["DATA_DIR"], "spool")); err != nil || len(spooled) != 0 {
		t.Errorf("left where files come in: %v (%v)", spooled, err)
	}
}
