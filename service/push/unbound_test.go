package push

import (
	"testing"
	"time"

	"zhibu/model"
)

func TestUnboundIsNotRung(t *testing.T) {
	h := newHouse(t)
	h.member("a", "oa", 1, "heart")
	p := meetingPush("a")
	p.Hours = model.HoursOrdinary
	h.clock.set(time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC)) // 15:00 in China
	h.push(p)
	i, err := h.store.IdentityOf(h.ctx, "a")
	h.must(err)
	h.must(h.store.BindIdentity(h.ctx, i.ID, nil, h.clock.now()))
	h.clock.set(time.Date(2026, 11, 24, 11, 0, 0, 0, time.UTC))
	h.drain()
	if n := len(h.wire.sent); n != 0 {
		t.Errorf("%d cards went to a WeChat user who is not the member any more; the line is %s", n, h.rows(p.ID)["a"].State)
	}
}
