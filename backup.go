package main

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"zhibu/config"
	"zhibu/model/store"
	"zhibu/service/lockbox"
)

type backupCommand struct {
	File string `arg:"" optional:"" help:"The file to write; it must not exist. Without it a file with the time in its name in ZHIBU_BACKUP_DIR, of which the newest ZHIBU_BACKUP_KEEP are kept."`
}

// What stands in a backup: the database, the attachments, and never the secret key, which is to be kept apart from it.
const (
	backupDatabase = "zhibu.db"
	backupTables   = "tables"
	backupManifest = "manifest.json"
	attachments    = "files"
)

// manifest says what a backup holds. It is written last.
type manifest struct {
	Form     int              `json:"form"`
	MadeAt   time.Time        `json:"made_at"`
	Program  string           `json:"program"`
	Database string           `json:"database"`
	Version  int64            `json:"version"` // of the database
	Rows     map[string]int64 `json:"rows,omitempty"`
	Files    int              `json:"files"`
}

// Run writes the backup under another name first and reads it through, so that a broken one never passes for whole.
func (c backupCommand) Run(w *world) (err error) {
	clock := newClock(w.cfg.ClockStart)
	s, err := store.Open(w.ctx, w.cfg.DatabaseURL, w.cfg.DataDir, clock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	file := c.File
	if file == "" {
		if w.cfg.Backup.Dir == "" {
			return errors.New("请给出备份文件名，或设置 ZHIBU_BACKUP_DIR")
		}
		if file, err = backupNow(w.ctx, s, w.cfg, clock()); err != nil {
			return err
		}
	} else if err := makeBackup(w.ctx, s, w.cfg, clock(), file); err != nil {
		return err
	}
	elsewhere, open := "", "备份未加密，请妥善保管；设置 ZHIBU_BACKUP_KEY 可加密。"
	if w.cfg.BlobURL != "" {
		elsewhere = "附件保存在对象存储中，不在此备份内，请用存储服务自己的办法备份。"
	}
	if w.cfg.Backup.Key != "" {
		open = "备份已加密，没有 ZHIBU_BACKUP_KEY 无法恢复。"
	}
	_, err = fmt.Fprintf(w.stdout, "备份已写入 %s 并核对无误。%s%s密钥（数据目录中的 secret.key）不在其中，请另行妥善保管：没有它，手机号无法解密。\n", file, open, elsewhere)
	return err
}

// makeBackup writes a backup to a file that does not exist yet, and proves that it can be read.
func makeBackup(ctx context.Context, s *store.Store, cfg config.Config, now time.Time, file string) error {
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s 已存在，请换一个文件名", file)
	}
	part := file + ".part"
	err := writeBackup(ctx, s, cfg, now, part)
	if err == nil {
		_, err = checkBackup(ctx, part, cfg)
	}
	if err != nil {
		if gone := os.Remove(part); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
		return err
	}
	return os.Rename(part, file)
}

func writeBackup(ctx context.Context, s *store.Store, cfg config.Config, now time.Time, file string) (err error) {
	out, err := os.OpenFile(file, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Sync(), out.Close()) }()
	if cfg.Backup.Key != "" {
		locked, err := lockbox.Lock(out, cfg.Backup.Key)
		if err != nil {
			return err
		}
		if err := fillBackup(ctx, s, cfg, now, locked); err != nil {
			return err
		}
		return locked.Close()
	}
	return fillBackup(ctx, s, cfg, now, out)
}

// fillBackup writes the archive: the database as of one moment, then the attachments. What was attached since is there as well and does no harm;
// what was deleted since is passed over.
func fillBackup(ctx context.Context, s *store.Store, cfg config.Config, now time.Time, to io.Writer) error {
	z := zip.NewWriter(to)
	m := manifest{Form: 1, MadeAt: now, Program: version, Database: s.Dialect()}
	var err error
	if s.Dialect() == store.MySQL {
		var c store.Contents
		c, err = s.Dump(ctx, func(table string) (io.Writer, error) { return z.Create(path.Join(backupTables, table)) })
		m.Version, m.Rows = c.Version, c.Rows
	} else {
		m.Version, err = addSnapshot(ctx, s, z, cfg.DataDir)
	}
	if err != nil {
		return err
	}
	if cfg.BlobURL == "" {
		if m.Files, err = addAttachments(ctx, z, cfg.DataDir); err != nil {
			return err
		}
	}
	w, err := z.Create(backupManifest)
	if err != nil {
		return err
	}
	return errors.Join(json.NewEncoder(w).Encode(m), z.Close())
}

// addSnapshot copies the embedded database by way of a file in the data directory: where the backup goes may be open to others.
func addSnapshot(ctx context.Context, s *store.Store, z *zip.Writer, dataDir string) (version int64, err error) {
	temp, err := os.MkdirTemp(dataDir, tempBackups)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	snapshot := filepath.Join(temp, backupDatabase)
	if err := s.Snapshot(ctx, snapshot); err != nil {
		return 0, err
	}
	if version, _, err = s.Version(ctx); err != nil {
		return 0, err
	}
	in, err := os.Open(snapshot)
	if err != nil {
		return 0, err
	}
	return version, addTo(z, backupDatabase, in)
}

// addAttachments copies the folder of attachments, as far as there is one.
func addAttachments(ctx context.Context, z *zip.Writer, dataDir string) (n int, err error) {
	root, err := os.OpenRoot(dataDir)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	err = fs.WalkDir(root.FS(), attachments, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && ctx.Err() == nil {
			var in *os.File
			if in, err = root.Open(name); err == nil {
				n++
				return addTo(z, name, in)
			}
		}
		if errors.Is(err, fs.ErrNotExist) { // nothing was ever attached, or it is gone since
			return nil
		}
		return errors.Join(err, ctx.Err())
	})
	return n, err
}

// addTo copies a file into the archive and closes it.
func addTo(z *zip.Writer, name string, in *os.File) (err error) {
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := z.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return err
}
