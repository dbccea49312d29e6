package wechat

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestPause(t *testing.T) {
	if err := pause(t.Context(), time.Nanosecond); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := pause(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestReceiversOfTheDoor(t *testing.T) {
	f := newFake(t, answers(good))
	m, o := f.door.MiniProgramReceiver(), f.door.OfficialReceiver()
	if m.AppID != testAppID || m.Token != "pushtoken-mini" || m.AESKey == "" || !m.Clock().Equal(f.clock()) {
		t.Errorf("%s with token %q", m.AppID, m.Token)
	}
	if o.AppID != "wxofficial" || o.Token != "" {
		t.Errorf("%s with token %q", o.AppID, o.Token)
	}
}

// Two doors with different addresses live in one process, which the SDK's globals would not allow.
func TestTwoDoors(t *testing.T) {
	one, two := newFake(t, answers(loginGood)), newFake(t, answers(`{"openid":"oOTHER"}`))
	a, errA := one.door.Login(t.Context(), "code")
	b, errB := two.door.Login(t.Context(), "code")
	if errA != nil || errB != nil || a.OpenID != "oABC" || b.OpenID != "oOTHER" {
		t.Errorf("%v %v, %v %v", a, errA, b, errB)
	}
}
