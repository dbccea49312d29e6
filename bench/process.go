package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// startWithin is how long a process may take to say that it is ready.
const startWithin = 60 * time.Second

// process is one that the harness started. It dies with the harness.
type process struct {
	cmd    *exec.Cmd
	log    string
	exited chan struct{}
}

// launch starts a program on the given cores with its output in a file of the folder.
func (h *house) launch(name string, on []int, env []string, program string, args ...string) (*process, error) {
	h.started++
	p := &process{log: filepath.Join(h.dir, fmt.Sprintf("%03d-%s.log", h.started, name)), exited: make(chan struct{})}
	file, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // the process has its own
	p.cmd = exec.Command(program, args...)
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = env, file, file
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := h.cores.startOn(p.cmd, on); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is in its log
		close(p.exited)
	}()
	h.running = append(h.running, p)
	return p, nil
}

// await waits until ask says yes, and shows the end of the log when the process ends or is too late.
func (p *process) await(ctx context.Context, ask func() bool) error {
	late := time.NewTimer(startWithin)
	defer late.Stop()
	for !ask() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.exited:
			return errors.New("ended at its start:\n" + p.tail())
		case <-late.C:
			return errors.New("did not become ready:\n" + p.tail())
		case <-time.After(5 * time.Millisecond):
		}
	}
	return nil
}

// stop asks the process to end, and ends it after a while.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // it may be gone
	select {
	case <-p.exited:
	case <-time.After(12 * time.Second):
		p.kill()
	}
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may be gone
	<-p.exited
}

func (p *process) tail() string {
	text, _ := os.ReadFile(p.log)
	if len(text) > 4000 {
		text = text[len(text)-4000:]
	}
	return string(bytes.TrimSpace(text))
}

// ticksPerSecond is the unit of /proc/PID/stat, the same on every Linux that Go runs on.
const ticksPerSecond = 100

// cpu is the processor time the process has used so far. Unlike the time on the wall it hardly drifts on a machine that others use too.
func (p *process) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, ok := strings.Cut(string(text), ") ") // the name before may hold anything
	fields := strings.Fields(rest)
	if !ok || len(fields) < 13 {
		return 0, fmt.Errorf("unreadable process state %q", text)
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * (time.Second / ticksPerSecond), errors.Join(err, err2)
}

// memory is the resident memory in MB, now and at its highest so far.
func (p *process) memory() (now, peak float64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		name, value, _ := strings.Cut(line, ":")
		kb, _ := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 64)
		switch name {
		case "VmRSS":
			now = kb / 1024
		case "VmHWM":
			peak = kb / 1024
		}
	}
	if now == 0 {
		return 0, 0, fmt.Errorf("unreadable process status of %d", p.cmd.Process.Pid)
	}
	return now, peak, nil
}

// freePort picks a port below those that systems hand out to outgoing connections.
func freePort() (int, error) {
	for range 50 {
		port := 20000 + rand.IntN(12000)
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("no free port between 20000 and 32000")
}

// answers reports whether a GET is answered with 200.
func answers(url string) bool {
	res, err := http.Get(url)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// installed finds a program, also in the folders of administrators' programs, which an ordinary user's PATH lacks.
func installed(name string) (string, bool) {
	if path, err := exec.LookPath(name); err == nil {
		return path, true
	}
	for _, dir := range []string{"/usr/sbin", "/usr/local/sbin", "/usr/libexec"} {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, true
		}
	}
	return "", false
}
