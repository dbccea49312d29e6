package blob_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"zhibu/model"
	"zhibu/service/blob"
)

const (
	s3Key    = "a-key"
	s3Secret = "a/secret+of the store"
	s3Region = "cn-north"
	s3Bucket = "attachments"
)

// bucket is a small store that speaks S3: it checks every signature, keeps objects whole, and can be away.
type bucket struct {
	*httptest.Server
	mu      sync.Mutex
	objects map[string][]byte
	times   map[string]time.Time
	calls   []string
	fault   string // "away": 503; "lost": the answer to a PUT is lost after it was done; "cut": bodies end in the middle
}

func newBucket(t *testing.T) *bucket {
	b := &bucket{objects: map[string][]byte{}, times: map[string]time.Time{}}
	b.Server = httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(b.Server.Close)
	return b
}

// address is the setting that leads here.
func (b *bucket) address(secret string) string {
	return "s3://" + url.UserPassword(s3Key, secret).String() + "@" + strings.TrimPrefix(b.URL, "http://") + "/" + s3Bucket + "/zhibu?region=" + s3Region + "&tls=off"
}

func (b *bucket) set(fault string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault, b.calls = fault, nil
}

func (b *bucket) names() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []string
	for name := range b.objects {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

func s3Error(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<?xml version="1.0"?><Error><Code>%s</Code><Message>%s</Message></Error>`, code, code)
}

func (b *bucket) serve(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls = append(b.calls, r.Method+" "+r.Header.Get("Range"))
	name, ok := strings.CutPrefix(r.URL.Path, "/"+s3Bucket+"/")
	switch {
	case b.fault == "away":
		s3Error(w, http.StatusServiceUnavailable, "SlowDown")
	case !signed(r):
		s3Error(w, http.StatusForbidden, "SignatureDoesNotMatch")
	case !ok:
		s3Error(w, http.StatusNotFound, "NoSuchBucket")
	case name == "" && r.Method == http.MethodGet:
		b.list(w, r)
	case r.Method == http.MethodPut:
		b.put(w, r, name)
	case r.Method == http.MethodDelete:
		delete(b.objects, name)
		w.WriteHeader(http.StatusNoContent)
	case b.objects[name] == nil:
		s3Error(w, http.StatusNotFound, "NoSuchKey")
	default:
		body := b.objects[name]
		w.Header().Set("ETag", `"`+hex.EncodeToString(md5sum(body))+`"`)
		w.Header().Set("Last-Modified", b.times[name].UTC().Format(http.TimeFormat))
		if b.fault == "cut" && r.Method == http.MethodGet {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			_, _ = w.Write(body[:len(body)/2])
			panic(http.ErrAbortHandler)
		}
		http.ServeContent(w, r, "", b.times[name], bytes.NewReader(body))
	}
}

func md5sum(b []byte) []byte { s := md5.Sum(b); return s[:] }

func (b *bucket) put(w http.ResponseWriter, r *http.Request, name string) {
	body, err := io.ReadAll(r.Body)
	if err == nil && strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		body, err = unchunk(body)
	}
	if sum := r.Header.Get("Content-Md5"); err != nil || sum == "" || sum != base64.StdEncoding.EncodeToString(md5sum(body)) {
		s3Error(w, http.StatusBadRequest, "BadDigest")
		return
	}
	b.objects[name], b.times[name] = body, time.Now()
	if b.fault == "lost" {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("ETag", `"`+hex.EncodeToString(md5sum(body))+`"`)
}

// unchunk takes the signatures of the pieces out of a body that was signed as it was sent.
func unchunk(body []byte) ([]byte, error) {
	var whole []byte
	in := bufio.NewReader(bytes.NewReader(body))
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		head, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		n, err := strconv.ParseInt(head, 16, 64)
		if err != nil || n == 0 {
			return whole, err
		}
		piece := make([]byte, n+2)
		if _, err := io.ReadFull(in, piece); err != nil {
			return nil, err
		}
		whole = append(whole, piece[:n]...)
	}
}

func (b *bucket) list(w http.ResponseWriter, r *http.Request) {
	type entry struct {
		Key          string
		LastModified string
		Size         int
	}
	var out struct {
		XMLName     xml.Name `xml:"ListBucketResult"`
		Name        string
		IsTruncated bool
		Contents    []entry
	}
	for name, body := range b.objects {
		if strings.HasPrefix(name, r.URL.Query().Get("prefix")) {
			out.Contents = append(out.Contents, entry{name, b.times[name].UTC().Format(time.RFC3339), len(body)})
		}
	}
	slices.SortFunc(out.Contents, func(a, b entry) int { return strings.Compare(a.Key, b.Key) })
	_ = xml.NewEncoder(w).Encode(out)
}

// signed makes the signature of version 4 anew and compares.
func signed(r *http.Request) bool {
	part := map[string]string{}
	for _, p := range strings.Split(strings.TrimPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 "), ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(p), "=")
		part[k] = v
	}
	scope := strings.SplitN(part["Credential"], "/", 2)
	if len(scope) != 2 || scope[0] != s3Key || !strings.HasSuffix(scope[1], "/"+s3Region+"/s3/aws4_request") {
		return false
	}
	var headers strings.Builder
	for _, h := range strings.Split(part["SignedHeaders"], ";") {
		v := r.Header.Get(h)
		if h == "host" {
			v = r.Host
		}
		if h == "content-length" && v == "" {
			v = strconv.FormatInt(r.ContentLength, 10)
		}
		headers.WriteString(h + ":" + v + "\n")
	}
	canonical := strings.Join([]string{r.Method, r.URL.EscapedPath(), strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20"), headers.String(), part["SignedHeaders"], r.Header.Get("X-Amz-Content-Sha256")}, "\n")
	sum := sha256.Sum256([]byte(canonical))
	text := "AWS4-HMAC-SHA256\n" + r.Header.Get("X-Amz-Date") + "\n" + scope[1] + "\n" + hex.EncodeToString(sum[:])
	key := []byte("AWS4" + s3Secret)
	for _, p := range strings.Split(scope[1], "/") {
		key = mac(key, p)
	}
	return hmac.Equal([]byte(hex.EncodeToString(mac(key, text))), []byte(part["Signature"]))
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

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
	b := newBucket(t)
	s, ctx := openS3(t, b.address(s3Secret)), context.Background()
	if err := blob.Try(ctx, s); err != nil {
		t.Fatal(err)
	}
	if left := b.names(); len(left) != 0 {
		t.Errorf("the trial left %v", left)
	}
	text := strings.Repeat("0123456789", 20_000)
	if err := s.Put(ctx, "abcd-1", strings.NewReader(text), int64(len(text))); err != nil {
		t.Fatal(err)
	}
	if got := b.names(); !slices.Equal(got, []string{"zhibu/abcd-1"}) {
		t.Errorf("kept %v", got)
	}
	r, err := s.Open(ctx, "abcd-1")
	if err != nil {
		t.Fatal(err)
	}
	b.set("")
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
	b.mu.Lock()
	if want := []string{"GET bytes=150003-", "GET "}; !slices.Equal(b.calls, want) {
		t.Errorf("asked %q, want %q", b.calls, want)
	}
	b.mu.Unlock()
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
	b := newBucket(t)
	s, ctx := openS3(t, b.address(s3Secret)), context.Background()
	for _, key := range []string{"old-1", "old-2", "new-1"} {
		if err := s.Put(ctx, key, strings.NewReader(key), 5); err != nil {
			t.Fatal(err)
		}
	}
	b.mu.Lock()
	b.objects["zhibu/Not A Key"], b.objects["elsewhere/old-3"] = []byte("x"), []byte("x")
	now := time.Now()
	for name := range b.objects {
		b.times[name] = now.Add(-48 * time.Hour)
	}
	b.times["zhibu/new-1"] = now
	b.mu.Unlock()
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
	b := newBucket(t)
	s, ctx := openS3(t, b.address(s3Secret)), context.Background()
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
	b.set("away")
	unavailable("put", s.Put(ctx, "lost-1", strings.NewReader("x"), 1))
	_, err := s.Open(ctx, "kept-1")
	unavailable("open", err)
	unavailable("delete", s.Delete(ctx, "kept-1"))
	unavailable("each", s.Each(ctx, time.Now(), func(string) error { return nil }))

	b.set("lost") // done, but nobody heard of it: what is called failed is not there either
	unavailable("put without an answer", s.Put(ctx, "lost-2", strings.NewReader("x"), 1))
	unavailable("put of fewer bytes than said", s.Put(ctx, "lost-3", strings.NewReader("x"), 5))
	if got := b.names(); !slices.Equal(got, []string{"zhibu/kept-1"}) {
		t.Errorf("left %v", got)
	}

	b.set("cut")
	r, err := s.Open(ctx, "kept-1")
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.ReadAll(r)
	unavailable("a body that breaks off", err)
	_ = r.Close()

	b.Server.Close()
	_, err = openS3(t, b.address(s3Secret)).Open(ctx, "kept-1")
	unavailable("nobody there", err)
}

func TestS3SaysThatKeysAreWrong(t *testing.T) {
	b := newBucket(t)
	err := blob.Try(context.Background(), openS3(t, b.address("another")))
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
