package draftbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	_ "image/png" // pictures of both kinds are kept
	"io"
	"regexp"
	"slices"

	"zhibu/model"
)

// ownPicture finds our own files among a text's pictures, as the content room writes them.
var ownPicture = regexp.MustCompile(`<img[^>]*\ssrc="/files/([A-Za-z0-9_-]+)"`)

// pictures are those of a text, with the addresses under which WeChat shows them.
type pictures struct {
	order     []string // the ids, as they stand in the text
	addresses map[string]string
	first     []byte // the first that may be shown, for a cover
	firstMIME string
}

// used lists the pictures that went into the text, each once.
func (p *pictures) used() []string {
	var ids []string
	for _, id := range p.order {
		if p.addresses[id] != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// pictures uploads what the text shows, each picture once for ever.
func (s *Service) pictures(ctx context.Context, body string, page *page) (*pictures, error) {
	p := &pictures{addresses: map[string]string{}}
	for _, m := range ownPicture.FindAllStringSubmatch(body, -1) {
		id := m[1]
		if slices.Contains(p.order, id) {
			continue
		}
		p.order = append(p.order, id)
		mime, content, err := s.read(ctx, id, s.options.Limits.Picture)
		if model.IsNotFound(err) {
			page.note("有图片已删除，或尚未通过内容检测，没有放入草稿。")
			continue
		}
		if err != nil {
			return nil, err
		}
		if content == nil {
			page.note("有图片过大，没有放入草稿，请在公众号后台补上。")
			continue
		}
		if p.first == nil {
			p.first, p.firstMIME = content, mime
		}
		if p.addresses[id], err = s.kept(ctx, model.OfficialText, mime, content); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// phoneWidth is wide enough for every phone; a picture that is too large for WeChat is taken in this width.
const phoneWidth = 750

// read reads a picture in a form of fewer bytes than the limit; nil where there is none.
func (s *Service) read(ctx context.Context, id string, limit int) (mime string, content []byte, err error) {
	for _, width := range []int{0, phoneWidth} {
		u, r, err := s.files.Public(ctx, id, width)
		if err != nil {
			return "", nil, err
		}
		b, err := io.ReadAll(io.LimitReader(r, maxRead))
		if cerr := r.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return "", nil, err
		}
		if !model.IsPicture(u.MIME) {
			return "", nil, model.NotFound("这张图片")
		}
		if len(b) < limit {
			return u.MIME, b, nil
		}
		mime, content = u.MIME, b
	}
	if smaller := pressed(content, limit); smaller != nil {
		return model.MIMEJPEG, smaller, nil
	}
	return mime, nil, nil
}

// maxRead bounds what is read of a picture: those of uploads are of this size at most.
const maxRead = 64 << 20

// pressed makes a picture smaller by showing less of it; nil where that does not help.
func pressed(content []byte, limit int) []byte {
	img, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil
	}
	flat := image.NewRGBA(img.Bounds()) // what can be seen through would become black
	draw.Draw(flat, flat.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(flat, flat.Bounds(), img, img.Bounds().Min, draw.Over)
	for _, quality := range []int{80, 60, 40} {
		var b bytes.Buffer
		if jpeg.Encode(&b, flat, &jpeg.Options{Quality: quality}) == nil && b.Len() < limit {
			return b.Bytes()
		}
	}
	return nil
}

// kept tells where WeChat keeps a picture, and uploads it where it does not.
func (s *Service) kept(ctx context.Context, place model.OfficialPlace, mime string, content []byte) (string, error) {
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])
	ref, err := s.store.OfficialPicture(ctx, hash, place, s.wechat.AppID())
	if err != nil || ref != "" {
		return ref, err
	}
	p := Picture{Name: hash[:16] + ".jpg", MIME: mime, Bytes: content}
	if mime != model.MIMEJPEG {
		p.Name = hash[:16] + ".png"
	}
	if place == model.OfficialText {
		ref, err = s.wechat.TextPicture(ctx, p)
	} else {
		ref, err = s.wechat.CoverPicture(ctx, p)
	}
	if err != nil {
		return "", err
	}
	return ref, s.store.KeepOfficialPicture(ctx, &model.OfficialPicture{SHA256: hash, Place: place, AppID: s.wechat.AppID(), Reference: ref, CreatedAt: s.clock()})
}

// cover is the picture of a draft's card.
type cover struct {
	s       *Service
	mime    string
	content []byte
}

// maxCover is what a lasting material may have.
const maxCover = 10 << 20

// cover finds the article's own, else the first picture of its text, else a plain one: WeChat takes no draft without.
func (s *Service) cover(ctx context.Context, ar *model.Article, p *pictures, page *page) (*cover, error) {
	if ar.CoverID != "" {
		mime, content, err := s.read(ctx, ar.CoverID, maxCover)
		if err != nil && !model.IsNotFound(err) {
			return nil, err
		}
		if err == nil && content != nil {
			return &cover{s, mime, content}, nil
		}
		page.note("封面图片已删除，或尚未通过内容检测，已用其他图片代替。")
	}
	if p.first != nil {
		return &cover{s, p.firstMIME, p.first}, nil
	}
	page.note("文章没有图片，封面暂用纯色图片，请在公众号后台更换。")
	return &cover{s, model.MIMEJPEG, plainCover()}, nil
}

// id is under which WeChat keeps the cover.
func (c *cover) id(ctx context.Context) (string, error) {
	return c.s.kept(ctx, model.OfficialCover, c.mime, c.content)
}

// anew uploads the cover again, since WeChat does not know it any more.
func (c *cover) anew(ctx context.Context) (string, error) {
	sum := sha256.Sum256(c.content)
	if err := c.s.store.DropOfficialPicture(ctx, hex.EncodeToString(sum[:]), model.OfficialCover, c.s.wechat.AppID()); err != nil {
		return "", err
	}
	return c.id(ctx)
}

// plainCover is a picture of one colour in the form of a card, always of the same bytes.
func plainCover() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 900, 383))
	draw.Draw(img, img.Bounds(), image.NewUniform(color.RGBA{0xa6, 0x1b, 0x1b, 0xff}), image.Point{}, draw.Src)
	var b bytes.Buffer
	_ = jpeg.Encode(&b, img, nil) // into memory
	return b.Bytes()
}
