package content

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"

	"zhibu/model"
)

// Word and some editors put a picture into the pasted text itself, as a data: address. While the text is cleaned an address of ours stands in its
// place, in a domain that nobody can have; then the picture becomes a file as if it had been uploaded.
const (
	pastedPrefix = "https://pasted.invalid/"
	maxPasted    = 5 << 20 // bytes of one picture
)

var (
	inlinePicture = regexp.MustCompile(`^(?i:data:image/(png|jpeg|jpg|gif|webp);base64,)([A-Za-z0-9+/\s]+={0,2})\s*$`)
	inlineAnyhow  = regexp.MustCompile(`(?i)data:image/[a-z]+;base64,[A-Za-z0-9+/=\s]+`)
)

// pasted is a picture that stood in a text.
type pasted struct {
	address string // that stands for it while the text is cleaned
	written string // as it stood there
	shown   string // the same in one spelling, for a preview
	bytes   []byte
}

// takeInline takes a picture out of its address, and answers with the one that stands for it; "" where it cannot be brought along, which is counted.
func (t *tidier) takeInline(src string) string {
	m := inlinePicture.FindStringSubmatch(src)
	if m == nil {
		t.lost.unread++
		return ""
	}
	coded := strings.Join(strings.Fields(m[2]), "")
	body, err := base64.StdEncoding.DecodeString(coded)
	switch {
	case err != nil || len(body) == 0:
		t.lost.unread++
		return ""
	case len(body) > maxPasted:
		t.lost.large++
		return ""
	}
	sum := sha256.Sum256(body)
	p := pasted{address: pastedPrefix + hex.EncodeToString(sum[:]), written: src, shown: "data:image/" + strings.ToLower(m[1]) + ";base64," + coded, bytes: body}
	if slices.ContainsFunc(t.pasted, func(o pasted) bool { return o.address == p.address }) {
		return p.address
	}
	if len(t.pasted) == maxRemote {
		t.lost.many++
		return ""
	}
	t.pasted = append(t.pasted, p)
	return p.address
}

// withoutInline is a text without the bytes of its pictures, which do not count as characters.
func withoutInline(source string) string { return inlineAnyhow.ReplaceAllString(source, "") }

// keepPasted makes the pictures that stood in a body our own files. What is no picture after all goes, and its number is told.
func (s *Service) keepPasted(ctx context.Context, actor *model.Actor, t *text) (gone int) {
	if len(t.pasted) == 0 {
		return 0
	}
	have := map[string]string{}
	for _, p := range t.pasted {
		id := ""
		if s.pictures != nil && ctx.Err() == nil {
			if kept, err := s.pictures.Keep(ctx, actor, p.bytes); err == nil {
				id = kept
			}
		}
		have[p.address] = id
		if id == "" {
			gone++
			continue
		}
		if !slices.Contains(t.files, id) {
			t.files = append(t.files, id)
		}
		t.markdown = strings.ReplaceAll(t.markdown, p.written, "/files/"+id)
	}
	t.html = withTaken(t.html, have)
	t.plain = plainOf(t.html)
	return gone
}

// showPasted puts the pictures back into a body that is looked at and not kept.
func showPasted(clean string, list []pasted) string {
	for _, p := range list {
		clean = strings.ReplaceAll(clean, `src="`+p.address+`"`, `src="`+p.shown+`"`)
	}
	return clean
}
