package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"zhibu/config"
	"zhibu/model"
	"zhibu/model/store"
)

// What the doctor holds as too little or too much.
const (
	skewMost     = 5 * time.Second // between our clock and the database's: leases and limits are counted in seconds
	spaceLeast   = 500 << 20
	spaceLittle  = 2 << 30
	backupMost   = 26 * time.Hour
	tlsSoon      = 14 * 24 * time.Hour
	lettersLeast = 10 // different ones in a key that was really drawn by lot
	poolSize     = 64 // connections of each process to MySQL
)

// hint says something that works and could be better.
func (d *doctor) hint(what, more string) { d.say("提示", what, "："+more) }

// secrets looks at the keys: who can read them, and whether they were drawn by lot.
func (d *doctor) secrets(cfg config.Config) {
	secret, err := cfg.Secret()
	if !d.check("密钥", err, "检查 ZHIBU_SECRET_KEY、ZHIBU_SECRET_KEY_FILE 或数据目录的权限") {
		return
	}
	if weak(secret) { // a hint, since with data there it can no longer be mended
		d.hint("密钥强度", "密钥像是手写的或示例中的；新安装请用 openssl rand -base64 32 重新生成，已有数据时不可更换，否则手机号无法解密")
	}
	switch {
	case cfg.Backup.Key == "":
	case cfg.Backup.Key == secret:
		d.check("备份密钥", errors.New("与 ZHIBU_SECRET_KEY 相同"), "用 openssl rand -base64 32 另行生成，并与备份分开保管")
	case weak(cfg.Backup.Key):
		d.hint("备份密钥", "像是手写的或示例中的；请用 openssl rand -base64 32 重新生成，旧备份仍用旧密钥恢复")
	}
	file := cfg.SecretKeyFile
	if file == "" {
		file = filepath.Join(cfg.DataDir, "secret.key")
	}
	if info, err := os.Stat(file); cfg.SecretKey == "" && err == nil && info.Mode().Perm()&0o004 != 0 && !strings.HasPrefix(file, "/run/secrets/") {
		d.check("密钥文件", fmt.Errorf("本机任何人都能读取 %s", file), "chmod o-r "+file)
	}
}

// weak keys are words, patterns and what examples say.
func weak(key string) bool {
	different := map[rune]bool{}
	for _, r := range key {
		different[r] = true
	}
	low := strings.ToLower(key)
	return len(different) < lettersLeast || strings.Contains(low, "replace") || strings.Contains(low, "password") || strings.Contains(low, "example") || strings.Contains(low, "secret")
}

