package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// maria is the private MariaDB of one run: durable at every commit, as a real one is.
type maria struct {
	port     int
	password string
	admin    *sql.DB
	process  *process
	made     int
}

// missing names what of the servers that a measure needs is not installed.
func missing(needs []string) []string {
	programs := map[string][]string{"mariadb": {"mariadbd", "mariadb-install-db"}, "redis": {"redis-server"}}
	var out []string
	for _, server := range needs {
		for _, name := range programs[server] {
			if _, ok := installed(name); !ok {
				out = append(out, name)
			}
		}
	}
	return out
}

// mariadb starts the server when it is first asked for.
func (h *house) mariadb(ctx context.Context) (*maria, error) {
	if h.maria != nil {
		return h.maria, nil
	}
	install, _ := installed("mariadb-install-db")
	program, _ := installed("mariadbd")
	dir := filepath.Join(h.dir, "mariadb")
	data, first := filepath.Join(dir, "data"), filepath.Join(dir, "first.sql")
	m := &maria{password: rand.Text()}
	grant := "CREATE USER 'bench'@'127.0.0.1' IDENTIFIED BY '" + m.password + "';\nGRANT ALL ON *.* TO 'bench'@'127.0.0.1';\n"
	if err := errors.Join(os.MkdirAll(data, 0o700), os.WriteFile(first, []byte(grant), 0o600)); err != nil {
		return nil, err
	}
	args := []string{"--no-defaults", "--datadir=" + data}
	if os.Geteuid() == 0 {
		args = append(args, "--user=root") // without it MariaDB refuses to run as root
	}
	if text, err := exec.CommandContext(ctx, install, append(args, "--skip-test-db")...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mariadb-install-db: %w\n%s", err, text)
	}
	var err error
	if m.port, err = freePort(); err != nil {
		return nil, err
	}
	args = append(args, "--socket="+filepath.Join(dir, "s"), "--pid-file="+filepath.Join(dir, "pid"), "--tmpdir="+dir, "--init-file="+first,
		"--bind-address=127.0.0.1", fmt.Sprintf("--port=%d", m.port), "--skip-name-resolve", "--max-connections=500", "--performance-schema=OFF",
		"--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=512M", "--innodb-log-file-size=256M")
	p, err := h.launch("mariadb", h.cores.load, os.Environ(), program, args...)
	if err != nil {
		return nil, err
	}
	if m.admin, err = sql.Open("mysql", m.dsn("")); err != nil {
		return nil, err
	}
	if err := p.await(ctx, func() bool { return m.admin.PingContext(ctx) == nil }); err != nil {
		return nil, fmt.Errorf("mariadbd %w", err)
	}
	m.process, h.maria = p, m
	return m, nil
}

// mariaCPU is the processor time of MariaDB so far; nothing before it is started.
func (h *house) mariaCPU() (time.Duration, error) {
	if h.maria == nil {
		return 0, nil
	}
	return h.maria.process.cpu()
}

func (m *maria) dsn(name string) string {
	return fmt.Sprintf("bench:%s@tcp(127.0.0.1:%d)/%s?interpolateParams=true", m.password, m.port, name)
}

// fresh makes a database of its own.
func (m *maria) fresh(ctx context.Context, data string) (*database, error) {
	m.made++
	name := fmt.Sprintf("bench%d", m.made)
	if _, err := m.admin.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return nil, err
	}
	db, err := sql.Open("mysql", m.dsn(name))
	if err != nil {
		return nil, err
	}
	drop := func() error {
		_, err := m.admin.Exec("DROP DATABASE " + name)
		return errors.Join(err, os.RemoveAll(data))
	}
	url := fmt.Sprintf("mysql://bench:%s@127.0.0.1:%d/%s", m.password, m.port, name)
	return &database{DB: db, kind: onMariaDB, url: url, dsn: m.dsn(name) + "&parseTime=true", data: data, drop: drop}, nil
}

// redisURL starts a private Redis when it is first asked for, or says nothing where none is installed.
func (h *house) redisURL(ctx context.Context) (string, error) {
	program, ok := installed("redis-server")
	if !ok || h.redis != "" {
		return h.redis, nil
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	p, err := h.launch("redis", h.cores.load, os.Environ(), program, "--port", fmt.Sprint(port), "--bind", "127.0.0.1", "--dir", h.dir, "--save", "", "--appendonly", "no")
	if err != nil {
		return "", err
	}
	if err := p.await(ctx, func() bool { return strings.Contains(p.tail(), "Ready to accept connections") }); err != nil {
		return "", fmt.Errorf("redis-server %w", err)
	}
	h.redis = fmt.Sprintf("redis://127.0.0.1:%d", port)
	return h.redis, nil
}
