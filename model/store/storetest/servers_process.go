package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// program finds an installed program, also in the folders of administrators' programs, which an ordinary user's PATH lacks.
func program(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err == nil {
		return path, nil
	}
	for _, dir := range []string{"/usr/sbin", "/usr/local/sbin", "/usr/libexec"} {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	return "", err
}

// freePort picks a port below those that systems hand out to outgoing connections, so that a server stopped for a while finds its port free again.
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

// process is one running server and its leash: a small shell that waits on a pipe from this process and, when the pipe
// breaks because the test process was killed or has panicked, kills the server and removes its folder.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{}
	leash  *exec.Cmd
	hold   io.WriteCloser
	folder string // removed after the end; empty when the test removes it
	once   sync.Once
}

// launch starts a program and returns when a line of its output contains ready. dir is removed if this process dies.
func launch(dir, ready, path string, args ...string) (*process, error) {
	out := &watcher{want: ready, seen: make(chan struct{})}
	p := &process{cmd: exec.Command(path, args...), exited: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.Dir = out, out, dir
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // An interrupt at the keyboard is for the test alone.
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait() // A server that is killed always ends with an error.
		close(p.exited)
	}()
	if err := p.tie(dir); err != nil {
		p.kill()
		return nil, err
	}
	limit := time.NewTimer(startWithin)
	defer limit.Stop()
	select {
	case <-out.seen:
		house.keep(p)
		return p, nil
	case <-p.exited:
	case <-limit.C:
	}
	p.kill()
	return nil, fmt.Errorf("%s did not become ready:\n%s", filepath.Base(path), out.tail())
}

func (p *process) tie(dir string) error {
	p.leash = exec.Command("/bin/sh", "-c", `read -r word; [ "$word" = loose ] || { kill -9 "$1"; rm -rf "$2"; }`, "leash", fmt.Sprint(p.cmd.Process.Pid), dir)
	p.leash.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var err error
	if p.hold, err = p.leash.StdinPipe(); err != nil {
		return err
	}
	return p.leash.Start()
}

// kill ends the server at once, as a crash would, and waits until it is gone. It may be called again.
func (p *process) kill() {
	p.once.Do(func() {
		_ = p.cmd.Process.Kill() // Fails only when the server is gone already.
		<-p.exited
		if p.leash.Process != nil {
			_, _ = io.WriteString(p.hold, "loose\n")
			_ = p.hold.Close()
			_ = p.leash.Wait()
		}
		if p.folder != "" {
			_ = os.RemoveAll(p.folder) // What is left lies in the system's temporary folder.
		}
	})
}

// watcher keeps the end of a server's output and tells when a wanted line has come.
type watcher struct {
	want string
	seen chan struct{}

	mu   sync.Mutex
	once sync.Once
	text []byte
}

func (w *watcher) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, b...)
	if bytes.Contains(w.text, []byte(w.want)) {
		w.once.Do(func() { close(w.seen) })
	}
	if extra := len(w.text) - 16<<10; extra > 0 {
		w.text = slices.Clone(w.text[extra:])
	}
	return len(b), nil
}

func (w *watcher) tail() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return string(w.text)
}
