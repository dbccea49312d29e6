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
	clock := newClock(cfg.ClockStart)
	ctx, cancel := context.WithTimeout(w.ctx, 60*time.Second)
	defer cancel()
	d.folders(cfg)
	d.secrets(cfg)
	d.database(ctx, cfg, clock)
	d.redis(ctx, cfg, clock)
	d.blobs(ctx, cfg)
	d.public(ctx, cfg)
	d.proxies(cfg)
	d.wechat(ctx, cfg, clock)
	d.backups(cfg, clock)
	if d.broken > 0 {
		return fmt.Errorf("有 %d 个问题需要处理", d.broken)
	}
	d.say("完成", "没有需要处理的问题", "")
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
	d.server(ctx, s, clock, cfg)
	d.replica(ctx, s, cfg)
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

// pictures says what keeps pictures from being checked by WeChat.
func (d *doctor) pictures(cfg config.Config) {
	switch how := checksPictures(cfg); {
	case how == picturesHeld:
		d.say("提示", "图片无法送微信检测", "：请把 ZHIBU_PUBLIC_URL 设为公网可访问的 https 地址，否则每张图片都要由支委审核后才公开")
	case how == picturesChecked && cfg.Wechat.MiniProgram.Token == "":
		d.say("提示", "收不到图片检测结果", "：请设置消息推送，否则每张图片都要转由支委审核")
	}
}

func (d *doctor) wechat(ctx context.Context, cfg config.Config, clock model.Clock) {
	wx := cfg.Wechat
	door := wechat.New(wechat.Config{BaseURL: wx.BaseURL, MiniProgram: wechat.App(wx.MiniProgram), Official: wechat.App(wx.Official), Clock: clock})
	defer door.Close()
	const mend = "核对 AppID 与 AppSecret，并把本机出口地址加入微信后台的 IP 白名单"
	if wx.MiniProgram.AppID == "" {
		d.say("提示", "未设置微信小程序", "：登录与推送不可用，请设置 ZHIBU_WECHAT_MINIPROGRAM_APPID 与 …_SECRET")
	} else {
		list, err := door.Templates(ctx)
		if d.check("微信小程序凭据", err, mend) {
			d.templates("订阅消息模板", "ZHIBU_WECHAT_TEMPLATES", wx.Templates, list)
		}
		d.pictures(cfg)
		if wx.MiniProgram.Token == "" {
			d.say("提示", "未设置消息推送", "：请设置 ZHIBU_WECHAT_MINIPROGRAM_TOKEN 与 …_AES_KEY，否则收不到订阅与送达事件")
		}
	}
	if wx.Official.AppID == "" {
		return
	}
	list, err := door.OfficialTemplates(ctx)
	if d.check("微信公众号凭据", err, mend) {
		d.templates("公众号模板消息", "ZHIBU_WECHAT_OFFICIAL_TEMPLATES", wx.OfficialTemplates, list)
	}
	if wx.Official.Token == "" {
		d.say("提示", "未设置公众号的消息推送", "：请设置 ZHIBU_WECHAT_OFFICIAL_TOKEN 与 …_AES_KEY，否则关注与取消关注要到夜间才知道")
	}
}

// templates holds the settings' templates against those of an account. What WeChat would refuse is a problem; the rest is a hint.
func (d *doctor) templates(what, setting string, want map[string]config.Template, have []wechat.Template) {
	faults := model.CheckTemplates(pushTemplates(want), have)
	for _, f := range faults {
		if f.Fatal() {
			d.check(what, f, "在微信公众平台核对模板，修改 "+setting)
		} else {
			d.say("提示", what, "："+f.Error())
		}
	}
	if len(faults) == 0 && len(want) > 0 {
		d.say("正常", what, "")
	}
}
