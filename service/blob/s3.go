package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"zhibu/model"
)

// S3 is a Store in a bucket of any store that speaks S3: AWS, MinIO, COS, OSS. An object is there whole or not at all, since it is put in one request.
type S3 struct {
	core      minio.Core
	transport *http.Transport
	bucket    string
	prefix    string // before every key; empty or with a slash at its end
}

var _ Store = (*S3)(nil)

// errForm is told to whoever wrote the address wrongly; the address itself holds a secret and is never repeated.
var errForm = errors.New("the address of the attachments' store must look like s3://key:secret@endpoint/bucket?region=…&tls=on, with the secret percent-encoded")

// The patience with a store: it is asked twice, and each answer must begin within the time.
const (
	s3Tries  = 2
	s3Answer = 30 * time.Second
	s3Dial   = 5 * time.Second
)

// OpenS3 reads s3://key:secret@endpoint/bucket[/prefix]?region=…&tls=on|off&style=auto|path|host. It makes no request: a store that is away now may be back later.
func OpenS3(address string) (*S3, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.User == nil || u.User.Username() == "" {
		return nil, errForm
	}
	secret, _ := u.User.Password()
	bucket, prefix, _ := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if secret == "" || bucket == "" {
		return nil, errForm
	}
	secure, err := onOff(u.Query().Get("tls"))
	if err != nil {
		return nil, err
	}
	styles := map[string]minio.BucketLookupType{"": minio.BucketLookupAuto, "auto": minio.BucketLookupAuto, "path": minio.BucketLookupPath, "host": minio.BucketLookupDNS}
	style, ok := styles[u.Query().Get("style")]
	if !ok {
		return nil, errors.New("style= must be auto, path or host")
	}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: s3Dial}).DialContext, TLSHandshakeTimeout: s3Dial,
		ResponseHeaderTimeout: s3Answer, MaxIdleConnsPerHost: 32, IdleConnTimeout: 90 * time.Second, ExpectContinueTimeout: time.Second,
		DisableCompression: true, // ranges are of the bytes as they are kept
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds: credentials.NewStaticV4(u.User.Username(), secret, ""), Secure: secure, Region: u.Query().Get("region"),
		BucketLookup: style, Transport: transport, MaxRetries: s3Tries,
	})
	if err != nil {
		return nil, errForm // what the library says of an address may repeat it
	}
	if prefix = strings.Trim(path.Clean("/"+prefix), "/"); prefix != "" {
		prefix += "/"
	}
	return &S3{core: minio.Core{Client: client}, transport: transport, bucket: bucket, prefix: prefix}, nil
}

// onOff reads tls=: it is on unless it was turned off.
func onOff(v string) (bool, error) {
	switch v {
	case "", "on":
		return true, nil
	case "off":
		return false, nil
	}
	on, err := strconv.ParseBool(v)
	if err != nil {
		return false, errors.New("tls= must be on or off")
	}
	return on, nil
}

// Close ends the connections that wait for more to do.
func (s *S3) Close() error {
	s.transport.CloseIdleConnections()
	return nil
}

// Put sends the bytes in one request. Where its outcome is not known the key is deleted again, so that nothing is left of what the caller takes for failed.
func (s *S3) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	if _, _, err := place(key); err != nil {
		return err
	}
	_, err := s.core.Client.PutObject(ctx, s.bucket, s.prefix+key, r, size, minio.PutObjectOptions{
		DisableMultipart: true, SendContentMd5: true, ContentType: "application/octet-stream",
	})
	if err == nil {
		return nil
	}
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), s3Dial)
	defer cancel()
	_ = s.core.Client.RemoveObject(after, s.bucket, s.prefix+key, minio.RemoveObjectOptions{}) // when it cannot be reached now, the nightly clean-up finds it
	return away(err)
}

// Open asks for the object's size; its bytes are asked for when they are read, from where they are read.
func (s *S3) Open(ctx context.Context, key string) (io.ReadSeekCloser, error) {
	if _, _, err := place(key); err != nil {
		return nil, err
	}
	info, err := s.core.Client.StatObject(ctx, s.bucket, s.prefix+key, minio.StatObjectOptions{})
	if err != nil {
		return nil, away(err)
	}
	return &object{ctx: ctx, store: s, name: s.prefix + key, size: info.Size}, nil
}

// Delete forgets a key.
func (s *S3) Delete(ctx context.Context, key string) error {
	if _, _, err := place(key); err != nil {
		return err
	}
	err := away(s.core.Client.RemoveObject(ctx, s.bucket, s.prefix+key, minio.RemoveObjectOptions{}))
	if model.IsNotFound(err) {
		return nil
	}
	return err
}

// Each calls f with every key that was put before the instant.
func (s *S3) Each(ctx context.Context, before time.Time, f func(key string) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends the listing where f ended it
	for o := range s.core.Client.ListObjects(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix, Recursive: true}) {
		if o.Err != nil {
			return away(o.Err)
		}
		key := strings.TrimPrefix(o.Key, s.prefix)
		if !keyPattern.MatchString(key) || !o.LastModified.Before(before) {
			continue
		}
		if err := f(key); err != nil {
			return err
		}
	}
	return nil
}

// object is an object that is being read.
type object struct {
	ctx   context.Context // of the request that reads it
	store *S3
	name  string
	size  int64
	at    int64
	body  io.ReadCloser // from at on; nil until it is read
}

// Read reads on, and asks for the object from here on where nothing was asked for yet.
func (o *object) Read(p []byte) (int, error) {
	if o.at >= o.size {
		return 0, io.EOF
	}
	if o.body == nil {
		opts := minio.GetObjectOptions{}
		if o.at > 0 {
			if err := opts.SetRange(o.at, 0); err != nil {
				return 0, failed(err)
			}
		}
		body, _, _, err := o.store.core.GetObject(o.ctx, o.store.bucket, o.name, opts)
		if err != nil {
			return 0, away(err)
		}
		o.body = body
	}
	n, err := o.body.Read(p)
	o.at += int64(n)
	switch {
	case err == nil || o.at == o.size && errors.Is(err, io.EOF):
		return n, err
	case errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	return n, away(err)
}

// Seek moves without asking for anything.
func (o *object) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += o.at
	case io.SeekEnd:
		offset += o.size
	}
	if offset < 0 {
		return 0, failed(fmt.Errorf("seek to %d", offset))
	}
	if offset == o.at {
		return offset, nil
	}
	o.at = offset
	return offset, o.drop()
}

// Close lets go of what was asked for.
func (o *object) Close() error { return o.drop() }

func (o *object) drop() error {
	if o.body == nil {
		return nil
	}
	body := o.body
	o.body = nil
	return body.Close()
}

// addressed finds the query of an address in an error, where a signature might stand.
var addressed = regexp.MustCompile(`\?[^\s":]*`)

// away makes a store's error ours. Whatever keeps it from answering may be mended while the program runs, wrong keys too.
func away(err error) error {
	if err == nil {
		return nil
	}
	said := minio.ToErrorResponse(err)
	if said.Code == minio.NoSuchKey {
		return model.NotFound("这个文件").Because(err)
	}
	var own *model.Error
	if errors.As(err, &own) {
		return err
	}
	e := model.Fail(model.CodeUnavailable, "文件存储暂时不可用，请稍后再试。").
		Because(fmt.Errorf("attachments' store: %s %s", said.Code, addressed.ReplaceAllString(err.Error(), "?…")))
	e.RetryAfter = 10 * time.Second
	return e
}
