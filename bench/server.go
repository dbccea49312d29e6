package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// The two times of day at which the program is measured, both on a Monday: inside the push hours, and in working time, when everything is deferred to the evening.
func evening() time.Time { return time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC) }
func working() time.Time { return time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC) }

// site is the program over one database: its settings, its clock, and the processes of it.
type site struct {
	h     *house
	db    *database
	start time.Time // what the program's clock showed
	began time.Time // when it did
	redis string
	token string // an administrator's

	society society
}

const adminPassword = "bench-password-2026"

// openSite makes a database with an administrator and so many members.
func (h *house) openSite(ctx context.Context, kind string, members int, start time.Time) (*site, error) {
	db, err := h.fresh(ctx, kind)
	if err != nil {
		return nil, err
	}
	s := &site{h: h, db: db, start: start, began: time.Now()}
	create := exec.CommandContext(ctx, h.binary, "admin", "create", "--username", "admin")
	create.Env, create.Stdin = s.env("all"), strings.NewReader(adminPassword+"\n")
	if text, err := create.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("zhibu admin create: %w\n%s", err, text)
	}
	s.society, err = seed(ctx, db, members, start.Add(-30*24*time.Hour))
	return s, err
}

func (s *site) close() error { return s.db.close() }

// env is the program's settings. Each process's clock goes on where the one before has come to.
func (s *site) env(role string, more ...string) []string {
	now := s.start.Add(time.Since(s.began))
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "ZHIBU_ROLE=" + role, "ZHIBU_LIMITS=off", "ZHIBU_DATA_DIR=" + s.db.data, "ZHIBU_DATABASE_URL=" + s.db.url,
		"ZHIBU_REDIS_URL=" + s.redis, "ZHIBU_CLOCK=" + now.Format(time.RFC3339Nano), "ZHIBU_WECHAT_BASE_URL=" + s.h.wechat.url,
		"ZHIBU_WECHAT_MINIPROGRAM_APPID=wxbench", "ZHIBU_WECHAT_MINIPROGRAM_SECRET=bench-secret",
		`ZHIBU_WECHAT_TEMPLATES={"announcement":{"id":"` + templateID + `","kind":"one_time","fields":{"title":"thing1","from":"thing2","time":"time3","note":"thing4"}}}`,
	}
	return append(env, more...)
}

// server is one process of the program.
type server struct {
	*process
	url   string
	admin string // the address of its metrics and profiles
	token string
}

// serve starts the program on these cores and waits until it is ready.
func (s *site) serve(ctx context.Context, role string, on []int, more ...string) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	admin, err := freePort()
	if err != nil {
		return nil, err
	}
	listen := "127.0.0.1:" + strconv.Itoa(port)
	more = append(more, "ZHIBU_LISTEN="+listen, "ZHIBU_ADMIN_LISTEN=127.0.0.1:"+strconv.Itoa(admin))
	p, err := s.h.launch("zhibu-"+role, on, s.env(role, more...), s.h.binary, "serve")
	if err != nil {
		return nil, err
	}
	v := &server{process: p, url: "http://" + listen, admin: fmt.Sprintf("http://127.0.0.1:%d", admin)}
	if err := p.await(ctx, func() bool { return answers(v.url + "/readyz") }); err != nil {
		return nil, fmt.Errorf("zhibu serve %w", err)
	}
	if role == "worker" {
		return v, nil
	}
	if s.token == "" {
		var session struct {
			AccessToken string `json:"access_token"`
		}
		err := v.call(ctx, http.MethodPost, "/auth/password", map[string]any{"username": "admin", "password": adminPassword}, &session)
		if err != nil {
			return nil, err
		}
		s.token = session.AccessToken
	}
	v.token = s.token
	return v, nil
}

// call makes one request of the API and reads its answer.
func (v *server) call(ctx context.Context, method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, v.url+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if v.token != "" {
		req.Header.Set("Authorization", "Bearer "+v.token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s %s", method, path, res.Status, text)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}

// What the pushes of the benchmarks say.
const (
	pushTitle = "关于开展主题党日活动的通知"
	pushNote  = "请各党支部按时参加并做好记录"
	pushPage  = "pages/article/detail?id=01a20000-0000-7000-8005-000000000001"
)

// pushBody is a push to everybody.
func (s *site) pushBody() map[string]any {
	return map[string]any{
		"org_id": s.society.OrgID, "kind": "announcement", "title": pushTitle, "page": pushPage,
		"fields": map[string]string{"title": pushTitle, "time": "2026-11-23 19:00", "note": pushNote}, "audience": map[string]any{"org_id": s.society.OrgID},
	}
}

// push creates a push to everybody and returns its id.
func (s *site) push(ctx context.Context, v *server) (string, error) {
	var made struct {
		ID         string `json:"id"`
		Recipients int    `json:"recipients"`
	}
	if err := v.call(ctx, http.MethodPost, "/pushes", s.pushBody(), &made); err != nil {
		return "", err
	}
	if made.Recipients != s.society.Members {
		return "", fmt.Errorf("the push has %d recipients, not %d", made.Recipients, s.society.Members)
	}
	return made.ID, nil
}

// awaitPush polls the database until the condition on the push's row holds.
func (s *site) awaitPush(ctx context.Context, id, condition string, every, within time.Duration) error {
	late := time.Now().Add(within)
	for {
		n, err := s.db.count(ctx, "SELECT COUNT(*) FROM pushes WHERE id = ? AND "+condition, id)
		if err != nil || n == 1 {
			return err
		}
		if time.Now().After(late) {
			return fmt.Errorf("after %v the push is not %s", within, condition)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(every):
		}
	}
}
