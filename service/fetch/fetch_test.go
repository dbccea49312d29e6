package fetch

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"zhibu/model"
)

func TestPublic(t *testing.T) {
	for _, s := range []string{
		"127.0.0.1:80", "127.9.9.9:443", "0.0.0.0:80", "10.1.2.3:80", "172.16.0.1:80", "172.31.255.255:443", "192.168.1.1:80", "169.254.169.254:80", "100.64.0.1:80",
		"100.100.100.200:80", "192.0.0.192:80", "198.18.0.1:80", "224.0.0.1:80", "239.255.255.250:80", "255.255.255.255:80", "240.0.0.1:80", "168.63.129.16:80",
		"[::1]:80", "[::]:80", "[::ffff:127.0.0.1]:80", "[::ffff:10.0.0.1]:443", "[::127.0.0.1]:80", "[fe80::1]:80", "[fe80::1%eth0]:80", "[fc00::1]:80", "[fd00:ec2::254]:80",
		"[fec0::1]:80", "[ff02::1]:80", "[64:ff9b::7f00:1]:80", "[64:ff9b:1::1]:80", "[2002:7f00:1::]:80", "[2001:0:7f00::1]:80", "[2001:db8::1]:80", "[100::1]:80",
		"8.8.8.8:22", "8.8.8.8:8080", "[2606:4700::1111]:6379", "8.8.8.8:0",
	} {
		if Public(netip.MustParseAddrPort(s)) {
			t.Errorf("%s may be reached", s)
		}
	}
	for _, s := range []string{"8.8.8.8:80", "1.1.1.1:443", "172.32.0.1:80", "100.128.0.1:443", "[2606:4700::1111]:443", "[240e::1]:80", "[::ffff:8.8.8.8]:443"} {
		if !Public(netip.MustParseAddrPort(s)) {
			t.Errorf("%s may not be reached", s)
		}
	}
}

func dot() image.Image {
	img := image.NewPaletted(image.Rect(0, 0, 2, 3), color.Palette{color.Black, color.White})
	img.SetColorIndex(1, 1, 1)
	return img
}

func pngBytes(t *testing.T) []byte {
	t.Helper()
	b, err := asPNG(dot())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// serve is a server on this machine, with the pages of a map.
func serve(t *testing.T, pages map[string]http.HandlerFunc) *httptest.Server {
	t.Helper()
	mux := http.NewServeMux()
	for at, h := range pages {
		mux.HandleFunc(at, h)
	}
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// The guard stands where connections are made: no name, no other spelling of an address and no redirect leads around it.
func TestNothingInsideIsReached(t *testing.T) {
	asked := 0
	inside := serve(t, map[string]http.HandlerFunc{"/": func(w http.ResponseWriter, _ *http.Request) { asked++; _, _ = w.Write(pngBytes(t)) }})
	port := inside.URL[strings.LastIndex(inside.URL, ":"):]
	onlyThisPort := func(to netip.AddrPort) bool { return Public(netip.AddrPortFrom(to.Addr(), 443)) } // the test's ports are not the web's
	f := New(Options{Permit: onlyThisPort})
	defer f.Close()
	for _, address := range []string{
		inside.URL + "/a.png", "http://localhost" + port + "/a.png", "http://2130706433" + port + "/a.png", "http://0x7f.1" + port + "/a.png", "http://127.1" + port + "/", "http://0" + port + "/",
		"http://[::1]" + port + "/", "http://[::ffff:127.0.0.1]" + port + "/a.png", "http://LOCALHOST." + port + "/",
		"file:///etc/passwd", "gopher://127.0.0.1" + port, "ftp://127.0.0.1/", "//127.0.0.1" + port, "http://user:pass@127.0.0.1" + port, "http://", "", "http://169.254.169.254/latest/meta-data/",
	} {
		if _, err := f.Picture(context.Background(), address); model.CodeOf(err) != model.CodeInvalid {
			t.Errorf("%q: %v", address, err)
		}
	}
	// A server outside that sends us inside. The outer one is on this machine too, so that only it is let pass.
	outer := serve(t, map[string]http.HandlerFunc{
		"/in": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, inside.URL+"/a.png", http.StatusFound)
		},
		"/file": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(http.StatusFound)
		},
		"/loop":  func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) },
		"/ok":    func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/a.png", http.StatusFound) },
		"/a.png": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(pngBytes(t)) },
	})
	let := netip.MustParseAddrPort(strings.TrimPrefix(outer.URL, "http://"))
	g := New(Options{Permit: func(to netip.AddrPort) bool { return to == let }})
	defer g.Close()
	for _, at := range []string{"/in", "/file", "/loop"} {
		if _, err := g.Picture(context.Background(), outer.URL+at); err == nil {
			t.Errorf("%s was followed", at)
		}
	}
	if asked != 0 {
		t.Errorf("the inside was asked %d times", asked)
	}
	if p, err := g.Picture(context.Background(), outer.URL+"/ok"); err != nil || len(p.Bytes) == 0 {
		t.Errorf("a redirect outside: %v", err)
	}
}

