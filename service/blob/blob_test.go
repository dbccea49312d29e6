package blob_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zhibu/model"
	"zhibu/service/blob"
)

func openFolder(t *testing.T) (*blob.Folder, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "files")
	f, err := blob.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f, dir
}

// kept lists every file below dir.
func kept(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	if err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, name)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestPutOpenDelete(t *testing.T) {
	f, dir := openFolder(t)
	ctx := context.Background()
	if err := f.Put(ctx, "abcd-1", strings.NewReader("hello"), 5); err != nil {
		t.Fatal(err)
	}
	if got := kept(t, dir); len(got) != 1 || got[0] != filepath.Join(dir, "ab", "abcd-1") {
		t.Errorf("kept %v", got)
	}
	r, err := f.Open(ctx, "abcd-1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Seek(1, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(r); err != nil || string(b) != "ello" {
		t.Errorf("read %q %v", b, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := f.Delete(ctx, "abcd-1"); err != nil {
			t.Error(err)
		}
	}
	if _, err := f.Open(ctx, "abcd-1"); !model.IsNotFound(err) {
		t.Errorf("what was deleted: %v", err)
	}
}

func TestNothingLeadsOutOfTheFolder(t *testing.T) {
	f, dir := openFolder(t)
	ctx := context.Background()
	for _, key := range []string{"", "a", "../x", "../../etc/passwd", "ab/../../x", "/etc/passwd", "ab\x00cd", "ABCD", ".hidden", strings.Repeat("a", 200)} {
		if err := f.Put(ctx, key, strings.NewReader("x"), 1); model.CodeOf(err) != model.CodeInternal {
			t.Errorf("put %q: %v", key, err)
		}
		if _, err := f.Open(ctx, key); err == nil {
			t.Errorf("opened %q", key)
		}
		if err := f.Delete(ctx, key); err == nil {
			t.Errorf("deleted %q", key)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "..", "secret"), []byte("s"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "ab"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../../secret", filepath.Join(dir, "ab", "abcd")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Open(ctx, "abcd"); model.CodeOf(err) != model.CodeInternal {
		t.Errorf("followed a link out of the folder: %v", err)
	}
}

type breaking struct{ left int }

var errBreak = errors.New("the line broke")

func (b *breaking) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, errBreak
	}
	n := min(len(p), b.left)
	b.left -= n
	return n, nil
}

func TestHalfAFileIsNeverKept(t *testing.T) {
	f, dir := openFolder(t)
	stopped, stop := context.WithCancel(context.Background())
	stop()
	for name, put := range map[string]func() error{
		"broken":    func() error { return f.Put(context.Background(), "abcd", &breaking{1 << 20}, 2<<20) },
		"short":     func() error { return f.Put(context.Background(), "abcd", strings.NewReader("x"), 2) },
		"long":      func() error { return f.Put(context.Background(), "abcd", strings.NewReader("xyz"), 2) },
		"cancelled": func() error { return f.Put(stopped, "abcd", strings.NewReader("x"), 1) },
	} {
		if err := put(); err == nil {
			t.Errorf("%s: kept", name)
		}
	}
	if got := kept(t, dir); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
}
