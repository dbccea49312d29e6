// Package s3test is a store that speaks S3, for tests: it checks every signature and body, keeps objects whole, and can be away.
package s3test

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
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
)

// What a store is asked with.
const (
	Key    = "a-key"
	Secret = "a/secret+of the store"
	region = "cn-north"
	bucket = "attachments"
)

// Faults of a store.
const (
	Away = "away" // it answers 503
	Lost = "lost" // the answer to a PUT is lost after it was done
	Cut  = "cut"  // bodies end in the middle
)

// Bucket is a small store that speaks S3: it checks every signature, keeps objects whole, and can be away.
type Bucket struct {
	*httptest.Server
	now     model.Clock
	mu      sync.Mutex
	objects map[string][]byte
	times   map[string]time.Time
	calls   []string
	fault   string
}

// New starts a store for the length of a test.
func New(t testing.TB, now model.Clock) *Bucket {
	t.Helper()
	b := &Bucket{now: now, objects: map[string][]byte{}, times: map[string]time.Time{}}
	b.Server = httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(b.Server.Close)
	return b
}

// Address is the setting that leads here.
func (b *Bucket) Address(secret string) string {
	return "s3://" + url.UserPassword(Key, secret).String() + "@" + strings.TrimPrefix(b.URL, "http://") + "/" + bucket + "/zhibu?region=" + region + "&tls=off"
}

// Set makes the store fail so, or heals it with "", and forgets its calls.
func (b *Bucket) Set(fault string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault, b.calls = fault, nil
}

// Names are those of the objects, in order.
func (b *Bucket) Names() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []string
	for name := range b.objects {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// Calls are the methods and ranges of what was asked since Set.
func (b *Bucket) Calls() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.calls)
}

// Place puts an object there that is so old, whatever its name; nil bytes keep what is there.
func (b *Bucket) Place(name string, body []byte, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if body != nil {
		b.objects[name] = body
	}
	b.times[name] = at
}

func s3Error(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<?xml version="1.0"?><Error><Code>%s</Code><Message>%s</Message></Error>`, code, code)
}

func (b *Bucket) serve(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls = append(b.calls, r.Method+" "+r.Header.Get("Range"))
	name, ok := strings.CutPrefix(r.URL.Path, "/"+bucket+"/")
	switch {
	case b.fault == Away:
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
		if b.fault == Cut && r.Method == http.MethodGet {
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			_, _ = w.Write(body[:len(body)/2])
			panic(http.ErrAbortHandler)
		}
		http.ServeContent(w, r, "", b.times[name], bytes.NewReader(body))
	}
}

func md5sum(b []byte) []byte { s := md5.Sum(b); return s[:] }

func (b *Bucket) put(w http.ResponseWriter, r *http.Request, name string) {
	body, err := io.ReadAll(r.Body)
	if err == nil && strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		body, err = unchunk(body)
	}
	if sum := r.Header.Get("Content-Md5"); err != nil || sum == "" || sum != base64.StdEncoding.EncodeToString(md5sum(body)) {
		s3Error(w, http.StatusBadRequest, "BadDigest")
		return
	}
	b.objects[name], b.times[name] = body, b.now()
	if b.fault == Lost {
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

func (b *Bucket) list(w http.ResponseWriter, r *http.Request) {
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
	if len(scope) != 2 || scope[0] != Key || !strings.HasSuffix(scope[1], "/"+region+"/s3/aws4_request") {
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
	key := []byte("AWS4" + Secret)
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
