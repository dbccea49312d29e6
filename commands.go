package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"zhibu/api"
	"zhibu/service/signin"
	"zhibu/service/vault"
)

type migrateCommand struct{}

// Run migrates and says from which version to which.
func (migrateCommand) Run(w *world) error {
	s, err := openStore(w.ctx, w.cfg, newClock(w.cfg.ClockStart))
	if err != nil {
		return err
	}
	at, _, err := s.Version(w.ctx)
	if err == nil {
		_, err = fmt.Fprintf(w.stdout, "数据库已是最新版本（%d）。\n", at)
	}
	return errors.Join(err, s.Close())
}

type adminCommand struct {
	Username string `required:"" help:"The name to sign in with."`
}

// Run reads the password from standard input, so that it stands in no shell history and no process list.
func (c adminCommand) Run(w *world) error {
	password, err := readPassword(w.stdin)
	if err != nil {
		return err
	}
	return w.accounts(func(s *signin.Service) error {
		if err := s.CreateAdmin(w.ctx, c.Username, password); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w.stdout, "已创建管理账号 %s，可用它登录管理后台。\n", c.Username)
		return err
	})
}

type resetFactorCommand struct {
	Username string `required:"" help:"The name whose second factor is taken away."`
}

// Run is for whoever keeps the machine; it stands in the audit as done by nobody who signed in.
func (c resetFactorCommand) Run(w *world) error {
	return w.accounts(func(s *signin.Service) error {
		if err := s.ResetFactor(w.ctx, nil, c.Username, ""); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w.stdout, "已重置 %s 的动态验证码并退出其密码登录，下次登录时重新设置。\n", c.Username)
		return err
	})
}

// accounts opens the room of accounts without the rest of the house.
func (w *world) accounts(do func(*signin.Service) error) error {
	clock := newClock(w.cfg.ClockStart)
	secret, err := w.cfg.Secret()
	if err != nil {
		return err
	}
	v, err := vault.New(secret)
	if err != nil {
		return err
	}
	s, err := openStore(w.ctx, w.cfg, clock)
	if err != nil {
		return err
	}
	s.SignAudit(v.AuditKey())
	return errors.Join(do(signin.New(s, nil, v, nil, nil, clock)), s.Close())
}

// readPassword takes the first line, without its end.
func readPassword(in io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(in, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", errors.New("give the password on standard input, for example: echo '…' | zhibu admin create --username admin")
	}
	return line, nil
}

type openapiCommand struct{}

// Run prints the document that a running program serves at /openapi.json, without a database or a listener.
func (openapiCommand) Run(w *world) error {
	door := api.New(api.Rooms{}, api.Options{Log: slog.New(slog.DiscardHandler), Clock: newClock(w.cfg.ClockStart), Version: version})
	document, err := door.Reference()
	if err != nil {
		return err
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, document, "", "  "); err != nil {
		return err
	}
	_, err = fmt.Fprintln(w.stdout, pretty.String())
	return err
}

type healthCommand struct {
	Ready bool          `help:"Ask whether it is ready to serve, too: the database answers and nobody has told it to stop."`
	Wait  time.Duration `help:"Ask again until it is, for as long as this; implies --ready."`
}

// healthPause is how long to wait before asking again.
const healthPause = 200 * time.Millisecond

// Run asks the program that listens on this machine; it fails when that is not alive. Whether it is ready is another question: a container
// must not be restarted because its database is away.
func (c healthCommand) Run(w *world) error {
	_, port, err := net.SplitHostPort(w.cfg.Listen)
	if err != nil {
		return err
	}
	address := "http://127.0.0.1:" + port + "/healthz"
	if c.Ready || c.Wait > 0 {
		address = "http://127.0.0.1:" + port + "/readyz"
	}
	ctx, cancel := context.WithTimeout(w.ctx, max(3*time.Second, c.Wait))
	defer cancel()
	for began := time.Now(); ; {
		err := askHealth(ctx, address)
		if err == nil || time.Since(began) >= c.Wait {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(healthPause):
		}
	}
}

func askHealth(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", address, res.Status)
	}
	return nil
}
