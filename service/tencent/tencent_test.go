package tencent_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"zhibu/service/tencent"
	"zhibu/service/tencent/standin"
)

func at() time.Time { return time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC) }

func open(t *testing.T) (*standin.Server, *tencent.Client) {
	t.Helper()
	s := &standin.Server{AppID: "200000001", SDKID: "12345", SecretID: "sid", SecretKey: "the secret key", UserID: "office", Now: at}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return s, client(srv.URL, "the secret key")
}

func client(address, key string) *tencent.Client {
	return tencent.New(tencent.Config{BaseURL: address + "/", AppID: "200000001", SDKID: "12345", SecretID: "sid", SecretKey: key, UserID: "office", Clock: at})
}

// The signed text was put together by hand from the documentation, and its digest made with openssl:
// printf 'POST\nX-TC-Key=sid&X-TC-Nonce=7&X-TC-Timestamp=1572168600\n/v1/meetings\n{"a":1}' | openssl dgst -sha256 -hmac key
func TestSignature(t *testing.T) {
	got := tencent.Signature("sid", "key", "POST", "7", "1572168600", "/v1/meetings", []byte(`{"a":1}`))
	digest, err := base64.StdEncoding.DecodeString(got)
	if err != nil || string(digest) != "90b3139153451b8ae53daed83882a0709f9fe7d107db353fe16d049335eccd70" {
		t.Errorf("signed %q, which is %s (%v)", got, digest, err)
	}
}

func TestARoomsLife(t *testing.T) {
	s, c := open(t)
	ctx := context.Background()
	m := tencent.Meeting{Subject: "支部党员大会", StartsAt: at().Add(24 * time.Hour), EndsAt: at().Add(25 * time.Hour)}
	room, err := c.Create(ctx, m)
	if err != nil || room.ID == "" || room.Code != "860 215 001" || !strings.HasPrefix(room.URL, "https://meeting.tencent.com/") {
		t.Fatalf("%+v %v", room, err)
	}
	m.StartsAt, m.EndsAt = m.StartsAt.Add(time.Hour), m.EndsAt.Add(time.Hour)
	if err := c.Update(ctx, room.ID, m); err != nil {
		t.Fatal(err)
	}
	if got := s.Rooms()[0]; got.Start != m.StartsAt.Unix() || got.End != m.EndsAt.Unix() || got.Subject != m.Subject {
		t.Errorf("moved to %+v", got)
	}
	if err := c.Cancel(ctx, room.ID, "主讲人急诊"); err != nil || !s.Rooms()[0].Cancelled {
		t.Errorf("cancelled: %v, %+v", err, s.Rooms())
	}
	var refused *tencent.Error
	if err := c.Cancel(ctx, room.ID, "again"); !errors.As(err, &refused) || !refused.Permanent() || refused.Code != 9002 || refused.Message != "会议不存在" {
		t.Errorf("again: %v", err)
	}
}

func TestFaults(t *testing.T) {
	s, c := open(t)
	ctx := context.Background()
	m := tencent.Meeting{Subject: "会", StartsAt: at().Add(time.Hour), EndsAt: at().Add(2 * time.Hour)}
	s.Break(502)
	var e *tencent.Error
	if _, err := c.Create(ctx, m); !errors.As(err, &e) || e.Permanent() || e.Status != 502 {
		t.Errorf("a gateway's fault: %v", err)
	}
	s.Break(429)
	if _, err := c.Create(ctx, m); !errors.As(err, &e) || e.Permanent() {
		t.Errorf("too many: %v", err)
	}
	s.Break(200)
	if _, err := c.Create(ctx, m); err == nil || errors.As(err, &e) && e.Status == 200 {
		t.Errorf("a page instead of JSON: %v", err)
	}
	s.Break(0)
	srv := httptest.NewServer(s)
	_, err := client(srv.URL, "another key, which is wrong").Create(ctx, m)
	if !errors.As(err, &e) || !e.Permanent() || e.Message != "signature failed" || strings.Contains(err.Error(), "another key") {
		t.Errorf("a wrong key: %v", err)
	}
	srv.Close()
	if _, err := client(srv.URL, "k").Create(ctx, m); err == nil || errors.As(err, &e) && e.Status == 0 {
		t.Errorf("nobody there: %v", err)
	}
}
