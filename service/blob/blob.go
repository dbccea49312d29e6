// Package blob keeps the bytes of files: in a folder of the data directory, or in a store that speaks S3.
package blob

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"syscall"
	"time"

	"zhibu/model"
)

// Store keeps bytes under keys of small letters, digits and hyphens. What was put is there after a crash; a key is written once.
type Store interface {
	// Put keeps size bytes under the key.
	Put(ctx context.Context, key string, r io.Reader, size int64) error
	// Open reads what is kept; a missing key is a not_found.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, error)
	// Delete forgets a key; a missing one is forgotten already.
	Delete(ctx context.Context, key string) error
	// Each calls f with every key that was put before the instant, and ends with f's error.
	Each(ctx context.Context, before time.Time, f func(key string) error) error
	// Close lets go of the store.
	Close() error
}

// Open opens the store of an address: one that begins with s3://, or the folder where the address is empty.
func Open(address, dir string) (Store, error) {
	if address == "" {
		return OpenFolder(dir)
	}
	return OpenS3(address)
}

// Try puts a few bytes, reads them back and deletes them, and tells what goes wrong.
func Try(ctx context.Context, s Store) (err error) {
	var random [12]byte
	if _, err := rand.Read(random[:]); err != nil {
		return failed(err)
	}
	text := hex.EncodeToString(random[:])
	key := "probe-" + text
	if err := s.Put(ctx, key, strings.NewReader(text), int64(len(text))); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Delete(ctx, key)) }()
	r, err := s.Open(ctx, key)
	if err != nil {
		return err
	}
	back, err := io.ReadAll(r)
	if err == nil && string(back) != text {
		err = failed(fmt.Errorf("%d bytes came back otherwise than they were put", len(text)))
	}
	return errors.Join(err, r.Close())
}

// Folder is a Store in a folder. No key leads out of it, whatever it is made of.
type Folder struct{ root *os.Root }

var _ Store = (*Folder)(nil)

// OpenFolder opens the folder, and makes it where it is missing.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder of files: %w", err)
	}
	return &Folder{root: root}, nil
}

// Close lets go of the folder.
func (f *Folder) Close() error { return f.root.Close() }

// draftMark begins the name of what is still being written.
const draftMark = ".part-"

var keyPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{3,127}$`)

// place spreads the files over folders by the beginning of their keys.
func place(key string) (dir, file string, err error) {
	if !keyPattern.MatchString(key) {
		return "", "", failed(fmt.Errorf("blob key %q", key))
	}
	return key[:2], path.Join(key[:2], key), nil
}

// Put writes beside the place and renames, so that no half of a file is ever found; file and folder are flushed to the disk.
func (f *Folder) Put(ctx context.Context, key string, r io.Reader, size int64) (err error) {
	dir, file, err := place(key)
	if err != nil {
		return err
	}
	if err := f.root.MkdirAll(dir, 0o700); err != nil {
		return failed(err)
	}
	var random [8]byte
	if _, err := rand.Read(random[:]); err != nil {
		return failed(err)
	}
	draft := path.Join(dir, draftMark+hex.EncodeToString(random[:]))
	defer func() {
		if err != nil {
			if left := f.root.Remove(draft); left != nil && !errors.Is(left, fs.ErrNotExist) {
				err = failed(errors.Join(err, left))
			}
		}
	}()
	if err := f.writeDraft(ctx, draft, r, size); err != nil {
		return failed(err)
	}
	if err := f.root.Rename(draft, file); err != nil {
		return failed(err)
	}
	return failed(f.sync(dir))
}

func (f *Folder) writeDraft(ctx context.Context, draft string, r io.Reader, size int64) error {
	w, err := f.root.OpenFile(draft, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	n, err := io.Copy(w, r)
	if err == nil && n != size {
		err = fmt.Errorf("%d bytes instead of %d: %w", n, size, io.ErrUnexpectedEOF)
	}
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = w.Sync()
	}
	return errors.Join(err, w.Close())
}

// sync makes a new name last.
func (f *Folder) sync(dir string) error {
	d, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Open reads what is kept under a key.
func (f *Folder) Open(_ context.Context, key string) (io.ReadSeekCloser, error) {
	_, file, err := place(key)
	if err != nil {
		return nil, err
	}
	r, err := f.root.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, model.NotFound("这个文件").Because(err)
	}
	if err != nil {
		return nil, failed(err)
	}
	return r, nil
}

// Delete forgets a key.
func (f *Folder) Delete(_ context.Context, key string) error {
	_, file, err := place(key)
	if err != nil {
		return err
	}
	if err := f.root.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return failed(err)
	}
	return nil
}

// Each walks the folder. Drafts that a crash left behind go as they are met.
func (f *Folder) Each(ctx context.Context, before time.Time, do func(key string) error) error {
	err := fs.WalkDir(f.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // deleted since its folder was read
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) || (err == nil && !info.ModTime().Before(before)) {
			return ctx.Err()
		}
		if err != nil {
			return err
		}
		if strings.HasPrefix(d.Name(), draftMark) {
			return f.root.Remove(name)
		}
		if !keyPattern.MatchString(d.Name()) {
			return nil
		}
		if err := do(d.Name()); err != nil {
			return err
		}
		return ctx.Err()
	})
	return failed(err)
}

// failed makes an error ours; a full disk may have room again later.
func failed(err error) error {
	var own *model.Error
	switch {
	case err == nil, errors.As(err, &own):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return model.Fail(model.CodeUnavailable, "文件暂时无法保存，请稍后再试。").Because(err)
	}
	return model.Fail(model.CodeInternal, "文件存取出错了，请稍后再试。").Because(err)
}
