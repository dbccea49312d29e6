package content

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/html"

	"zhibu/model"
)

// Pictures brings in the pictures of other servers.
type Pictures interface {
	// Take fetches the picture at an address and keeps it as a file of the actor's. Its error says why it could not be had.
	Take(ctx context.Context, actor *model.Actor, address string) (uploadID string, err error)
	// Keep keeps a picture that came with the text itself, likewise.
	Keep(ctx context.Context, actor *model.Actor, picture []byte) (uploadID string, err error)
}

// FetchPictures plugs in who brings pictures; without it they stay where they are. Do it before the program starts to serve.
func (s *Service) FetchPictures(p Pictures) { s.pictures = p }

const (
	maxRemote    = 30               // pictures of other servers that one text may bring
	fetchAtOnce  = 4                // of them at a time
	fetchAllTime = 40 * time.Second // for all of them together
)

// takePictures fetches the pictures of a body from other servers and makes them our own files; what cannot be had stays out, and the notes say so.
// It may take seconds and must stand outside any transaction.
func (s *Service) takePictures(ctx context.Context, actor *model.Actor, t *text) (notes []string, err error) {
	if t == nil {
		return nil, nil
	}
	lost := t.lost
	lost.unread += s.keepPasted(ctx, actor, t)
	notes = lost.notes()
	if s.pictures == nil || len(t.remote) == 0 {
		return notes, t.stillSays("正文只有图片，而这些图片没有带过来，请上传图片或补充文字。")
	}
	ctx, cancel := context.WithTimeout(ctx, fetchAllTime)
	defer cancel()
	ids := make([]string, len(t.remote))
	var wg sync.WaitGroup
	slots := make(chan struct{}, fetchAtOnce)
	for i, address := range t.remote[:min(len(t.remote), maxRemote)] {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			ids[i] = s.takePicture(ctx, actor, address, t.insecure[address])
		})
	}
	wg.Wait()
	have := map[string]string{}
	failed := 0
	for i, address := range t.remote {
		if have[address] = ids[i]; ids[i] == "" {
			failed++
		} else if !slices.Contains(t.files, ids[i]) {
			t.files = append(t.files, ids[i])
		}
	}
	if failed > 0 {
		notes = append(notes, fmt.Sprintf("有 %d 张外部图片没有取到，已从正文中去掉，请检查后单独上传。", failed))
	}
	t.html = withTaken(t.html, have)
	t.plain = plainOf(t.html)
	for address, id := range have {
		for _, written := range []string{address, "http" + strings.TrimPrefix(address, "https")} {
			if id != "" && (written == address || t.insecure[address]) {
				t.markdown = strings.ReplaceAll(t.markdown, written, "/files/"+id)
			}
		}
	}
	return notes, t.stillSays("正文只有外部图片，而这些图片没有取到，请上传图片或补充文字。")
}

// stillSays refuses a body of which nothing is left.
func (t *text) stillSays(otherwise string) error {
	if t.plain == "" && !strings.Contains(t.html, "<img") {
		return model.BadField("body_html", "required", otherwise)
	}
	return nil
}

// takePicture is empty for what cannot be had. An address that was named without TLS is tried as it was named too.
func (s *Service) takePicture(ctx context.Context, actor *model.Actor, address string, insecure bool) string {
	id, err := s.pictures.Take(ctx, actor, address)
	if err != nil && insecure && ctx.Err() == nil {
		id, err = s.pictures.Take(ctx, actor, "http"+strings.TrimPrefix(address, "https"))
	}
	if err != nil {
		return ""
	}
	return id
}

// lost counts the pictures of a pasted text that could not be brought along, by the reason.
type lost struct {
	local  int // of the writer's own machine
	large  int // in the text itself, but larger than a picture may be
	many   int // in the text itself, beyond the number that one text may bring
	unread int // in the text itself, but no picture that is known, or a damaged one
}

// notes tell the writer what is missing, why, and what to do.
func (l lost) notes() (list []string) {
	for _, n := range []struct {
		count int
		say   string
	}{
		{l.local, "有 %d 张图片在您的电脑上，粘贴时带不过来，请在编辑器中单独上传。"},
		{l.large, fmt.Sprintf("有 %%d 张粘贴的图片超过 %d MB，没有带过来，请缩小后单独上传。", maxPasted>>20)},
		{l.many, fmt.Sprintf("一篇文章最多随文带入 %d 张粘贴的图片，有 %%d 张没有带过来，请单独上传。", maxRemote)},
		{l.unread, "有 %d 张粘贴的图片无法识别或已损坏，没有带过来，请在编辑器中单独上传。"},
	} {
		if n.count > 0 {
			list = append(list, fmt.Sprintf(n.say, n.count))
		}
	}
	return list
}

// withTaken puts our own addresses in the place of other servers'; a picture without one goes.
func withTaken(clean string, have map[string]string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(clean))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return settle(b.String())
		}
		raw := string(z.Raw())
		if t := z.Token(); (kind == html.StartTagToken || kind == html.SelfClosingTagToken) && t.Data == "img" {
			for i, a := range t.Attr {
				if id, remote := have[a.Val]; a.Key == "src" && remote {
					t.Attr[i].Val = ""
					if id != "" {
						t.Attr[i].Val = "/files/" + id
					}
					raw = t.String()
				}
			}
		}
		b.WriteString(raw)
	}
}
