package wechat

import (
	"context"
	"errors"
	"sync"
	"time"

	"zhibu/model"
)

// TokenStore keeps access tokens where every replica finds them. It can lose them, never fail: a token that is gone is fetched again.
type TokenStore interface {
	// Get finds a token that has not expired.
	Get(ctx context.Context, key string) (token string, expires time.Time, ok bool)
	// Set keeps a token; what goes wrong is the store's own affair.
	Set(ctx context.Context, key, token string, expires time.Time)
	// DeleteIfEqual drops a token unless another one has taken its place.
	DeleteIfEqual(ctx context.Context, key, token string)
}

// MemoryTokens is a TokenStore for one process.
type MemoryTokens struct {
	clock model.Clock
	mu    sync.Mutex
	held  map[string]heldToken
}

type heldToken struct {
	token   string
	expires time.Time
}

// NewMemoryTokens makes an empty store.
func NewMemoryTokens(clock model.Clock) *MemoryTokens {
	return &MemoryTokens{clock: clock, held: map[string]heldToken{}}
}

// Get finds a token that has not expired.
func (m *MemoryTokens) Get(_ context.Context, key string) (string, time.Time, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	h, ok := m.held[key]
	if !ok || !h.expires.After(m.clock()) {
		return "", time.Time{}, false
	}
	return h.token, h.expires, true
}

// Set keeps a token.
func (m *MemoryTokens) Set(_ context.Context, key, token string, expires time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held[key] = heldToken{token: token, expires: expires}
}

// DeleteIfEqual drops a token unless another one has taken its place.
func (m *MemoryTokens) DeleteIfEqual(_ context.Context, key, token string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held[key].token == token {
		delete(m.held, key)
	}
}

// The limits of a forced refresh. WeChat allows twenty a day and none within thirty seconds; half of the day's is left to people.
const (
	forceEvery  = 30 * time.Second
	forcePerDay = 10
)

// flight is one token fetch that any number of callers wait for.
type flight struct {
	done  chan struct{}
	token string
	err   error
}

func (a *account) key() string { return "wechat:stable_token:" + a.AppID }

// token gives a valid access token other than dead, which is the one that WeChat has just refused, or empty.
func (d *Door) token(ctx context.Context, a *account, dead string) (string, error) {
	// A fetch that began before the token was known to be dead may bring the same one; then a second fetch is needed, never a third.
	for round := 0; ; round++ {
		a.mu.Lock()
		if a.token != "" && a.token != dead && d.clock().Before(a.until) {
			token := a.token
			a.mu.Unlock()
			return token, nil
		}
		f := a.flight
		if f == nil {
			f = &flight{done: make(chan struct{})}
			if !d.spawn(func() { d.fly(a, f, dead) }) {
				a.mu.Unlock()
				return "", broken(APIToken, errors.New("the door is closed"), false, nil)
			}
			a.flight = f
		}
		a.mu.Unlock()
		select {
		case <-f.done:
		case <-ctx.Done():
			return "", broken(APIToken, ctx.Err(), false, nil)
		}
		if f.err != nil {
			return "", f.err
		}
		if f.token != dead || round > 0 {
			return f.token, nil
		}
	}
}

// fly fetches for all who wait. It does not use the first caller's context: that one's leaving must not fail the others.
func (d *Door) fly(a *account, f *flight, dead string) {
	var until time.Time
	f.token, until, f.err = d.renew(d.life, a, dead)
	a.mu.Lock()
	if f.err == nil {
		a.token, a.until = f.token, until
	}
	a.flight = nil
	a.mu.Unlock()
	close(f.done)
}

// renew takes the token another replica has fetched, else WeChat's current one, and forces a new one only when WeChat hands out the
// dead one again.
func (d *Door) renew(ctx context.Context, a *account, dead string) (string, time.Time, error) {
	if dead != "" {
		d.tokens.DeleteIfEqual(ctx, a.key(), dead)
	}
	if token, expires, ok := d.tokens.Get(ctx, a.key()); ok && token != "" && token != dead && expires.After(d.clock()) {
		return token, expires, nil
	}
	token, expires, err := d.fetchToken(ctx, a, false)
	if err == nil && dead != "" && token == dead {
		if !d.mayForce(ctx, a) {
			return "", time.Time{}, &CallError{API: APIToken, Class: ClassToken, RetryAfter: forceEvery, Msg: "the refused token was handed out again"}
		}
		d.log.WarnContext(ctx, "wechat token refresh forced", "appid", a.AppID)
		token, expires, err = d.fetchToken(ctx, a, true)
	}
	if err != nil {
		return "", time.Time{}, err
	}
	d.tokens.Set(ctx, a.key(), token, expires)
	return token, expires, nil
}

// mayForce books a forced refresh when the limits allow one. The mark in the shared store keeps the replicas apart.
func (d *Door) mayForce(ctx context.Context, a *account) bool {
	now := d.clock()
	mark := a.key() + ":forced"
	if _, _, ok := d.tokens.Get(ctx, mark); ok {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if day := model.DateOf(now); a.forcedDay != day {
		a.forcedDay, a.forced = day, 0
	}
	if a.forced >= forcePerDay || (!a.forcedAt.IsZero() && now.Sub(a.forcedAt) < forceEvery) {
		return false
	}
	a.forced++
	a.forcedAt = now
	d.tokens.Set(ctx, mark, "forced", now.Add(forceEvery))
	return true
}

// fetchToken asks stable_token, which gives every replica the same token, and keeps the two families of tokens apart.
func (d *Door) fetchToken(ctx context.Context, a *account, force bool) (string, time.Time, error) {
	body := map[string]any{"grant_type": "client_credential", "appid": a.AppID, "secret": a.Secret}
	if force {
		body["force_refresh"] = true
	}
	var out struct {
		head
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"`
	}
	asked := d.clock()
	if _, err := d.try(ctx, request{api: APIToken, app: a, body: body}, "", &out); err != nil {
		return "", time.Time{}, err
	}
	if out.AccessToken == "" || out.ExpiresIn <= 0 {
		return "", time.Time{}, unreadable(APIToken, "answer without a token")
	}
	return out.AccessToken, asked.Add(usable(out.ExpiresIn)), nil
}

// usable is how long a token is used. In its last five minutes WeChat already hands out the next one, and expires_in may be just that.
func usable(expiresIn int64) time.Duration {
	life := time.Duration(min(expiresIn, 7200)) * time.Second
	return max(life-5*time.Minute, life/2)
}
