// Package fetch gets pictures from other servers, and lets nobody use it to reach what only this machine can reach: an address is judged when the
// connection is made, after its name was resolved, and so again for every redirect.
package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/png"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"strings"
	"syscall"
	"time"

	"zhibu/model"
)

// Options are the limits. What is zero is the default.
type Options struct {
	MaxSize int64         // bytes of a picture; 10 MB
	Timeout time.Duration // for one picture, redirects included; 10 s
	// Permit says which addresses may be spoken to; Public when nil. Tests let their own servers pass.
	Permit func(netip.AddrPort) bool
}

// Fetcher gets pictures. It is safe for use by many goroutines.
type Fetcher struct {
	client  *http.Client
	maxSize int64
}

// maxRedirects is how often a server may send us elsewhere.
const maxRedirects = 3

// New makes a fetcher. It knows no proxy, keeps no cookies and sends nothing of ours but that it wants a picture.
func New(o Options) *Fetcher {
	if o.MaxSize == 0 {
		o.MaxSize = 10 << 20
	}
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Permit == nil {
		o.Permit = Public
	}
	dialer := &net.Dialer{Timeout: 5 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil || !o.Permit(to) {
			return errForbidden
		}
		return nil
	}}
	return &Fetcher{maxSize: o.MaxSize, client: &http.Client{
		Timeout: o.Timeout,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: 8 * time.Second,
			MaxResponseHeaderBytes: 64 << 10, MaxIdleConns: 8, IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return errors.New("too many redirects")
			}
			return speakable(req.URL)
		},
	}}
}

// Close lets go of idle connections.
func (f *Fetcher) Close() { f.client.CloseIdleConnections() }

var errForbidden = errors.New("the address is not on the public network")

// speakable: only the web, on its own ports, without a name and password.
func speakable(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("the scheme %q is not http or https", u.Scheme)
	case u.Hostname() == "" || u.User != nil:
		return errors.New("the address names no plain host")
	}
	return nil
}

// Picture is what was fetched.
type Picture struct {
	Name  string // from the address; its ending may not fit
	Bytes []byte
}

// Picture gets the picture at an address, judged by its bytes; of a moving one the first frame.
// Errors: validation_failed, with the cause for the log.
func (f *Fetcher) Picture(ctx context.Context, address string) (Picture, error) {
	p, err := f.picture(ctx, address)
	if err != nil {
		return Picture{}, model.BadField("url", "unreachable", "外部图片无法取得，请下载后上传。").Because(err)
	}
	return p, nil
}

func (f *Fetcher) picture(ctx context.Context, address string) (_ Picture, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return Picture{}, err
	}
	if err := speakable(u); err != nil {
		return Picture{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return Picture{}, err
	}
	req.Header.Set("Accept", "image/jpeg,image/png,image/webp;q=0.9,image/gif;q=0.8")
	req.Header.Set("User-Agent", "zhibu")
	res, err := f.client.Do(req)
	if err != nil {
		return Picture{}, err
	}
	defer func() { err = errors.Join(err, res.Body.Close()) }()
	if res.StatusCode != http.StatusOK {
		return Picture{}, fmt.Errorf("answered %s", res.Status)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, f.maxSize+1))
	if err != nil {
		return Picture{}, err
	}
	if int64(len(body)) > f.maxSize {
		return Picture{}, fmt.Errorf("larger than %d bytes", f.maxSize)
	}
	body, err = Still(body)
	return Picture{Name: nameOf(u), Bytes: body}, err
}

// maxPixels bounds what a moving picture is opened for: a few bytes may say to be larger than any memory.
const maxPixels = 20_000_000

// Still judges by the bytes, and answers with a picture that can be kept. Of moving pictures it takes the first frame, since uploads are still.
func Still(body []byte) ([]byte, error) {
	switch kind := http.DetectContentType(body); kind {
	case "image/jpeg", "image/png", "image/webp": // the room of uploads keeps WebP in another form
		return body, nil
	case "image/gif":
		size, err := gif.DecodeConfig(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		if size.Width <= 0 || size.Height <= 0 || size.Width > maxPixels/size.Height {
			return nil, errors.New("too many pixels")
		}
		frame, err := gif.Decode(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		return asPNG(frame)
	default:
		return nil, fmt.Errorf("is %s, which is no picture that we keep", kind)
	}
}

func asPNG(img image.Image) ([]byte, error) {
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return b.Bytes(), err
}

// nameOf is a name for the picture. 公众号's addresses end with a width.
func nameOf(u *url.URL) string {
	name := path.Base(u.Path)
	if !strings.Contains(name, ".") {
		return "图片"
	}
	return name
}
