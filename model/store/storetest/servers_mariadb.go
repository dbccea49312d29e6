package storetest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	_ "github.com/go-sql-driver/mysql" // the driver of the connection that makes and drops databases
)

// mariadb is the MariaDB of this test process.
type mariadb struct {
	port     int
	password string
	admin    *sql.DB
	proc     *process
}

// MariaDB gives the caller a fresh, empty database on a MariaDB private to this test process, which the first caller starts, and returns a
// go-sql-driver DSN without parameters: user:password@tcp(127.0.0.1:port)/name. The database is dropped at the end of the test.
//
// The server is set to be fast, not durable: a test of durability passes "innodb_flush_log_at_trx_commit=1". Such settings are the server's
// global ones, hold until the end of the test, and so do not fit tests that run in parallel.
func MariaDB(tb testing.TB, settings ...string) (dsn string) {
	tb.Helper()
	m, name := freshDatabase(tb, settings)
	return fmt.Sprintf("zhibu:%s@tcp(127.0.0.1:%d)/%s", m.password, m.port, name)
}

// MariaDBURL is MariaDB with the answer in the form of the setting DATABASE_URL: mysql://user:password@127.0.0.1:port/name.
func MariaDBURL(tb testing.TB, settings ...string) string {
	tb.Helper()
	m, name := freshDatabase(tb, settings)
	return m.url(name)
}

func (m *mariadb) url(name string) string {
	return fmt.Sprintf("mysql://zhibu:%s@127.0.0.1:%d/%s", m.password, m.port, name)
}

// Dump is a logical backup of a database of this process's MariaDB, named as the setting DATABASE_URL names it and made with the server's own tool, as
// an operator makes one.
func Dump(tb testing.TB, address string) string {
	tb.Helper()
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal(err)
	}
	tool, err := program("mariadb-dump")
	if err != nil {
		tool, err = program("mysqldump")
	}
	if err != nil {
		tb.Fatal("no tool to dump the database with: ", err)
	}
	password, _ := u.User.Password()
	//nolint:gosec // the tool of the test's own server
	cmd := exec.CommandContext(tb.Context(), tool, "--no-defaults", "--protocol=tcp", "--skip-ssl", "--single-transaction", "--host="+u.Hostname(), "--port="+u.Port(),
		"--user="+u.User.Username(), strings.TrimPrefix(u.Path, "/"))
	cmd.Env = append(os.Environ(), "MYSQL_PWD="+password)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		tb.Fatalf("dump the database: %v: %s", err, said.String())
	}
	return string(out)
}

func freshDatabase(tb testing.TB, settings []string) (*mariadb, string) {
	tb.Helper()
	Need(tb, "mariadb")
	house.mariaOnce.Do(func() {
		m, err := startMariaDB()
		house.mu.Lock()
		house.maria, house.mariaErr = m, err
		house.mu.Unlock()
	})
	m := house.maria
	if house.mariaErr != nil {
		tb.Fatal(house.mariaErr)
	}
	for _, setting := range settings {
		m.set(tb, setting)
	}
	name := "t_" + strings.ToLower(rand.Text()[:16])
	m.exec(tb, "CREATE DATABASE "+name)
	tb.Cleanup(func() { m.exec(tb, "DROP DATABASE "+name) })
	return m, name
}

func (m *mariadb) exec(tb testing.TB, statement string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	if _, err := m.admin.ExecContext(ctx, statement); err != nil {
		tb.Errorf("%s: %v", statement, err)
	}
}

// set changes a global setting and puts it back at the end of the test.
func (m *mariadb) set(tb testing.TB, setting string) {
	tb.Helper()
	name, _, ok := strings.Cut(setting, "=")
	var before string
	if err := m.admin.QueryRow("SELECT @@GLOBAL." + name).Scan(&before); err != nil || !ok {
		tb.Fatalf("setting %q of MariaDB: %v", setting, err)
	}
	if _, err := strconv.ParseFloat(before, 64); err != nil {
		before = "'" + before + "'"
	}
	m.exec(tb, "SET GLOBAL "+setting)
	tb.Cleanup(func() { m.exec(tb, "SET GLOBAL "+name+"="+before) })
}

