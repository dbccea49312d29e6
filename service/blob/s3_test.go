package blob_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/service/blob"
	"zhibu/service/blob/s3test"
)

func openS3(t *testing.T, address string) blob.Store {
	t.Helper()
	s, err := blob.Open(address, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestS3KeepsWhatAFolderKeeps(t *testing.T) {
	b := s3test.New(t, time.Now)
	s, ctx := openS3(t, b.Address(s3test.Secret)), context.Background()
	if err := blob.Try(ctx, s); err != nil {
		t.Fatal(err)
	}
	if left := b.Names(); len(left) != 0 {
		t.Errorf("the trial left %v", left)
	}
	text := strings.Repeat("0123456789", 20_000)
	if err := s.Put(ctx, "abcd-1", strings.NewReader(text), int64(len(text))); err != nil {
		t.Fatal(err)
	}
	if got := b.Names(); !slices.Equal(got, []string{"zhibu/abcd-1"}) {
		t.Errorf("kept %v", got)
	}
	r, err := s.Open(ctx, "abcd-1")
	if err != nil {
		t.Fatal(err)
	}
	b.Set("")
	if size, err := r.Seek(0, io.SeekEnd); err != nil || size != int64(len(text)) {
		t.Errorf("size %d %v", size, err)
	}
	if _, err := r.Seek(150_003, io.SeekStart); err != nil {
		t.Error(err)
	}
	part := make([]byte, 10)
	if _, err := io.ReadFull(r, part); err != nil || string(part) != "3456789012" {
		t.Errorf("%q %v", part, err)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		t.Error(err)
	}
	whole, err := io.ReadAll(r)
	if err != nil || string(whole) != text {
		t.Errorf("%d bytes, %v", len(whole), err)
	}
	if want := []string{"GET bytes=150003-", "GET "}; !slices.Equal(b.Calls(), want) {
		t.Errorf("asked %q, want %q", b.Calls(), want)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	for range 2 { // what is gone is forgotten already
		if err := s.Delete(ctx, "abcd-1"); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.Open(ctx, "abcd-1"); !model.IsNotFound(err) {
		t.Errorf("a missing key: %v", err)
	}
}

func TestS3TellsWhatWasPutWhen(t *testing.T) {
	b := s3test.New(t, time.Now)
	s, ctx := openS3(t, b.Address(s3test.Secret)), context.Background()
	for _, key := range []string{"old-1", "old-2", "new-1"} {
		if err := s.Put(ctx, key, strings.NewReader(key), 5); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	for _, name := range []string{"zhibu/old-1", "zhibu/old-2"} {
		b.Place(name, nil, now.Add(-48*time.Hour))
	}
	for _, name := range []string{"zhibu/Not A Key", "elsewhere/old-3"} {
		b.Place(name, []byte("x"), now.Add(-48*time.Hour))
	}
	var seen []string
	err := s.Each(ctx, now.Add(-24*time.Hour), func(key string) error { seen = append(seen, key); return nil })
	if err != nil || !slices.Equal(seen, []string{"old-1", "old-2"}) {
		t.Errorf("%v %v", seen, err)
	}
	enough := errors.New("enough")
	if err := s.Each(ctx, now, func(string) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("%v", err)
	}
}

func TestS3ThatIsAwayIsUnavailableAndLeavesNothing(t *testing.T) {
	b := s3test.New(t, time.Now)
	s, ctx := openS3(t, b.Address(s3test.Secret)), context.Background()
	if err := s.Put(ctx, "kept-1", strings.NewReader("kept and kept"), 13); err != nil {
		t.Fatal(err)
	}
	unavailable := func(what string, err error) {
		t.Helper()
		var own *model.Error
		if !errors.As(err, &own) || own.Code != model.CodeUnavailable || own.RetryAfter == 0 || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", what, err)
		}
	}
	b.Set(s3test.Away)
	unavailable("put", s.Put(ctx, "lost-1", strings.NewReader("x"), 1))
	_, err := s.Open(ctx, "kept-1")
	unavailable("open", err)
	unavailable("delete", s.Delete(ctx, "kept-1"))
	unavailable("each", s.Each(ctx, time.Now(), func(string) error { return nil }))

	b.Set(s3test.Lost) // done, but nobody heard of it: what is called failed is not there either
	unavailable("put without an answer", s.Put(ctx, "lost-2", strings.NewReader("x"), 1))
	unavailable("put of fewer bytes than said", s.Put(ctx, "lost-3", strings.NewReader("x"), 5))
	if got := b.Names(); !slices.Equal(got, []string{"zhibu/kept-1"}) {
		t.Errorf("left %v", got)
	}

	b.Set(s3test.Cut)
	r, err := s.Open(ctx, "kept-1")
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.ReadAll(r)
	unavailable("a body that breaks off", err)
	_ = r.Close()

	b.Server.Close()
	_, err = openS3(t, b.Address(s3test.Secret)).Open(ctx, "kept-1")
	unavailable("nobody there", err)
}

func TestS3SaysThatKeysAreWrong(t *testing.T) {
	b := s3test.New(t, time.Now)
	err := blob.Try(context.Background(), openS3(t, b.Address("another")))
	if model.CodeOf(err) != model.CodeUnavailable || !strings.Contains(err.Error(), "SignatureDoesNotMatch") {
		t.Errorf("%v", err)
	}
}

func TestS3AddressesAreRead(t *testing.T) {
	for address, fine := range map[string]bool{
		"s3://k:s@127.0.0.1:9000/b":                                true,
		"s3://k:s@cos.ap-beijing.myqcloud.com/b?region=ap-beijing": true,
		"s3://k:s@h/b/folder?tls=off&style=path":                   true,
		"s3://k:s@h/b?tls=maybe":                                   false,
		"s3://k:s@h/b?style=odd":                                   false,
		"s3://k:s@h":                                               false,
		"s3://k@h/b":                                               false,
		"s3://h/b":                                                 false,
		"https://k:s3cret@h/b":                                     false,
		"s3://k:s3cret%zz@h/b":                                     false,
	} {
		s, err := blob.Open(address, "")
		if (err == nil) != fine || (err != nil && strings.Contains(err.Error(), "s3cret")) {
			t.Errorf("%s: %v", address, err)
		}
		if err == nil {
			_ = s.Close()
		}
	}
}

func TestAFolderTellsWhatWasPutWhen(t *testing.T) {
	f, _ := openFolder(t)
	ctx := context.Background()
	if err := blob.Try(ctx, f); err != nil {
		t.Fatal(err)
	}
	if err := f.Put(ctx, "abcd-1", strings.NewReader("x"), 1); err != nil {
		t.Fatal(err)
	}
	var seen []string
	note := func(key string) error { seen = append(seen, key); return nil }
	if err := f.Each(ctx, time.Now().Add(-time.Hour), note); err != nil || seen != nil {
		t.Errorf("%v %v", seen, err)
	}
	if err := f.Each(ctx, time.Now().Add(time.Hour), note); err != nil || !slices.Equal(seen, []string{"abcd-1"}) {
		t.Errorf("%v %v", seen, err)
	}
}
