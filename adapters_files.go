package main

import (
	"context"
	"net/url"
	"path/filepath"
	"strings"

	"zhibu/config"
	"zhibu/model"
	"zhibu/model/store"
	"zhibu/service/upload"
	"zhibu/service/wechat"
)

// mediaDoor is what uploads see of WeChat.
type mediaDoor struct{ door *wechat.Door }

// CheckMedia hands a picture to WeChat. What is not sure to be refused again may be tried again.
func (d mediaDoor) CheckMedia(ctx context.Context, openID, address string) upload.MediaAnswer {
	trace, err := d.door.MediaCheck(ctx, wechat.MediaCheck{OpenID: openID, URL: address, Type: wechat.MediaImage})
	a := upload.MediaAnswer{TraceID: trace, Err: err}
	if call, ok := wechat.AsCallError(err); ok {
		a.Wait = call.RetryAfter
	}
	switch wechat.ClassOf(err) {
	case wechat.ClassRetry, wechat.ClassToken, wechat.ClassMinute, wechat.ClassSecond, wechat.ClassDaily, wechat.ClassNotSent, wechat.ClassUnknownOutcome:
		a.Again = true
	}
	return a
}

// articleFiles are the files of articles: what waits for its verdict has no address, and readers see no broken picture.
type articleFiles struct{ *upload.Service }

// Describe tells what articles show of these files.
func (f articleFiles) Describe(ctx context.Context, ids []string) ([]model.FileRef, error) {
	return f.DescribeShown(ctx, ids)
}

// mediaVerdicts hands WeChat's verdicts on, from the push room, which takes the events, to the uploads, which are made after it.
type mediaVerdicts struct{ h *house }

// MediaChecked takes one verdict, in the transaction of its event.
func (m mediaVerdicts) MediaChecked(ctx context.Context, tx *store.Store, v *model.WechatMedia) error {
	return m.h.upload.MediaChecked(ctx, tx, v)
}

// uploadOptions say how files come in, and whether pictures wait for WeChat's verdict.
func (h *house) uploadOptions() upload.Options {
	o := upload.Options{MaxSize: h.cfg.MaxUpload, BaseURL: h.cfg.PublicURL, Spool: filepath.Join(h.cfg.DataDir, spool), Outbox: h.push, Log: h.log}
	switch checksPictures(h.cfg) {
	case picturesChecked:
		o.Media = mediaDoor{h.door}
	case picturesHeld:
		o.Hold = true
	}
	return o
}

// pictureCheck is what becomes of pictures that members upload.
type pictureCheck int

const (
	picturesFree    pictureCheck = iota // without a mini-program there is nobody whose rules ask for a check
	picturesChecked                     // WeChat fetches each under a public address
	picturesHeld                        // WeChat cannot fetch any: a person looks at each
)

// checksPictures: WeChat fetches what it checks, so it needs our address, over https. A stand-in on this machine takes any address, and is content without one.
func checksPictures(cfg config.Config) pictureCheck {
	standin := false
	if u, err := url.Parse(cfg.Wechat.BaseURL); err == nil {
		port := u.Port()
		if port == "" {
			port = "443"
		}
		standin = config.Loopback(u.Hostname() + ":" + port)
	}
	switch {
	case cfg.Wechat.MiniProgram.AppID == "":
		return picturesFree
	case strings.HasPrefix(cfg.PublicURL, "https://"), standin && cfg.PublicURL != "":
		return picturesChecked
	case standin:
		return picturesFree
	}
	return picturesHeld
}
