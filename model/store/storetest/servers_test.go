package storetest

import (
	"bufio"
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestMain(m *testing.M) { Main(m) }

func TestMariaDBGivesEachCallerAFreshDatabase(t *testing.T) {
	one, two := openDSN(t, MariaDB(t)), openDSN(t, MariaDB(t))
	if _, err := one.Exec("CREATE TABLE a (id INT PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := two.QueryRow("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()").Scan(&n); err != nil || n != 0 {
		t.Fatalf("the second database holds %d tables, %v", n, err)
	}
	if url := MariaDBURL(t); !strings.HasPrefix(url, "mysql://zhibu:") || !strings.Contains(url, "@127.0.0.1:") {
		t.Fatalf("not a DATABASE_URL: %q", url)
	}
}

func TestMariaDBIsClosedToTheUnknown(t *testing.T) {
	dsn := MariaDB(t)
	_, rest, _ := strings.Cut(dsn, "@")
	for _, who := range []string{"root:", "zhibu:wrong"} {
		db, err := sql.Open("mysql", who+"@"+rest)
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Ping(); err == nil {
			t.Errorf("%q was let in", who)
		}
		_ = db.Close()
	}
}

func TestMariaDBDropsAndRestores(t *testing.T) {
	var name string
	t.Run("a test with a setting", func(t *testing.T) {
		dsn := MariaDB(t, "innodb_flush_log_at_trx_commit=1", "innodb_print_all_deadlocks=ON")
		name = dsn[strings.LastIndex(dsn, "/")+1:]
		if got := global(t, openDSN(t, dsn)); got != 1 {
			t.Fatalf("innodb_flush_log_at_trx_commit is %d during the test", got)
		}
	})
	db := openDSN(t, MariaDB(t))
	if got := global(t, db); got != 0 {
		t.Fatalf("innodb_flush_log_at_trx_commit is %d after the test", got)
	}
	var n int
	if err := db.QueryRow("SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = ?", name).Scan(&n); err != nil || n != 0 {
		t.Fatalf("the database of the test before is still there: %d, %v", n, err)
	}
}

func TestRedisStopsAndStarts(t *testing.T) {
	r := Redis(t)
	url := r.URL()
	if got := ping(r.Addr()); got != "+PONG" {
		t.Fatalf("before: %q", got)
	}
	r.Stop()
	r.Stop()
	if _, err := net.DialTimeout("tcp", r.Addr(), time.Second); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Fatalf("stopped, yet: %v", err)
	}
	r.Start()
	if got := ping(r.Addr()); got != "+PONG" || r.URL() != url {
		t.Fatalf("after: %q at %s, was %s", got, r.URL(), url)
	}
}

func TestBannerNamesWhatWasLeftOut(t *testing.T) {
	var b bytes.Buffer
	banner(&b, map[string][]string{})
	if b.Len() != 0 {
		t.Fatalf("nothing was left out, yet: %s", b.String())
	}
	banner(&b, map[string][]string{"redis": {"TestLater"}, "mariadb": {"TestOne", "TestTwo"}})
	for _, want := range []string{"mariadb is not installed, so 2 test(s)", "TestOne", "TestTwo", "redis is not installed, so 1 test(s)", "TestLater", RequireServers} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the banner lacks %q:\n%s", want, b.String())
		}
	}
}

func TestLaunchTellsWhyAServerDidNotStart(t *testing.T) {
	dir := t.TempDir()
	_, err := launch(dir, "ready", "/bin/sh", "-c", "echo no room left; exit 3")
	if err == nil || !strings.Contains(err.Error(), "no room left") {
		t.Fatalf("got %v", err)
	}
}

// inside names the variable by which the tests below run themselves again in a process of their own.
const inside = "ZHIBU_STORETEST_INSIDE"

// again runs one of these tests in a process of its own.
func again(t *testing.T, test string, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^"+test+"$", "-test.v")
	cmd.Env = append(append(os.Environ(), inside+"="+test, RequireServers+"="), env...)
	return cmd
}

func TestAbsenceIsLoudOrAFailure(t *testing.T) {
	if os.Getenv(inside) == t.Name() {
		Need(t, "nothing-of-this-name")
		return
	}
	// A binary without any server in reach: the programs are looked for under names that no machine has.
	cmd := again(t, "TestAbsentServer")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- SKIP: TestAbsentServer") || !strings.Contains(string(out), "******** LEFT OUT: absent is not installed, so 1 test(s)") {
		t.Errorf("without the server: %v\n%s", err, out)
	}
	out, err = again(t, "TestAbsentServer", RequireServers+"=1").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "--- FAIL: TestAbsentServer") {
		t.Errorf("required and absent, yet: %v\n%s", err, out)
	}
	out, err = again(t, t.Name()).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "knows no server") {
		t.Errorf("an unknown name: %v\n%s", err, out)
	}
}

func TestAbsentServer(t *testing.T) {
	if os.Getenv(inside) == t.Name() {
		programs["absent"] = []string{"a-server-that-nobody-has"}
		Need(t, "absent")
		t.Fatal("the test went on without its server")
	}
}

func TestServersEndWithTheirProcess(t *testing.T) {
	if os.Getenv(inside) == t.Name() {
		r := Redis(t)
		fmt.Printf("\nserving %s %s\n", r.Addr(), r.dir)
		select {} // until killed from outside
	}
	Need(t, "redis")
	cmd := again(t, t.Name())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var addr, dir string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if n, _ := fmt.Sscanf(lines.Text(), "serving %s %s", &addr, &dir); n == 2 {
			break
		}
	}
	if addr == "" {
		t.Fatal("the other process started no Redis")
	}
	_ = cmd.Process.Kill() // as the machine's memory killer or a time-out would
	_ = cmd.Wait()
	deadline := time.Now().Add(20 * time.Second)
	for ping(addr) == "+PONG" || exists(dir) {
		if time.Now().After(deadline) {
			t.Fatalf("Redis at %s outlived its test, or left %s", addr, dir)
		}
		time.Sleep(5 * time.Millisecond) // Another's child cannot be waited for, so its end is polled.
	}
	_ = os.RemoveAll(filepath.Dir(dir))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func openDSN(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func global(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	if err := db.QueryRow("SELECT @@GLOBAL.innodb_flush_log_at_trx_commit").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func ping(addr string) string {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = c.Close() }()
	_, _ = fmt.Fprint(c, "PING\r\n")
	line, _ := bufio.NewReader(c).ReadString('\n')
	return strings.TrimSpace(line)
}
