package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"zhibu/config"
	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/blob"
	"zhibu/service/cache"
	"zhibu/service/wechat"
)

type doctorCommand struct{}

// Run checks everything the program leans on, says what to mend, and fails when something is broken.
func (doctorCommand) Run(w *world) error {
	d := &doctor{out: w.stdout}
	cfg, err := config.Load(w.getenv)
	d.check("设置", err, "按提示修改环境变量")
	_, err = cfg.Secret()
	d.check("密钥", err, "检查 ZHIBU_SECRET_KEY、ZHIBU_SECRET_KEY_FILE 或数据目录的权限")
	clock := newClock(cfg.ClockStart)
	ctx, cancel := context.WithTimeout(w.ctx, 30*time.Second)
	defer cancel()
	d.database(ctx, cfg, clock)
	d.redis(ctx, cfg, clock)
	d.blobs(ctx, cfg)
	d.wechat(ctx, cfg, clock)
	if d.broken > 0 {
		return fmt.Errorf("%d problem(s) to mend", d.broken)
	}
	return nil
}

type doctor struct {
	out    io.Writer
	broken int
}

func (d *doctor) say(mark, what, more string) {
	_, _ = fmt.Fprintf(d.out, "[%s] %s%s\n", mark, what, more)
}

func (d *doctor) check(what string, err error, mend string) bool {
	if err == nil {
		d.say("正常", what, "")
		return true
	}
	d.broken++
	d.say("问题", what, "："+err.Error()+"\n       处理办法："+mend)
	return false
}

func (d *doctor) database(ctx context.Context, cfg config.Config, clock model.Clock) {
	s, err := store.Open(ctx, cfg.DatabaseURL, cfg.DataDir, clock)
	if !d.check("数据库连接", err, "检查 ZHIBU_DATABASE_URL、网络与账号；内嵌数据库请检查数据目录的权限和磁盘空间") {
		return
	}
	at, want, err := s.Version(ctx)
	if err == nil && at > want {
		err = fmt.Errorf("数据库版本 %d 比程序版本 %d 新", at, want)
	}
	if d.check("数据库版本", err, "使用更新的程序") && at < want {
		d.say("提示", "数据库需要升级", "：启动程序或运行 zhibu migrate 时自动完成")
	}
	d.check("数据库关闭", s.Close(), "检查磁盘")
}

func (d *doctor) redis(ctx context.Context, cfg config.Config, clock model.Clock) {
	if cfg.RedisURL == "" {
		d.say("提示", "未设置 Redis", "：单个进程时无需设置；多个进程时请设置 ZHIBU_REDIS_URL")
		return
	}
	c, err := cache.Open(ctx, cfg.RedisURL, slog.New(slog.DiscardHandler), clock)
	if err == nil {
		err = errors.Join(c.Ping(ctx), c.Close())
	}
	d.check("Redis", err, "检查 ZHIBU_REDIS_URL 与网络；失去 Redis 只会变慢，不影响使用")
}

// blobs puts a few bytes where attachments are kept, reads them back and deletes them.
func (d *doctor) blobs(ctx context.Context, cfg config.Config) {
	mend := "检查数据目录的权限和磁盘空间"
	if cfg.BlobURL != "" {
		mend = "检查 ZHIBU_BLOB_URL 的地址、密钥、存储桶与地域；密钥须有读、写、列出与删除对象的权限"
	}
	s, err := blob.Open(cfg.BlobURL, filepath.Join(cfg.DataDir, attachments))
	if err == nil {
		err = errors.Join(blob.Try(ctx, s), s.Close())
	}
	d.check("附件存储", err, mend)
}

func (d *doctor) wechat(ctx context.Context, cfg config.Config, clock model.Clock) {
	if cfg.Wechat.MiniProgram.AppID == "" {
		d.say("提示", "未设置微信小程序", "：登录与推送不可用，请设置 ZHIBU_WECHAT_MINIPROGRAM_APPID 与 …_SECRET")
		return
	}
	door := wechat.New(wechat.Config{BaseURL: cfg.Wechat.BaseURL, MiniProgram: wechat.App(cfg.Wechat.MiniProgram), Clock: clock})
	defer door.Close()
	list, err := door.Templates(ctx)
	if !d.check("微信小程序凭据", err, "核对 AppID 与 AppSecret，并把本机出口地址加入微信后台的 IP 白名单") {
		return
	}
	for _, fault := range templateFaults(cfg.Wechat.Templates, list) {
		d.check("订阅消息模板", fault, "在微信公众平台核对模板，修改 ZHIBU_WECHAT_TEMPLATES")
	}
	if cfg.Wechat.MiniProgram.Token == "" {
		d.say("提示", "未设置消息推送", "：请设置 ZHIBU_WECHAT_MINIPROGRAM_TOKEN 与 …_AES_KEY，否则收不到订阅与送达事件")
	}
}

// templateFaults holds the settings' templates against those of the account.
func templateFaults(want map[string]config.Template, have []wechat.Template) []error {
	byID := map[string]wechat.Template{}
	for _, t := range have {
		byID[t.ID] = t
	}
	var faults []error
	for kind, t := range want {
		real, ok := byID[t.ID]
		if !ok {
			faults = append(faults, fmt.Errorf("%s 的模板 %s 不在该账号中", kind, t.ID))
			continue
		}
		keys := map[string]bool{}
		for _, k := range real.Keys {
			keys[k] = true
		}
		for field, key := range t.Fields {
			if !keys[key] {
				faults = append(faults, fmt.Errorf("%s 的字段 %s 对应的 %s 不在模板“%s”中", kind, field, key, real.Title))
			}
		}
	}
	return faults
}