// server looks at the database's server: its clock, its letters, whether it takes writes and keeps them.
func (d *doctor) server(ctx context.Context, s *store.Store, clock model.Clock, cfg config.Config) {
	before := clock()
	f, err := s.Facts(ctx)
	if !d.check("数据库服务器", err, "给数据库账号本库的全部权限") || s.Dialect() != store.MySQL {
		return
	}
	if cfg.ClockStart.IsZero() {
		skew := f.Now.Sub(before)
		if skew < 0 {
			skew = -skew
		}
		if skew > skewMost {
			d.check("时钟", fmt.Errorf("本机与数据库相差 %s", skew.Round(time.Second)), "在两台机器上启用时间同步（chrony 或 systemd-timesyncd）")
		} else {
			d.say("正常", "时钟", "")
		}
	}
	if len(f.OddTables) > 0 {
		d.check("字符集", fmt.Errorf("这些表不是 utf8mb4：%s", strings.Join(f.OddTables, "、")), "ALTER TABLE … CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
	}
	if f.ReadOnly {
		d.check("数据库可写", errors.New("连接到的是只读副本"), "把 ZHIBU_DATABASE_URL 指向主库")
	}
	if old := tooOld(f.Version); old != "" {
		d.check("数据库软件", fmt.Errorf("%s 太旧", f.Version), old)
	}
	if !f.Durable {
		d.hint("数据库提交", "innodb_flush_log_at_trx_commit 不是 1，断电会丢失最后一秒的内容")
	}
	if f.MaxConnections < 2*poolSize {
		d.hint("数据库连接数", fmt.Sprintf("max_connections 为 %d，而每个进程最多用 %d 个", f.MaxConnections, poolSize))
	}
}

// replica has the primary's heartbeat arrive at the read replica, which takes a moment.
func (d *doctor) replica(ctx context.Context, s *store.Store, cfg config.Config) {
	if cfg.Replica == "" {
		return
	}
	const mend = "检查 ZHIBU_DATABASE_REPLICA_URL、网络、账号与复制状态；在此之前各项数字与导出由主库提供，不影响使用"
	err := s.ReadFrom(cfg.Replica)
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for err == nil && !s.Replica().Used && ctx.Err() == nil {
		if err = s.WatchReplica(ctx); err == nil {
			select {
			case <-look.C:
			case <-ctx.Done():
			}
		}
	}
	if err == nil {
		err = s.Replica().Cause
	}
	d.check("只读副本", err, mend)
}

// tooOld says what to do about a server that is older than those we test on.
func tooOld(version string) string {
	var major, minor int
	parts := strings.FieldsFunc(version, func(r rune) bool { return r < '0' || r > '9' })
	if len(parts) >= 2 {
		major, _ = strconv.Atoi(parts[0])
		minor, _ = strconv.Atoi(parts[1])
	}
	switch {
	case strings.Contains(version, "TiDB"):
		return ""
	case strings.Contains(version, "MariaDB"):
		if major < 10 || major == 10 && minor < 6 {
			return "升级到 MariaDB 10.6 或更新"
		}
	case major < 8:
		return "升级到 MySQL 8 或更新"
	}
	return ""
}

// folders tries the data directory and looks how much room there is.
func (d *doctor) folders(cfg config.Config) {
	for _, one := range []struct{ what, dir, setting string }{{"数据目录", cfg.DataDir, "ZHIBU_DATA_DIR"}, {"备份目录", cfg.Backup.Dir, "ZHIBU_BACKUP_DIR"}} {
		if one.dir == "" {
			continue
		}
		err := os.MkdirAll(one.dir, 0o700)
		if err == nil {
			var f *os.File
			if f, err = os.CreateTemp(one.dir, "zhibu-backup-*"); err == nil { // a name that is tidied away should we be killed here
				_, err = f.WriteString("x")
				err = errors.Join(err, f.Sync(), f.Close(), os.Remove(f.Name()))
			}
		}
		if !d.check(one.what, err, "检查 "+one.setting+" 的属主与权限，程序须能写入") {
			continue
		}
		free, known := freeSpace(one.dir)
		switch {
		case known && free < spaceLeast:
			d.check(one.what+"的空间", fmt.Errorf("只剩 %d MB", free>>20), "清理磁盘或扩容；写满后所有提交都会失败")
		case known && free < spaceLittle:
			d.hint(one.what+"的空间", fmt.Sprintf("只剩 %d MB", free>>20))
		}
	}
}

// backups looks when the last one was made.
func (d *doctor) backups(cfg config.Config, clock model.Clock) {
	if cfg.Backup.Dir == "" {
		d.hint("未设置备份", "请设置 ZHIBU_BACKUP_DIR，并用 ZHIBU_BACKUP_AT 或定时器每晚运行 zhibu backup")
		return
	}
	list, err := backupsIn(cfg.Backup.Dir)
	const mend = "运行 zhibu backup 看它说什么；确认 ZHIBU_BACKUP_AT 已在工作进程设置，或定时器在运行"
	switch {
	case err != nil:
	case len(list) == 0:
		err = errors.New("还没有任何备份")
	case clock().Sub(list[0].made) > backupMost:
		err = fmt.Errorf("最近一次是 %s", list[0].made.In(model.Zone).Format("2006-01-02 15:04"))
	}
	if d.check("备份", err, mend) && cfg.Backup.Key == "" {
		d.hint("备份未加密", "设置 ZHIBU_BACKUP_KEY 后，拿到备份文件的人也无法读取")
	}
}

// public asks for ourselves under the address that phones use.
func (d *doctor) public(ctx context.Context, cfg config.Config) {
	if cfg.PublicURL == "" {
		if cfg.Wechat.MiniProgram.AppID != "" {
			d.hint("未设置公网地址", "请把 ZHIBU_PUBLIC_URL 设为会员访问的 https 地址")
		}
		return
	}
	u, err := url.Parse(cfg.PublicURL)
	if err == nil && u.Scheme != "https" {
		d.hint("公网地址", "微信要求 https，请配置证书后把 ZHIBU_PUBLIC_URL 改为 https")
	}
	ctx, cancel := context.WithTimeout(ctx, 8*time.Second)
	defer cancel()
	state, err := askPublic(ctx, cfg.PublicURL+"/healthz")
	if !d.check("公网地址", err, "检查域名解析、防火墙、nginx 与证书；证书须由公共机构签发并带完整证书链") || state == nil {
		return
	}
	if left := time.Until(state.PeerCertificates[0].NotAfter); left < tlsSoon {
		d.hint("证书", fmt.Sprintf("%s 到期，请更新", state.PeerCertificates[0].NotAfter.In(model.Zone).Format("2006-01-02")))
	}
	if state.Version < tls.VersionTLS12 {
		d.check("证书", errors.New("TLS 版本低于 1.2"), "在 nginx 启用 TLS 1.2 与 1.3")
	}
}

// askPublic makes one request and gives the state of its encryption.
func askPublic(ctx context.Context, address string) (*tls.ConnectionState, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s 回答 %s，不像是本程序", address, res.Status)
	}
	return res.TLS, nil
}

// proxies reminds of the setting without which all clients behind a proxy look like one.
func (d *doctor) proxies(cfg config.Config) {
	if strings.HasPrefix(cfg.PublicURL, "https://") && !config.Loopback(cfg.Listen) && strings.Join(cfg.Proxies, " ") == "127.0.0.1 ::1" {
		d.hint("反向代理", "若 nginx 不在本机，请把它的地址写入 ZHIBU_TRUSTED_PROXIES，否则所有人共用一份频率限制")
	}
}
