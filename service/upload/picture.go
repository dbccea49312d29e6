package upload

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"path"
	"strings"

	"golang.org/x/image/webp"

	"zhibu/model"
)

// The bounds of a picture: a file of a few bytes may say to be larger than any memory.
const (
	maxPixels  = 40_000_000
	maxDecoded = 160_000_000 // bytes
	quality    = 88
)

// picture makes a picture anew: upright, without place, time and camera, which phones write into it, and in smaller widths too.
// Errors: validation_failed (too many pixels, broken), unavailable.
func (s *Service) picture(ctx context.Context, u *model.Upload, f source) (io.ReadSeeker, []thumb, error) {
	select {
	case s.slow <- struct{}{}:
		defer func() { <-s.slow }()
	case <-ctx.Done():
		return nil, nil, model.Fail(model.CodeUnavailable, "请求已中断，请重试。").Because(ctx.Err())
	}
	img, err := opened(u.MIME, f)
	if err != nil {
		return nil, nil, err
	}
	if u.MIME == model.MIMEWebP {
		keptAs(u, img)
	}
	whole, err := encoded(u.MIME, img)
	if err != nil {
		return nil, nil, broken(err)
	}
	u.Width, u.Height = img.Bounds().Dx(), img.Bounds().Dy()
	thumbs, err := thumbsOf(u.MIME, img, len(whole))
	if err != nil {
		return nil, nil, broken(err)
	}
	return bytes.NewReader(whole), thumbs, nil
}

// keptAs says in which form a WebP picture is kept, and names it so: with transparent parts as PNG, else as JPEG.
func keptAs(u *model.Upload, img image.Image) {
	u.MIME = model.MIMEPNG
	if o, ok := img.(interface{ Opaque() bool }); ok && o.Opaque() {
		u.MIME = model.MIMEJPEG
	}
	if end := path.Ext(u.Name); strings.EqualFold(end, ".webp") {
		u.Name = strings.TrimSuffix(u.Name, end)
	}
	u.Name = model.CleanFileName(u.Name, u.MIME)
}

// encoded writes a picture in the form that it is kept in.
func encoded(mime string, img image.Image) ([]byte, error) {
	var out bytes.Buffer
	var err error
	if mime == model.MIMEJPEG {
		err = jpeg.Encode(&out, img, &jpeg.Options{Quality: quality})
	} else {
		err = png.Encode(&out, img)
	}
	return out.Bytes(), err
}

// source is a picture on its way in.
type source interface {
	io.ReadSeeker
	io.ReaderAt
}

// opened reads a picture and sets it upright, unless it is larger than it should be or is none. Errors: validation_failed.
func opened(mime string, f source) (image.Image, error) {
	damaged := model.BadField("file", "broken", "图片已损坏或不完整，请重新选择。")
	decodeConfig, decode := png.DecodeConfig, png.Decode
	switch mime {
	case model.MIMEJPEG:
		decodeConfig, decode = jpeg.DecodeConfig, jpeg.Decode
	case model.MIMEWebP:
		decodeConfig, decode = webp.DecodeConfig, webp.Decode
		damaged = model.BadField("file", "broken", "这张 WebP 图片已损坏，或者是动图，请另存为 JPG 或 PNG 后再上传。")
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, broken(err)
	}
	size, err := decodeConfig(f)
	if err != nil {
		return nil, damaged.Because(err)
	}
	if tooLarge(size) {
		return nil, model.BadField("file", "too_many_pixels", "图片像素过大（最多 4000 万像素），请缩小后再上传。")
	}
	if mime == model.MIMEJPEG && scans(f) > maxScans {
		return nil, damaged
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, broken(err)
	}
	img, err := decode(f)
	if err != nil {
		return nil, damaged.Because(err)
	}
	if mime == model.MIMEJPEG {
		img = upright(img, orientation(f))
	}
	return img, nil
}

func tooLarge(c image.Config) bool {
	if c.Width <= 0 || c.Height <= 0 || c.Width > maxPixels/c.Height {
		return true
	}
	each := 4
	switch c.ColorModel {
	case color.NRGBA64Model, color.RGBA64Model:
		each = 8
	}
	return c.Width*c.Height*each > maxDecoded
}

// maxScans is how often a JPEG may go over itself. Cameras and programs make ten; a bomb makes ten thousand, each over all pixels.
const maxScans = 100

// scans counts the passes of a JPEG. What looks like one within a note of the camera is counted too, which does no harm.
func scans(f io.ReaderAt) int {
	n, last := 0, byte(0)
	b := make([]byte, 64<<10)
	for at := int64(0); ; at += int64(len(b)) {
		size, err := f.ReadAt(b, at)
		for _, c := range b[:size] {
			if last == 0xff && c == 0xda {
				n++
			}
			last = c
		}
		if err != nil {
			return n
		}
	}
}

// maxHeader is how far the note of the camera may lie from the beginning of the file.
const maxHeader = 256 << 10

// orientation reads from the camera's note how the picture must be turned, 1 to 8; 1 is as it is.
func orientation(f io.ReaderAt) int {
	b := make([]byte, maxHeader)
	n, _ := f.ReadAt(b, 0) // what could be read is enough; the rest is as good as absent
	b = b[:n]
	if len(b) < 2 {
		return 1
	}
	for b = b[2:]; len(b) >= 4 && b[0] == 0xff && b[1] != 0xda; {
		size := int(binary.BigEndian.Uint16(b[2:]))
		if size < 2 || 2+size > len(b) {
			return 1
		}
		if note, ok := bytes.CutPrefix(b[4:2+size], []byte("Exif\x00\x00")); ok && b[1] == 0xe1 {
			return orientationIn(note)
		}
		b = b[2+size:]
	}
	return 1
}

// orientationIn looks through the first directory of a TIFF block for tag 0x0112.
func orientationIn(t []byte) int {
	if len(t) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	if t[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(t[4:]))
	if at+2 > int64(len(t)) {
		return 1
	}
	entries := t[at+2:]
	for range order.Uint16(t[at:]) {
		if len(entries) < 12 {
			return 1
		}
		if order.Uint16(entries) == 0x0112 {
			if o := int(order.Uint16(entries[8:])); o >= 1 && o <= 8 {
				return o
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}

// upright turns and mirrors a picture as its orientation says, since the note that said so is not kept.
func upright(img image.Image, orientation int) image.Image {
	if orientation == 1 {
		return img
	}
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	dst := image.NewRGBA(image.Rect(0, 0, w, h))
	if orientation >= 5 {
		dst = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	at := pixels(img)
	for y := range dst.Rect.Dy() {
		for x := range dst.Rect.Dx() {
			sx, sy := x, y
			switch orientation {
			case 2:
				sx = w - 1 - x
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sy = h - 1 - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, h-1-x
			case 7:
				sx, sy = w-1-y, h-1-x
			case 8:
				sx, sy = w-1-y, x
			}
			dst.SetRGBA(x, y, at(b.Min.X+sx, b.Min.Y+sy))
		}
	}
	return dst
}

// pixels reads single pixels; of photographs without the detour through an interface, which costs seconds.
func pixels(img image.Image) func(x, y int) color.RGBA {
	if p, ok := img.(*image.YCbCr); ok {
		return func(x, y int) color.RGBA {
			c := p.YCbCrAt(x, y)
			r, g, b := color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
			return color.RGBA{r, g, b, 0xff}
		}
	}
	if p, ok := img.(*image.RGBA); ok {
		return p.RGBAAt
	}
	return func(x, y int) color.RGBA {
		r, g, b, a := img.At(x, y).RGBA()
		return color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), uint8(a >> 8)}
	}
}
