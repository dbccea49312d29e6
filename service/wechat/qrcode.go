package wechat

import (
	"context"
	"net/http"
	"regexp"
	"strings"

	"github.com/silenceper/wechat/v2/miniprogram/qrcode"

	"zhibu/model"
)

// scenePattern is what a scene may hold. WeChat has no way to escape, so everything else is refused here.
var scenePattern = regexp.MustCompile(`^[0-9A-Za-z!#$&'()*+,/:;=?@._~-]{1,32}$`)

// QRCode describes a mini-program code.
type QRCode struct {
	Scene      string // what the page gets: 1 to 32 characters
	Page       string // without a query; the home page when empty
	Version    string // release, the default, trial or develop
	SkipVerify bool   // do not ask that the page exist in the released version
	Width      int    // 280 to 1280; WeChat's 430 when 0
}

// QRCode draws a mini-program code and returns the picture with its type, which is told by its bytes.
// Errors: validation_failed for an impossible scene; ClassPage for a page that is not released.
func (d *Door) QRCode(ctx context.Context, q QRCode) (picture []byte, mime string, err error) {
	if !scenePattern.MatchString(q.Scene) {
		return nil, "", model.BadField("scene", "invalid", "小程序码的参数须为 1 至 32 个字母、数字或常用半角符号。")
	}
	body := qrcode.QRCoder{Scene: q.Scene, Page: strings.TrimLeft(q.Page, "/"), EnvVersion: q.Version, Width: q.Width}
	if q.SkipVerify {
		check := false
		body.CheckPath = &check
	}
	var out head
	res, err := d.do(ctx, request{api: APIQRCode, app: d.mini, body: body, image: true}, &out)
	if err != nil {
		return nil, "", err
	}
	if !looksLikeImage(res.body) {
		return nil, "", unreadable(APIQRCode, "answer without a picture")
	}
	return res.body, http.DetectContentType(res.body), nil
}

func looksLikeImage(b []byte) bool { return strings.HasPrefix(http.DetectContentType(b), "image/") }
