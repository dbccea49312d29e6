package wechat

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"zhibu/model"
)

func verdict(suggest, label string) string {
	return fmt.Sprintf(`{"errcode":0,"errmsg":"ok","trace_id":"t-%s","result":{"suggest":%q,"label":%s},"detail":[{"strategy":"content_model","errcode":0,"suggest":"risky","label":20002,"prob":90,"level":90}]}`, suggest, suggest, label)
}

func TestCheckText(t *testing.T) {
	long := strings.Repeat("党建学习", 1500) // 6000 characters: three pieces
	for _, c := range []struct {
		name    string
		text    string
		answers []string
		calls   int
		want    Verdict
	}{
		{"pass", "好", []string{verdict("pass", "100")}, 1, Verdict{Pass, 100, "t-pass"}},
		{"politics", "好", []string{verdict("risky", "20001")}, 1, Verdict{Risky, LabelPolitics, "t-risky"}},
		{"label as text", "好", []string{verdict("review", `"20001"`)}, 1, Verdict{Review, 20001, "t-review"}},
		{"a word of tomorrow is for a person", "好", []string{verdict("maybe", "100")}, 1, Verdict{Review, 100, "t-maybe"}},
		{"verdict of the first version", "坏", []string{fault(87014, "risky content")}, 1, Verdict{Risky, 0, "6166f719-1234abcd-5678ef01"}},
		{"busy twice", "好", []string{fault(-1, "x"), "<html>", verdict("pass", "100")}, 3, Verdict{Pass, 100, "t-pass"}},
		{"minute quota once", "好", []string{fault(45011, "x"), verdict("pass", "100")}, 2, Verdict{Pass, 100, "t-pass"}},
		{"the worst of three", long, []string{verdict("pass", "100"), verdict("review", "21000"), verdict("pass", "100")}, 3, Verdict{Review, 21000, "t-review"}},
		{"risky ends it", long, []string{verdict("pass", "100"), verdict("risky", "20002"), verdict("pass", "100")}, 2, Verdict{Risky, 20002, "t-risky"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t, answers(c.answers...))
			got, err := f.door.CheckText(t.Context(), TextCheck{OpenID: "oABC", Title: "题", Nickname: "名", Content: c.text})
			if err != nil || got != c.want {
				t.Errorf("%+v, %v", got, err)
			}
			if n := len(f.seen()); n != c.calls {
				t.Errorf("%d calls", n)
			}
		})
	}
}

// Whatever is no clear answer is an error, so that the text is held; never a pass.
func TestCheckTextHolds(t *testing.T) {
	for _, c := range []struct {
		answer string
		want   RetryClass
		calls  int
	}{
		{fault(-1, "x"), ClassRetry, 4},
		{fault(45011, "x"), ClassMinute, 4},
		{`{"errcode":0}`, ClassRetry, 4},
		{`{"result":{"suggest":"pass","label":100}}`, ClassRetry, 4},
		{`{"errcode":0,"result":{}}`, ClassRetry, 4},
		{fault(61010, "code is expired"), ClassNotRecent, 1},
		{fault(45009, "x"), ClassDaily, 1},
		{fault(44991, "x"), ClassMinute, 1},
		{fault(43104, "x"), ClassRecipient, 1},
	} {
		f := newFake(t, answers(c.answer))
		v, err := f.door.CheckText(t.Context(), TextCheck{Content: "好"})
		if e := callError(t, err); e.Class != c.want || v != (Verdict{}) {
			t.Errorf("%s: %+v, %v", c.answer, v, err)
		}
		if n := len(f.seen()); n != c.calls {
			t.Errorf("%s: %d calls", c.answer, n)
		}
		var waited time.Duration
		for _, p := range f.pauses {
			waited += p
		}
		if waited > checkPatience {
			t.Errorf("waited %v", waited)
		}
	}
	// One piece that could not be checked holds the whole text.
	f := newFake(t, answers(verdict("pass", "100"), fault(45009, "x")))
	if _, err := f.door.CheckText(t.Context(), TextCheck{Content: strings.Repeat("长", 3000)}); err == nil {
		t.Error("half a check is taken for a whole one")
	}
	if _, err := f.door.CheckText(t.Context(), TextCheck{Content: " \n"}); model.CodeOf(err) != model.CodeInvalid {
		t.Errorf("empty text: %v", err)
	}
}

func TestCheckTextStopsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f := newFake(t, answers(fault(-1, "x")))
	f.door.pause = func(ctx context.Context, _ time.Duration) error {
		cancel()
		return ctx.Err()
	}
	if _, err := f.door.CheckText(ctx, TextCheck{Content: "好"}); callError(t, err).Class != ClassRetry || len(f.seen()) != 1 {
		t.Errorf("%d calls, %v", len(f.seen()), err)
	}
}

// Patience is measured by the clock too: slow refusals leave no room for more tries.
func TestCheckTextPatience(t *testing.T) {
	f := newFake(t, answers(fault(-1, "x")))
	f.door.pause = func(context.Context, time.Duration) error { f.advance(checkPatience); return nil }
	_, _ = f.door.CheckText(t.Context(), TextCheck{Content: "好"})
	if n := len(f.seen()); n != 2 {
		t.Errorf("%d calls", n)
	}
}

func TestCheckTextRequest(t *testing.T) {
	f := newFake(t, answers(verdict("pass", "100")))
	_, _ = f.door.CheckText(t.Context(), TextCheck{OpenID: "oABC", Scene: SceneForum, Title: "题", Content: strings.Repeat("字", 2600), Nickname: "名"})
	first, second := f.seen()[0].body, f.seen()[1].body
	if first["version"] != 2.0 || first["scene"] != 3.0 || first["openid"] != "oABC" || first["title"] != "题" || first["nickname"] != "名" {
		t.Errorf("sent %v", first)
	}
	if second["version"] != 2.0 || second["scene"] != 3.0 || second["openid"] != "oABC" || second["title"] != nil {
		t.Errorf("sent %v", second)
	}
	_, _ = f.door.CheckText(t.Context(), TextCheck{Title: "只有题"})
	if b := f.seen()[2].body; b["content"] != "只有题" || b["scene"] != 2.0 {
		t.Errorf("sent %v", b)
	}
}

func TestPieces(t *testing.T) {
	for _, s := range []string{"", "一", strings.Repeat("字", 2500), strings.Repeat("字", 2501), strings.Repeat("😀", 2500), strings.Repeat("a😀", 4000)} {
		got := pieces(s, checkLimit, checkOverlap)
		joined := ""
		for i, p := range got {
			if n := len(utf16.Encode([]rune(p))); n > checkLimit {
				t.Errorf("a piece of %d", n)
			}
			if i > 0 {
				r := []rune(p)
				if !strings.HasSuffix(joined, string(r[:checkOverlap])) {
					t.Error("pieces do not overlap")
				}
				p = string(r[checkOverlap:])
			}
			joined += p
		}
		if joined != s {
			t.Errorf("%d characters lost", len(s)-len(joined))
		}
	}
	if n := len(pieces(strings.Repeat("字", 2500), checkLimit, checkOverlap)); n != 1 {
		t.Errorf("2500 characters make %d pieces", n)
	}
}

func TestMediaCheck(t *testing.T) {
	f := newFake(t, answers(`{"errcode":0,"errmsg":"ok","trace_id":"tr-1"}`))
	id, err := f.door.MediaCheck(t.Context(), MediaCheck{OpenID: "oABC", URL: "https://x/a.jpg?s=1&e=2"})
	if err != nil || id != "tr-1" {
		t.Fatal(id, err)
	}
	want := map[string]any{"media_url": "https://x/a.jpg?s=1&e=2", "media_type": 2.0, "version": 2.0, "scene": 3.0, "openid": "oABC"}
	if got := f.seen()[0]; got.path != APIMediaCheck || !reflect.DeepEqual(got.body, want) {
		t.Errorf("sent %+v", got)
	}
	f = newFake(t, answers(fault(87020, "repeated")))
	if _, err := f.door.MediaCheck(t.Context(), MediaCheck{}); callError(t, err).Class != ClassDuplicate {
		t.Error(err)
	}
}
