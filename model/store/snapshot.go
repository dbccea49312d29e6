package store

import (
	"context"

	"zhibu/model"
)

// Snapshot writes a consistent copy of the embedded database to a new file, while the program runs.
func (s *Store) Snapshot(ctx context.Context, file string) error {
	if s.dialect != SQLite {
		return model.Fail(model.CodeConflict, "数据库在 MySQL 上，请用 mysqldump 或物理备份工具备份数据库；本命令只备份内嵌数据库。")
	}
	return fault(s.write(ctx).Exec("VACUUM INTO ?", file).Error)
}
