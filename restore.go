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
	"strings"

	"zhibu/config"
	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/lockbox"
)

type restoreCommand struct {
	File  string `arg:"" help:"A backup made by zhibu backup."`
	Check bool   `help:"Only read the backup through, and say what it holds and that it could be restored."`
}

// Run unpacks a backup into a data directory and a database that hold nothing yet; nothing is ever overwritten. The whole file is read through first,
// so that a broken one leaves nothing behind.
func (c restoreCommand) Run(w *world) error {
	m, err := checkBackup(w.ctx, c.File, w.cfg)
	if err != nil {
		return err
	}
	if c.Check {
		_, err = fmt.Fprintf(w.stdout, "备份 %s 完整可用：%s。\n", c.File, m.words())
		return err
	}
	if err := fits(w.cfg, m); err != nil {
		return err
	}
	if err := restore(w.ctx, w.cfg, c.File, m); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.stdout, "已恢复到 %s（%s）。请把当时的 secret.key 放回该目录（或设置 ZHIBU_SECRET_KEY），然后启动。\n", w.cfg.DataDir, m.words())
	return err
}

// words are what a backup holds, for people.
func (m manifest) words() string {
	database := "内嵌数据库"
	if m.Database == store.MySQL {
		rows := int64(0)
		for _, n := range m.Rows {
			rows += n
		}
		database = fmt.Sprintf("MySQL 数据库 %d 张表 %d 行", len(m.Rows), rows)
	}
	if m.Form == 0 {
		return database + "，由旧版本制作"
	}
	return fmt.Sprintf("%s，数据库版本 %d，附件 %d 个，制作于 %s", database, m.Version, m.Files, m.MadeAt.In(model.Zone).Format("2006-01-02 15:04"))
}

// openBackup opens a backup, by way of a decrypted copy in the data directory where it is encrypted, and hands it to use.
func openBackup(file string, cfg config.Config, use func(z *zip.Reader) error) (err error) {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	start := make([]byte, lockbox.MagicSize)
	n, err := io.ReadFull(in, start)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return err
	}
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return err
	}
	plain := in
	if lockbox.IsLocked(start[:n]) {
		if cfg.Backup.Key == "" {
			return fmt.Errorf("备份 %s 是加密的：请设置制作时的 ZHIBU_BACKUP_KEY", file)
		}
		if plain, err = unlocked(in, cfg); err != nil {
			return fmt.Errorf("备份 %s：%w", file, err)
		}
		defer func() { err = errors.Join(err, plain.Close(), os.Remove(plain.Name())) }()
	}
	info, err := plain.Stat()
	if err != nil {
		return err
	}
	z, err := zip.NewReader(plain, info.Size())
	if err != nil {
		return fmt.Errorf("备份 %s：文件不完整，或不是 zhibu 的备份（%w）", file, err)
	}
	return use(z)
}

// unlocked decrypts a whole backup into the data directory; what does not prove good to its very end is not handed out.
func unlocked(in io.Reader, cfg config.Config) (_ *os.File, err error) {
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return nil, err
	}
	out, err := os.CreateTemp(cfg.DataDir, tempBackups)
	if err != nil {
		return nil, err
	}
	r, err := lockbox.Unlock(in, cfg.Backup.Key)
	if err == nil {
		_, err = io.Copy(out, r)
	}
	if err != nil {
		return nil, errors.Join(err, out.Close(), os.Remove(out.Name()))
	}
	return out, nil
}

// checkBackup reads a backup through to its end: the encryption, every entry's check sum, each table's rows, and the embedded database as SQLite looks
// at itself. It is what a restore needs and nothing less.
func checkBackup(ctx context.Context, file string, cfg config.Config) (m manifest, err error) {
	err = openBackup(file, cfg, func(z *zip.Reader) error {
		if m, err = readManifest(z); err != nil {
			return err
		}
		rows, files := map[string]int64{}, 0
		for _, f := range z.File {
			if err := ctx.Err(); err != nil {
				return err
			}
			in, err := f.Open()
			if err != nil {
				return fmt.Errorf("%s：%w", f.Name, err)
			}
			if table, ok := strings.CutPrefix(f.Name, backupTables+"/"); ok {
				err = store.ReadDump(in, func([]string) error { return nil }, func([]*string) error { rows[table]++; return nil })
			} else {
				_, err = io.Copy(io.Discard, in) //nolint:gosec // an operator's own backup, of whatever size
			}
			if err = errors.Join(err, in.Close()); err != nil {
				return fmt.Errorf("备份 %s 已损坏：%s：%w", file, f.Name, err)
			}
			if strings.HasPrefix(f.Name, attachments+"/") && !f.FileInfo().IsDir() {
				files++
			}
		}
		for table, want := range m.Rows {
			if rows[table] != want {
				return fmt.Errorf("备份 %s 已损坏：%s 有 %d 行，应有 %d 行", file, table, rows[table], want)
			}
		}
		if m.Form > 0 && files != m.Files {
			return fmt.Errorf("备份 %s 已损坏：有 %d 个附件，应有 %d 个", file, files, m.Files)
		}
		if m.Database == store.MySQL {
			return nil
		}
		return tryDatabase(ctx, z, cfg)
	})
	return m, err
}

