package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// long makes the tests of faults as large as the goals say; go test . -run Fault -faults=long, or ZHIBU_LONG=1.
var long = flag.String("faults", "short", "how long the tests of faults are: short or long")

// sized is a size of a test: in the short run, under the race detector, and in the long run.
func sized(short, race, full int) int {
	switch {
	case *long == "long" || os.Getenv("ZHIBU_LONG") == "1":
		return full
	case underRace:
		return race
	}
	return short
}

// asProgram marks a process that was started by a test of faults: it is the program, not its tests.
const asProgram = "ZHIBU_FAULT_PROGRAM"

// TestFaultProgram is no test but the door through which this binary becomes the program, so that there is one that can be killed and nothing
// need be built for it; with the race detector it has the race detector too.
func TestFaultProgram(*testing.T) {
	if os.Getenv(asProgram) == "" {
		return
	}
	go func() { // the leash: the pipe breaks when the test process ends, however it does
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(3)
	}()
	os.Args = append([]string{"zhibu"}, flag.Args()...)
	main()
	os.Exit(0)
}

// process is the program in a process of its own, which can be killed.
type process struct {
	*program
	cmd    *exec.Cmd
	leash  io.Closer
	exited chan struct{} // closed when it is gone; exit says how
	exit   error
}

// spawn starts the program with the settings as they are, and returns once it serves.
func (p *process) spawn() {
	p.t.Helper()
	if err := p.trySpawn(); err != nil {
		p.t.Fatalf("the program did not start: %v\n%s", err, p.log)
	}
}

// trySpawn is spawn for goroutines that are not the test's own.
func (p *process) trySpawn() error {
	base, err := p.launch()
	if err != nil {
		return err
	}
	select {
	case p.base = <-base:
		if p.wx != nil {
			p.wx.SetCallback(testAppID, p.base+"/wechat/callback/miniprogram")
		}
		return nil
	case <-p.exited:
		return errors.Join(errors.New("it ended before it served"), p.exit)
	case <-time.After(startWithin):
		return errors.New("it does not serve")
	}
}

// launch starts the program and does not wait until it serves; where it does is told then.
func (p *process) launch() (<-chan string, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p.cmd = exec.Command(exe, "-test.run=^TestFaultProgram$", "--", "serve")
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "ZHIBU_") {
			p.cmd.Env = append(p.cmd.Env, v)
		}
	}
	p.cmd.Env = append(p.cmd.Env, asProgram+"=1")
	for k, v := range p.env {
		p.cmd.Env = append(p.cmd.Env, "ZHIBU_"+k+"="+v)
	}
	p.cmd.Stderr = &sieve{to: p.log}
	said, say := io.Pipe()
	p.cmd.Stdout = say
	if p.leash, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	p.exited = make(chan struct{})
	cmd, exited := p.cmd, p.exited
	go func() {
		p.exit = cmd.Wait()
		_ = say.CloseWithError(io.EOF)
		close(exited)
	}()
	base, serves := make(chan string, 1), bufio.NewScanner(said)
	go func() {
		for serves.Scan() {
			if m := servingAt.FindStringSubmatch(serves.Text()); m != nil {
				base <- "http://" + m[1]
				break
			}
		}
		_, _ = io.Copy(io.Discard, said)
	}()
	return base, nil
}

// kill is kill -9: nothing that the program holds in memory survives, and nothing is finished.
func (p *process) kill() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Kill() // fails only when it is gone already
	<-p.exited
	_ = p.leash.Close()
	p.cmd = nil
	p.idle()
}

// terminate is SIGTERM. It holds that the program ends well within ten seconds, and returns how long it took.
func (p *process) terminate() time.Duration {
	p.t.Helper()
	p.idle() // a connection on which nothing was asked yet is waited for
	began := time.Now()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatalf("SIGTERM: %v\n%s", err, p.log)
	}
	ctx, cancel := context.WithTimeout(p.t.Context(), 30*time.Second)
	defer cancel()
	select {
	case <-p.exited:
	case <-ctx.Done():
		p.t.Errorf("30 s after SIGTERM it still runs\n%s", p.log)
		p.kill()
		return time.Since(began)
	}
	took := time.Since(began)
	if p.exit != nil {
		p.t.Errorf("after SIGTERM it ended with %v\n%s", p.exit, p.log)
	}
	if took > 10*time.Second {
		p.t.Errorf("ending took %s", took)
	}
	_ = p.leash.Close()
	p.cmd = nil
	p.idle()
	return took
}

// stopIfRunning ends what a test has left running, at its end.
func (p *process) stopIfRunning() {
	if p.cmd != nil {
		p.kill()
	}
	if strings.Contains(p.log.String(), "DATA RACE") {
		p.t.Errorf("a data race in the program:\n%s", p.log)
	}
	if strings.Contains(p.log.String(), "panic:") {
		p.t.Errorf("a panic in the program:\n%s", p.log)
	}
}

// sieve passes a program's log on without what is said of every request and every call: thousands of lines in which the one that matters is lost.
type sieve struct {
	to   io.Writer
	rest []byte
}

func (s *sieve) Write(b []byte) (int, error) {
	s.rest = append(s.rest, b...)
	for {
		end := bytes.IndexByte(s.rest, '\n') + 1
		if end == 0 {
			return len(b), nil
		}
		line := s.rest[:end]
		if !bytes.Contains(line, []byte(`"level":"INFO","msg":"request"`)) && !bytes.Contains(line, []byte(`"msg":"wechat call"`)) {
			if _, err := s.to.Write(line); err != nil {
				return 0, err
			}
		}
		s.rest = s.rest[end:]
	}
}

// idle lets the test's HTTP client forget connections to a process that has gone.
func (p *process) idle() { http.DefaultClient.CloseIdleConnections() }
