package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"zhibu/config"
	"zhibu/model/store"
)

type backupCommand struct {
	File string `arg:"" help:"The .zip to write; it must not exist."`
}

// What stands in a backup: the database, the attachments, and never the secret key, which is to be kept apart from it.
const (
	backupDatabase = "zhibu.db"
	attachments    = "files"
)

// Run writes the backup under another name first, so that a broken one never passes for whole.
func (c backupCommand) Run(w *world) (err error) {
	s, err := store.Open(w.ctx, w.cfg.DatabaseURL, w.cfg.DataDir, newClock(w.cfg.ClockStart))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if _, err := os.Stat(c.File); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is already there: choose another name", c.File)
	}
	if err := writeBackup(w.ctx, s, w.cfg, c.File+".part"); err != nil {
		return errors.Join(err, os.Remove(c.File+".part"))
	}
	if err := os.Rename(c.File+".part", c.File); err != nil {
		return err
	}
	elsewhere := ""
	if w.cfg.BlobURL != "" {
		elsewhere = "附件保存在对象存储中，不在此备份内，请用存储服务自己的办法备份。"
	}
	_, err = fmt.Fprintf(w.stdout, "备份已写入 %s。%s密钥（数据目录中的 secret.key）不在其中，请另行妥善保管：没有它，手机号无法解密。\n", c.File, elsewhere)
	return err
}

func writeBackup(ctx context.Context, s *store.Store, cfg config.Config, file string) (err error) {
	temp, err := os.MkdirTemp(filepath.Dir(file), "zhibu-backup-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	snapshot := filepath.Join(temp, backupDatabase)
	if err := s.Snapshot(ctx, snapshot); err != nil {
		return err
	}
	out, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	z := zip.NewWriter(out)
	err = addFile(z, snapshot, backupDatabase)
	if err == nil {
		if err = z.AddFS(subFS{os.DirFS(cfg.DataDir), attachments}); errors.Is(err, fs.ErrNotExist) {
			err = nil // nothing was ever attached
		}
	}
	return errors.Join(err, z.Close(), out.Sync(), out.Close())
}

// subFS shows one folder of a file system under its own name.
type subFS struct {
	fs.FS
	folder string
}

// ReadDir lists the one folder at the top, and everything below it.
func (s subFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if name != "." {
		return fs.ReadDir(s.FS, name)
	}
	info, err := fs.Stat(s.FS, s.folder)
	if err != nil {
		return nil, err
	}
	return []fs.DirEntry{fs.FileInfoToDirEntry(info)}, nil
}

func addFile(z *zip.Writer, path, name string) (err error) {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := z.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return err
}

type restoreCommand struct {
	File string `arg:"" help:"A backup made by zhibu backup."`
}

// Run unpacks a backup into a data directory that holds no database yet; nothing is ever overwritten.
func (c restoreCommand) Run(w *world) (err error) {
	if w.cfg.DatabaseURL != "" && w.cfg.DatabaseURL != store.SQLite {
		return errors.New("restore works on the embedded database: unset ZHIBU_DATABASE_URL")
	}
	target := filepath.Join(w.cfg.DataDir, backupDatabase)
	if _, err := os.Stat(target); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is already there: restore into an empty directory, set by ZHIBU_DATA_DIR", target)
	}
	z, err := zip.OpenReader(c.File)
	if err != nil {
		return fmt.Errorf("read the backup: %w", err)
	}
	defer func() { err = errors.Join(err, z.Close()) }()
	if err := os.MkdirAll(w.cfg.DataDir, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(w.cfg.DataDir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	for _, f := range z.File {
		if err := unpack(root, f); err != nil {
			return fmt.Errorf("unpack %s: %w", f.Name, err)
		}
	}
	s, err := openStore(w.ctx, w.cfg, newClock(w.cfg.ClockStart))
	if err != nil {
		return fmt.Errorf("the restored database does not open: %w", err)
	}
	if err := s.Close(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.stdout, "已恢复到 %s。请把当时的 secret.key 放回该目录（或设置 ZHIBU_SECRET_KEY），然后启动。\n", w.cfg.DataDir)
	return err
}

// unpack writes one file below root; a name that leads outside is refused by root itself.
func unpack(root *os.Root, f *zip.File) (err error) {
	if f.FileInfo().IsDir() {
		return root.MkdirAll(filepath.Clean(f.Name), 0o700)
	}
	if dir := filepath.Dir(f.Name); dir != "." {
		if err := root.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := root.OpenFile(f.Name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in) //nolint:gosec // an operator's own backup, of whatever size
	return errors.Join(err, out.Sync(), out.Close())
}