// startMariaDB copies the prepared data folder and starts a server over the copy.
func startMariaDB(options ...string) (*mariadb, error) {
	path, err := program("mariadbd")
	if err != nil {
		return nil, err
	}
	template, err := mariaTemplate(path)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "zhibu-mariadb-")
	if err != nil {
		return nil, err
	}
	m := &mariadb{password: rand.Text()}
	data, first := filepath.Join(dir, "data"), filepath.Join(dir, "first.sql")
	grant := "CREATE USER 'zhibu'@'127.0.0.1' IDENTIFIED BY '" + m.password + "';\nGRANT ALL ON *.* TO 'zhibu'@'127.0.0.1';\n"
	err = errors.Join(os.CopyFS(data, os.DirFS(template)), os.WriteFile(first, []byte(grant), 0o600))
	for range 3 {
		if err != nil {
			break
		}
		if m.port, err = freePort(); err != nil {
			break
		}
		args := append(mariaArgs(data),
			"--socket="+filepath.Join(dir, "s"), "--pid-file="+filepath.Join(dir, "pid"), "--tmpdir="+dir, "--init-file="+first,
			"--bind-address=127.0.0.1", fmt.Sprintf("--port=%d", m.port), "--max-connections=500", "--performance-schema=OFF")
		args = append(args, options...)
		var p *process
		if p, err = launch(dir, "ready for connections", path, args...); err == nil {
			p.folder, m.proc = dir, p
			break
		}
	}
	if err != nil {
		// The prepared folder may have been half cleared as an old temporary file: the next run makes it anew.
		return nil, errors.Join(err, os.RemoveAll(dir), os.RemoveAll(template))
	}
	m.admin, err = sql.Open("mysql", fmt.Sprintf("zhibu:%s@tcp(127.0.0.1:%d)/", m.password, m.port))
	return m, err
}

// mariaArgs are the options that the preparation and the server share: small files, and no waiting for the disk.
func mariaArgs(data string) []string {
	args := []string{"--no-defaults", "--datadir=" + data, "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0",
		"--innodb-buffer-pool-size=64M", "--innodb-log-file-size=16M", "--innodb-use-native-aio=0", "--innodb-file-per-table=0", "--key-buffer-size=1M", "--aria-pagecache-buffer-size=4M"}
	if os.Geteuid() == 0 {
		args = append(args, "--user=root") // Without it MariaDB refuses to run as root.
	}
	return args
}

// mariaTemplate is a prepared data folder, made once for each version, user and set of options, and kept among the system's temporary files.
func mariaTemplate(server string) (string, error) {
	version, err := exec.Command(server, "--version").Output()
	if err != nil {
		return "", fmt.Errorf("%s --version: %w", server, err)
	}
	key := sha256.Sum256(fmt.Append(version, os.Geteuid(), mariaArgs("")))
	kept := filepath.Join(os.TempDir(), "zhibu-mariadb-template-"+hex.EncodeToString(key[:8]))
	if ours(kept) {
		return kept, nil
	}
	install, err := program("mariadb-install-db")
	if err != nil {
		return "", err
	}
	// Made aside and renamed into its place, so that two test processes never see each other's half.
	made, err := os.MkdirTemp("", "zhibu-mariadb-template-")
	if err != nil {
		return "", err
	}
	args := append(mariaArgs(made), "--skip-test-db")
	if out, err := exec.Command(install, args...).CombinedOutput(); err != nil {
		return "", errors.Join(fmt.Errorf("mariadb-install-db: %w\n%s", err, out), os.RemoveAll(made))
	}
	if err := os.Rename(made, kept); err != nil && !ours(kept) {
		return "", errors.Join(err, os.RemoveAll(made))
	}
	return kept, os.RemoveAll(made) // There is something to remove when another process was first.
}

// ours reports whether a folder exists and belongs to this user: a stranger's in a shared temporary folder is not to be trusted.
func ours(dir string) bool {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() {
		return false
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(owner.Uid) == os.Geteuid()
}