// readManifest reads what the backup says of itself. Those of the first programs say nothing: they are the embedded database.
func readManifest(z *zip.Reader) (m manifest, err error) {
	in, err := z.Open(backupManifest)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := fs.Stat(z, backupDatabase); err != nil {
			return m, errors.New("这个压缩文件不是 zhibu 的备份")
		}
		return manifest{Database: store.SQLite}, nil
	}
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	if err := json.NewDecoder(in).Decode(&m); err != nil {
		return m, fmt.Errorf("读取 %s：%w", backupManifest, err)
	}
	if m.Form != 1 {
		return m, fmt.Errorf("备份的格式 %d 比本程序新，请用制作它的程序恢复", m.Form)
	}
	return m, nil
}

// tryDatabase opens the embedded database of a backup as a restore would, in a folder that is thrown away.
func tryDatabase(ctx context.Context, z *zip.Reader, cfg config.Config) (err error) {
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(cfg.DataDir, tempBackups)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	if err := unpackAll(z, temp, func(name string) bool { return name == backupDatabase }); err != nil {
		return err
	}
	s, err := store.Open(ctx, "", temp, newClock(cfg.ClockStart))
	if err != nil {
		return fmt.Errorf("备份中的数据库打不开：%w", err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return errors.Join(s.Sound(ctx), tooNew(ctx, s))
}

// tooNew refuses a database that a newer program has made.
func tooNew(ctx context.Context, s *store.Store) error {
	at, want, err := s.Version(ctx)
	if err == nil && at > want {
		err = fmt.Errorf("备份中的数据库版本 %d 比本程序的 %d 新，请使用更新的程序", at, want)
	}
	return err
}

// fits holds the settings against what the backup holds.
func fits(cfg config.Config, m manifest) error {
	onMySQL := strings.HasPrefix(cfg.DatabaseURL, store.MySQL+"://")
	switch {
	case m.Database == store.MySQL && !onMySQL:
		return errors.New("这份备份来自 MySQL：请把 ZHIBU_DATABASE_URL 设为一个空的 MySQL 数据库")
	case m.Database != store.MySQL && cfg.DatabaseURL != "" && cfg.DatabaseURL != store.SQLite:
		return errors.New("这份备份是内嵌数据库：请取消 ZHIBU_DATABASE_URL，恢复到 ZHIBU_DATA_DIR")
	}
	target := filepath.Join(cfg.DataDir, backupDatabase)
	_, err := os.Stat(target)
	there := m.Database != store.MySQL && err == nil
	if !there {
		target = filepath.Join(cfg.DataDir, attachments)
		entries, err := os.ReadDir(target)
		there = err == nil && len(entries) > 0
	}
	if there {
		return fmt.Errorf("%s 已存在：请把 ZHIBU_DATA_DIR 设为一个空目录，恢复不会覆盖任何内容", target)
	}
	return nil
}

// restore puts the database and the attachments where the settings say.
func restore(ctx context.Context, cfg config.Config, file string, m manifest) error {
	return openBackup(file, cfg, func(z *zip.Reader) error {
		clock := newClock(cfg.ClockStart)
		if m.Database == store.MySQL {
			if err := loadDump(ctx, cfg, clock, z, m); err != nil {
				return err
			}
		}
		if err := unpackAll(z, cfg.DataDir, func(name string) bool {
			return name == backupDatabase || strings.HasPrefix(name, attachments+"/")
		}); err != nil {
			return err
		}
		s, err := openStore(ctx, cfg, clock)
		if err != nil {
			return fmt.Errorf("恢复的数据库打不开：%w", err)
		}
		return s.Close()
	})
}

// loadDump fills the empty MySQL database of the settings.
func loadDump(ctx context.Context, cfg config.Config, clock model.Clock, z *zip.Reader, m manifest) (err error) {
	s, err := store.Open(ctx, cfg.DatabaseURL, cfg.DataDir, clock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	_, program, err := s.Version(ctx)
	if err != nil {
		return err
	}
	if m.Version > program {
		return fmt.Errorf("备份中的数据库版本 %d 比本程序的 %d 新，请使用更新的程序", m.Version, program)
	}
	if empty, err := s.Empty(ctx); err != nil || !empty {
		return errors.Join(err, errors.New("ZHIBU_DATABASE_URL 的数据库不是空的：请新建一个空数据库，恢复不会覆盖任何内容"))
	}
	return s.Load(ctx, store.Contents{Version: m.Version, Rows: m.Rows}, func(table string) (io.ReadCloser, error) {
		return z.Open(path.Join(backupTables, table))
	})
}

// unpackAll writes the entries that are wanted below a folder.
func unpackAll(z *zip.Reader, dir string, wanted func(name string) bool) (err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	for _, f := range z.File {
		if wanted(f.Name) {
			if err := unpack(root, f); err != nil {
				return fmt.Errorf("解开 %s：%w", f.Name, err)
			}
		}
	}
	return nil
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
