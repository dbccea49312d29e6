package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"zhibu/config"
	"zhibu/model"
	"zhibu/model/store"
)

// How backups in the folder of the settings are called, what stands in the data directory while one is made or read, and after how long a leftover
// is surely nobody's.
const (
	backupStamp = "20060102-150405"
	tempBackups = "zhibu-backup-*"
	staleAfter  = 24 * time.Hour
)

var (
	backupName = regexp.MustCompile(`^zhibu-(\d{8}-\d{6})\.zip(\.enc)?$`)
	backupRest = regexp.MustCompile(`^zhibu-(backup-\d+|\d{8}-\d{6}\.zip(\.enc)?\.part)$`)
)

// keptBackup is one of the backups in the folder.
type keptBackup struct {
	path string
	made time.Time
	size int64
}

// backupsIn are the backups of a folder, the newest first. Files of other names are nobody's business here.
func backupsIn(dir string) ([]keptBackup, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var list []keptBackup
	for _, e := range entries {
		m := backupName.FindStringSubmatch(e.Name())
		if m == nil {
			continue
		}
		made, err := time.ParseInLocation(backupStamp, m[1], model.Zone)
		info, gone := e.Info()
		if err == nil && gone == nil && info.Mode().IsRegular() {
			list = append(list, keptBackup{filepath.Join(dir, e.Name()), made, info.Size()})
		}
	}
	slices.SortFunc(list, func(a, b keptBackup) int { return cmp.Or(b.made.Compare(a.made), cmp.Compare(b.path, a.path)) })
	return list, nil
}

// backupNow makes a backup in the folder of the settings and lets the oldest go, but only once the new one is proved.
func backupNow(ctx context.Context, s *store.Store, cfg config.Config, now time.Time) (string, error) {
	dir := cfg.Backup.Dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	name := "zhibu-" + now.In(model.Zone).Format(backupStamp) + ".zip"
	if cfg.Backup.Key != "" {
		name += ".enc"
	}
	file := filepath.Join(dir, name)
	if err := makeBackup(ctx, s, cfg, now, file); err != nil {
		return "", err
	}
	return file, forgetBackups(cfg, now)
}

// forgetBackups removes the backups beyond the newest ones that are kept, and what broken runs have left.
func forgetBackups(cfg config.Config, now time.Time) error {
	list, err := backupsIn(cfg.Backup.Dir)
	if err != nil {
		return err
	}
	for _, old := range list[min(cfg.Backup.Keep, len(list)):] {
		err = errors.Join(err, os.Remove(old.path))
	}
	for _, dir := range []string{cfg.Backup.Dir, cfg.DataDir} {
		entries, unread := os.ReadDir(dir)
		err = errors.Join(err, unread)
		for _, e := range entries {
			info, gone := e.Info()
			if gone == nil && backupRest.MatchString(e.Name()) && now.Sub(info.ModTime()) > staleAfter {
				err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
			}
		}
	}
	return err
}

// backup is the nightly job.
func (h *house) backup(ctx context.Context) error {
	file, err := backupNow(ctx, h.store, h.cfg, h.clock())
	if err == nil {
		h.log.InfoContext(ctx, "backup written and read through", "file", file, "encrypted", h.cfg.Backup.Key != "")
	}
	return err
}
