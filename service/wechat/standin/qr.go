package standin

import (
	"bytes"
	"crypto/sha256"
	"image"
	"image/color"
	"image/jpeg"
	"regexp"
	"slices"
	"strings"
)

// sceneForm is the alphabet of a QR code's scene; there is no per cent sign in it.
var sceneForm = regexp.MustCompile(`^[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]+$`)

// qrCode is POST /wxa/getwxacodeunlimit: bytes of a picture, or JSON when it fails.
func qrCode(c *call) reply {
	var in struct {
		Scene     string `json:"scene"`
		Page      string `json:"page"`
		CheckPath *bool  `json:"check_path"`
		Env       string `json:"env_version"`
		Width     *int   `json:"width"`
	}
	switch {
	case !c.decode(&in) || in.Scene == "" || len(in.Scene) > 32:
		return c.fail(40169, "invalid length for scene, or the data is not json string")
	case !sceneForm.MatchString(in.Scene):
		return c.fail(40129, "invalid scene")
	case !slices.Contains([]string{"", "release", "trial", "develop"}, in.Env):
		return c.fail(40097, "invalid args")
	case in.Width != nil && (*in.Width < 280 || *in.Width > 1280):
		return c.fail(40097, "invalid args")
	case strings.HasPrefix(in.Page, "/") || strings.Contains(in.Page, "?"):
		return c.fail(41030, "invalid page")
	}
	if in.CheckPath == nil || *in.CheckPath {
		// The page is looked for in the released version, which an unpublished mini-program does not have.
		if in.Page != "" && !c.app.Published || !c.app.hasPage(in.Page) {
			return c.fail(41030, "invalid page")
		}
	}
	picture, err := drawCode(c.app.AppID + "\x00" + in.Page + "\x00" + in.Scene)
	if err != nil {
		return c.fail(-1, "system error")
	}
	return reply{status: 200, ctype: "image/jpeg", body: picture, msg: "ok"}
}

// drawCode draws a small picture that differs with what it stands for. It can't be scanned: the scene is in the journal.
func drawCode(what string) ([]byte, error) {
	const cell, cells = 8, 16
	sum := sha256.Sum256([]byte(what))
	img := image.NewGray(image.Rect(0, 0, cell*cells, cell*cells))
	for y := range cell * cells {
		for x := range cell * cells {
			bit := (y/cell)*cells + x/cell
			shade := color.Gray{Y: 255}
			if sum[bit/8%len(sum)]>>(bit%8)&1 == 1 {
				shade.Y = 0
			}
			img.SetGray(x, y, shade)
		}
	}
	var b bytes.Buffer
	err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 80})
	return b.Bytes(), err
}