func TestPicturesAreJudgedByTheirBytes(t *testing.T) {
	var moving bytes.Buffer
	if err := gif.Encode(&moving, dot(), nil); err != nil {
		t.Fatal(err)
	}
	waits := make(chan struct{})
	s := serve(t, map[string]http.HandlerFunc{
		"/a.png": func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Cookie")+r.Header.Get("Referer")+r.Header.Get("Authorization") != "" {
				t.Error("something of ours was sent")
			}
			w.Header().Set("Content-Type", "text/plain")
			_, _ = w.Write(pngBytes(t))
		},
		"/640": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(moving.Bytes()) },
		"/lie": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			_, _ = w.Write([]byte("<script>"))
		},
		"/large": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(append(pngBytes(t), make([]byte, 5000)...))
		},
		"/absent": http.NotFound,
		"/bomb": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("GIF89a\xff\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x00;"))
		},
		"/slow": func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-waits:
			}
		},
	})
	defer close(waits)
	f := New(Options{MaxSize: 4000, Timeout: 2 * time.Second, Permit: func(netip.AddrPort) bool { return true }})
	defer f.Close()
	p, err := f.Picture(context.Background(), s.URL+"/a.png?x=1")
	if err != nil || p.Name != "a.png" || !bytes.Equal(p.Bytes, pngBytes(t)) {
		t.Errorf("%+v %v", p.Name, err)
	}
	if p, err = f.Picture(context.Background(), s.URL+"/640"); err != nil || p.Name != "图片" {
		t.Errorf("a moving one: %v %q", err, p.Name)
	}
	if img, err := png.Decode(bytes.NewReader(p.Bytes)); err != nil || img.Bounds().Dx() != 2 {
		t.Errorf("its first frame: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	for _, at := range []string{"/lie", "/large", "/absent", "/bomb"} {
		if _, err := f.Picture(context.Background(), s.URL+at); err == nil {
			t.Errorf("%s was taken", at)
		}
	}
	if _, err := f.Picture(ctx, s.URL+"/slow"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a slow server: %v", err)
	}
}

// Whatever bytes a server or a paste hands over, what passes is a still picture of the kinds that we keep.
func FuzzStill(f *testing.F) {
	var moving, whole bytes.Buffer
	if err := errors.Join(gif.Encode(&moving, dot(), nil), png.Encode(&whole, dot())); err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{moving.Bytes(), whole.Bytes(), []byte("GIF89a\xff\xff\xff\xff\x00\x00\x00,"), []byte("\xff\xd8\xff"), nil} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		still, err := Still(body)
		if kind := http.DetectContentType(still); err == nil && kind != "image/png" && kind != "image/jpeg" {
			t.Fatalf("%q passes as %s", body, kind)
		}
	})
}
